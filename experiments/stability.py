"""How much of a list another training keeps: what is stated, and what comes out when households are truly redrawn.

Usage: python experiments/stability.py [--households N] [--first-seed S] [--seeds N]

Worlds as in truth.py. The households of each are dealt at random into two halves; a model is trained on either, and
both list the highest risks among the same households at the end of 2019. Stated is the share of its list that each
expects to be listed again; redrawn is the share that the two lists have in common. Then, of the households listed by
one, how many the other lists, by what was stated of them; and the same lists with near ties broken by stability and by
rank alone: how much two lists have in common, and the mean true risk of the listed.
"""

import argparse
import warnings
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from relapse_risk.alerts import Allocation, Capacity, rank_households, share_visits
from relapse_risk.models import LogisticClassifier
from relapse_risk.policy import URGENT_FIRST, read_policy
from relapse_risk.training.sample import places_of
from relapse_risk.training.trials import fit_predict, prepared
from truth import World, draw_world

MODELS = {"default": None, "logistic": LogisticClassifier()}
SHARES = (0.02, 0.05, 0.1)
CHANCES = (0.0, 0.25, 0.5, 0.75, 0.95, 1.0)


@dataclass(frozen=True, kw_only=True)
class Half:
    """The rows of half of the households, as a fold that nothing is tested in."""

    train: np.ndarray
    outcome: np.ndarray
    test: np.ndarray
    known_by: None = None


def halves(world: World, model: object, seed: int) -> Iterator[object]:
    """Yield the models fitted on either half of the households."""
    sample = world.material.sample
    homes = np.unique(sample.household)
    first = np.isin(sample.household, np.random.default_rng(seed).permutation(homes)[: len(homes) // 2])
    unfitted, places = prepared(model, sample.predictors, 12, seed), places_of(world.records, sample)
    for half in (first, ~first):
        rows, fitted = np.flatnonzero(half & np.isfinite(sample.relapsed)), []
        fit = fit_predict(unfitted, sample, sample.predictors, places, watch=lambda *told, to=fitted: to.append(told))
        fit(Half(train=rows, outcome=sample.relapsed[rows], test=rows[:1]))
        yield fitted[0][1], fitted[0][2].columns


def lists(world: World, half: tuple, share: float) -> tuple[Allocation, Allocation]:
    """Return the list of a half with near ties broken by stability, and by rank alone."""
    model, columns = half
    X = model.encode(world.tested.select(columns))
    risk = world.tested.select("household_id", ratio="income_over_line").with_columns(
        probability=model.predict_proba(X, world.place)[:, 1]
    )
    risk = risk.with_columns(rank=rank_households(risk, b"key"))
    thresholds = read_policy().thresholds
    exact = thresholds.model_copy(update={"near_tie": thresholds.near_tie.model_copy(update={"odds": 1.0})})
    redrawn, nowhere = model.redraw_log_odds(X, world.place), risk.select("household_id")
    return tuple(
        share_visits(risk, nowhere, Capacity(visits=share), one, "key", redrawn=redrawn.T)
        for one in (thresholds, exact)
    )


def listed(one: Allocation) -> np.ndarray:
    return one.tier.is_in(URGENT_FIRST).to_numpy()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--households", type=int, default=6_000)
    parser.add_argument("--first-seed", type=int, default=310)
    parser.add_argument("--seeds", type=int, default=6)
    options = parser.parse_args()
    warnings.simplefilter("ignore")
    found, of_chance, ties = defaultdict(list), defaultdict(list), defaultdict(list)
    print("| seed | model | list | stated | redrawn | difference |\n" + "| --- " * 6 + "|")
    for seed in range(options.first_seed, options.first_seed + options.seeds):
        world = draw_world(options.households, seed)
        for name, model in MODELS.items():
            both = list(halves(world, model, seed))
            for share in SHARES:
                (a, a_exact), (b, b_exact) = (lists(world, half, share) for half in both)
                stated, n = (a.overlap + b.overlap) / 2, listed(a).sum()
                redrawn = (listed(a) & listed(b)).sum() / n
                found[name, share].append((stated, redrawn))
                said = f"{stated:.3f} | {redrawn:.3f} | {stated - redrawn:+.3f}"
                print(f"| {seed} | {name} | {share:.0%} | {said} |", flush=True)
                for one, other in ((a, b), (b, a)):
                    of_chance[name].append((one.listed_again.to_numpy()[listed(one)], listed(other)[listed(one)]))
                by_rank = (listed(a_exact) & listed(b_exact)).sum() / n
                truth = [world.truth[listed(one)].mean() for one in (a, b, a_exact, b_exact)]
                moved = (listed(a) & ~listed(a_exact)).sum() + (listed(b) & ~listed(b_exact)).sum()
                ties[name, share].append((redrawn, by_rank, np.mean(truth[:2]), np.mean(truth[2:]), moved / 2 / n))
    for (name, share), rows in found.items():
        stated, redrawn = np.mean(rows, axis=0)
        print(f"| all | {name} | {share:.0%} | {stated:.3f} | {redrawn:.3f} | {stated - redrawn:+.3f} |")
    print("\n| model | stated of a household | households | mean stated | listed by the other |\n" + "| --- " * 5 + "|")
    for name, rows in of_chance.items():
        chance, again = (np.concatenate(part) for part in zip(*rows, strict=True))
        at = np.minimum(np.digitize(chance, CHANCES[1:-1]), len(CHANCES) - 2)
        for part in np.unique(at):
            some, between = at == part, f"{CHANCES[part]:.0%}-{CHANCES[part + 1]:.0%}"
            print(f"| {name} | {between} | {some.sum():,} | {chance[some].mean():.3f} | {again[some].mean():.3f} |")
    print("\n| model | list | in common: near ties by stability | by rank | true risk | by rank | share changed |")
    print("| --- " * 7 + "|")
    for (name, share), rows in ties.items():
        common, by_rank, risk, risk_by_rank, moved = np.mean(rows, axis=0)
        print(
            f"| {name} | {share:.0%} | {common:.3f} | {by_rank:.3f} | {risk:.4f} | {risk_by_rank:.4f} | {moved:.3f} |"
        )


if __name__ == "__main__":
    main()
