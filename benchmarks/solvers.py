"""The fits of a real training, by our Newton's method and by glum.

Usage: pip install glum && python benchmarks/solvers.py [--households N] [--rows N] [--runs N] [--threads N]

Trains on an invented register of N households (two as-of days), and a hazard on the same rows, and keeps every problem
that our solvers are given on the way: design, outcomes, weights, offsets, penalties, where they begin. Then solves each
with ours and with glum in turn, and prints for each kind of problem the seconds of processor time (of all threads), the
ratio of each pair of runs, and how far apart coefficients (relative to the largest) and probabilities are. glum refuses
outcomes above one, which stand for relapses that are not entered yet; such problems are counted and left out.

With `--rows` only the largest logistic problem and the largest hazard are solved, on as many rows drawn from their own
with replacement: what a prefecture of 80,000 households and two days (120,000 rows) would give. With `--threads 2` (of
BLAS and OpenMP) the same as a program that leaves threads as they are; fitting in the library sets one.
"""

import argparse
import sys
import time
import warnings
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from functools import wraps
from statistics import median
from typing import Any
from unittest.mock import patch

import numpy as np
from glum import GeneralizedLinearRegressor
from scipy.special import expit
from threadpoolctl import threadpool_limits

import relapse_risk as rr
from relapse_risk.metrics import Floats, fit_logistic
from relapse_risk.models import HazardClassifier
from relapse_risk.models.hazard.solver import fit_cloglog

DAYS = ("2017-12-31", "2018-12-31")
SEED = 0
FEW_COLUMNS = 3
INVERSES: dict[str, Callable[[Floats], Floats]] = {"logit": expit, "cloglog": lambda rate: -np.expm1(-np.exp(rate))}


@dataclass(frozen=True, kw_only=True)
class Problem:
    """What one of our solvers was given."""

    link: str
    design: Floats
    outcome: Floats
    weight: Floats
    offset: Floats
    ridge: Floats
    toward: Floats
    start: Floats | None

    @property
    def kind(self) -> str:
        """What it is part of."""
        columns = self.design.shape[1]
        if self.link == "cloglog":
            return "hazard"
        return "recalibration" if columns <= FEW_COLUMNS else "logistic"

    def drawn(self, rows: int) -> "Problem":
        """Return the problem on rows drawn with replacement."""
        n = len(self.outcome)
        chosen = np.random.default_rng(SEED).integers(0, n, rows)
        taken = {name: getattr(self, name)[chosen] for name in ("outcome", "weight", "offset")}
        return replace(self, design=np.asfortranarray(self.design[chosen]), **taken)

    @property
    def refused(self) -> bool:
        """Whether glum refuses it."""
        return bool(self.outcome.max() > 1)

    def ours(self) -> Floats:
        """Return our coefficients."""
        given = (self.design, self.outcome, self.weight)
        if self.link == "logit":
            return fit_logistic(*given, ridge=self.ridge, toward=self.toward, start=self.start)
        return fit_cloglog(*given, offset=self.offset, ridge=self.ridge, start=self.start)

    def glums(self, tolerance: float) -> Floats:
        """Return glum's coefficients; it draws to zero alone, so that what they are drawn to goes to the offset."""
        model = GeneralizedLinearRegressor(
            family="binomial",
            link=self.link,
            alpha=1.0,
            P2=self.ridge / self.weight.sum(),
            fit_intercept=False,
            solver="irls-ls",
            gradient_tol=tolerance,
            start_params=None if self.start is None else self.start - self.toward,
        )
        offset = self.offset + self.design @ self.toward
        model.fit(self.design, self.outcome, sample_weight=self.weight, offset=offset)
        return np.asarray(model.coef_ + self.toward)

    def apart(self, one: Floats, other: Floats) -> tuple[float, float]:
        """Return the largest difference of a coefficient (over the largest of all) and of a probability."""
        risks = [INVERSES[self.link](self.design @ at + self.offset) for at in (one, other)]
        return np.abs(one - other).max() / np.abs(one).max(), np.abs(risks[0] - risks[1]).max()


@contextmanager
def watched(solver: Any, problem_of: Callable[..., Problem]) -> Iterator[list[Problem]]:
    """Keep every problem that a solver is given, wherever it was imported to."""
    kept: list[Problem] = []

    @wraps(solver)
    def record_out_of_fold(design: Floats, outcome: Floats, weight: Floats, **others: Any) -> Floats:
        kept.append(problem_of(design=design, outcome=outcome, weight=weight, **others))
        return np.asarray(solver(design, outcome, weight, **others))

    with ExitStack() as stack:
        for name, module in sorted(sys.modules.items()):
            if name.startswith("relapse_risk") and vars(module).get(solver.__name__) is solver:
                stack.enter_context(patch.object(module, solver.__name__, record_out_of_fold))
        yield kept


def logistic_problem(*, outcome: Floats, start: Floats | None = None, **others: Any) -> Problem:
    return Problem(link="logit", outcome=outcome, offset=np.zeros(len(outcome)), start=start, **others)


def hazard_problem(*, ridge: Floats, start: Floats | None = None, **others: Any) -> Problem:
    return Problem(link="cloglog", ridge=ridge, toward=np.zeros(len(ridge)), start=start, **others)


def problems_of(households: int) -> list[Problem]:
    """Train on an invented register, and a hazard on the rows of its largest problem, and return what was solved."""
    records = rr.read_records(rr.synthesise(households=households, seed=SEED).tables).records
    rr.train  # noqa: B018  # loads what is watched
    with watched(fit_logistic, logistic_problem) as logistic:
        rr.train(records, as_of=DAYS)
    base = max(logistic, key=lambda one: one.design.size)
    months = np.where(base.outcome > 0, np.random.default_rng(SEED).integers(1, 13, len(base.outcome)), 12)
    with watched(fit_cloglog, hazard_problem) as hazard:
        model = HazardClassifier(random_state=SEED)
        model.fit(base.design[:, 1:], base.outcome, sample_weight=base.weight, months=months.astype(float))
    return [*logistic, *hazard]


def largest(problems: Sequence[Problem], rows: int) -> list[Problem]:
    """Return the largest logistic problem and the largest hazard, on so many rows (a hazard's are several a row)."""
    kinds = ("logistic", "hazard")
    found = [max((one for one in problems if one.kind == kind), key=lambda one: one.design.size) for kind in kinds]
    per_row = len(found[1].outcome) / len(found[0].outcome)
    return [found[0].drawn(rows), found[1].drawn(round(rows * per_row))]


def seconds_of(solve: Callable[[], Floats]) -> tuple[Floats, float]:
    begin = time.process_time()
    found = solve()
    return found, time.process_time() - begin


def compare(problems: Sequence[Problem], runs: int, tolerance: float) -> None:
    kinds: dict[str, list[Problem]] = defaultdict(list)
    for problem in problems:
        kinds[problem.kind].append(problem)
    for kind, given in kinds.items():
        group = [problem for problem in given if not problem.refused]
        if len(group) < len(given):
            print(f"{kind}: glum refuses {len(given) - len(group)} of {len(given)} fits, with outcomes above one")
        used, apart = [], []
        for run in range(runs):
            total = np.zeros(2)
            for place, problem in enumerate(group):
                solvers = (problem.ours, lambda problem=problem: problem.glums(tolerance))
                found: dict[int, Floats] = {}
                for turn in (0, 1) if (run + place) % 2 else (1, 0):
                    found[turn], seconds = seconds_of(solvers[turn])
                    total[turn] += seconds
                apart.append(problem.apart(found[0], found[1]))
            used.append(total)
        report(kind, group, used, np.array(apart).max(axis=0))


def report(kind: str, group: Sequence[Problem], used: Sequence[Floats], apart: Floats) -> None:
    rows, columns = (sorted(one.design.shape[axis] for one in group) for axis in (0, 1))
    ratios = [float(glums / ours) for ours, glums in used]
    ours, glums = np.median(used, axis=0)
    print(
        f"{kind}: {len(group)} fits, {rows[0]:,} to {rows[-1]:,} rows, {columns[0]} to {columns[-1]} columns; "
        f"ours {ours:.3f} s, glum {glums:.3f} s, glum / ours {median(ratios):.2f} "
        f"({min(ratios):.2f} to {max(ratios):.2f}); apart: coefficients {apart[0]:.1e}, probabilities {apart[1]:.1e}",
        flush=True,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=2_000)
    parser.add_argument("--rows", type=int)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--tolerance", type=float, default=1e-8, help="glum's, of the mean gradient")
    options = parser.parse_args()
    warnings.filterwarnings("ignore", "Sigmoid function too close", UserWarning)  # glum's, of every hazard
    problems = problems_of(options.households)
    if options.rows:
        problems = largest(problems, options.rows)
    with threadpool_limits(options.threads):
        compare(problems, options.runs, options.tolerance)


if __name__ == "__main__":
    main()
