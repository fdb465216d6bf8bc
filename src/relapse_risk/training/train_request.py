"""What may be asked of `train` and of `evaluate`: every option declared here, once."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from numbers import Integral, Real
from typing import Any, Literal, get_args

import polars as pl

from relapse_risk.errors import InputError, require_kind
from relapse_risk.evaluation import Scheme
from relapse_risk.features import DEFAULT_BUILDERS, Builder
from relapse_risk.labels.cohort import Cohort
from relapse_risk.labels.relapse import Label
from relapse_risk.periods import MOST_HORIZON, AsOf
from relapse_risk.policy import Policy, read_policy
from relapse_risk.progress import Progress, silent
from relapse_risk.requests import on_command_line

__all__ = ["Baseline", "Day", "EvaluateRequest", "SampleRequest", "TrainRequest"]

Day = str | date | AsOf

Baseline = Literal["policy_rule", "income", "vulnerability", "logistic", "lightgbm"]
"""What a county would otherwise use, and LightGBM, which knows of no reasons."""


@dataclass(frozen=True, kw_only=True, eq=False)
class SampleRequest:
    """What to learn from, on which days, and what to try on it.

    Attributes
    ----------
    as_of : day or sequence of days, optional
        Days with outcomes known by now. With several, models are also tested forward in time. If none are given, four
        month ends a year over the last three years whose outcomes are known, each household on one of them a year.
    horizon : int
        Months after the day in which a relapse counts.
    label : {"auto", "recorded", "income", "after_fixed_expenditure"}
        What a relapse is, see `label_relapse`.
    cohort : {"wide", "narrow"}
        Who is at risk, see `find_cohort`.
    model : estimator, optional
        One of ``relapse_risk.models``; by default `ReasonAdditiveClassifier`, or `LogisticClassifier` where that did
        better on later days (see `train`). Its reasons, signs, random state and
        horizon, where it has one, are set here.
    baselines : sequence of {"policy_rule", "income", "vulnerability", "logistic", "lightgbm"}
        What to compare with. The logistic model is always tried where it may be returned.
    known_by : day, optional
        Nothing recorded later is looked at; by default, all of the records.
    builders : sequence of Builder
        What to build features with.
    policy : Policy, optional
        Poverty lines and thresholds; built-in by default.
    seed : int
        The same records, arguments and seed give the same result, byte by byte.
    progress : Progress
        Told the stages ``label``, ``features`` and ``evaluate``, and where there is such, ``fit`` or ``judge``.

    Raises
    ------
    InputError
        If an empty list of days is given (``train_no_day``), or one that is none (``day_unreadable``,
        ``day_out_of_range``); if policy or seed are something else (``argument_kind``, ``seed_number``); if there is no
        such baseline (``baseline_unknown``).

    Examples
    --------
    >>> SampleRequest(as_of=["2018-12-31", "2017-12-31"]).days[0].day
    datetime.date(2017, 12, 31)
    """

    as_of: Day | Sequence[Day] | None = field(default=None, metadata=on_command_line("DATE", several=True))
    horizon: int = field(default=12, metadata=on_command_line("MONTHS", least=1, most=MOST_HORIZON))
    label: Label = field(default="auto", metadata=on_command_line("LABEL"))
    cohort: Cohort = field(default="wide", metadata=on_command_line("wide|narrow"))
    model: Any = None
    baselines: Sequence[Baseline] = field(
        default=("policy_rule", "income", "vulnerability", "logistic"),
        metadata=on_command_line("NAME", several=True),
    )
    known_by: Day | None = None
    builders: Sequence[Builder] = DEFAULT_BUILDERS
    policy: Policy | None = None
    seed: int = 0
    progress: Progress = silent

    def __post_init__(self) -> None:
        require_kind("policy", self.rules, Policy)
        if not isinstance(self.seed, Integral) or not 0 <= int(self.seed) < 2**63:
            raise InputError("seed_number", seed=self.seed)
        if self.as_of is not None and not self.days:
            raise InputError("train_no_day")
        known = get_args(Baseline)
        for name in [self.baselines] if isinstance(self.baselines, str) else self.baselines:
            if name not in known:
                raise InputError("baseline_unknown", baseline=name, known=", ".join(known))

    @cached_property
    def days(self) -> tuple[AsOf, ...]:
        """The as-of days asked for, in order, each once; none where the training chooses."""
        if self.as_of is None:
            return ()
        given = self.as_of if isinstance(self.as_of, Iterable) and not isinstance(self.as_of, str) else [self.as_of]
        return tuple(sorted({AsOf.of(day) for day in given}))

    @cached_property
    def rules(self) -> Policy:
        """The requested policy, else the built-in one."""
        return read_policy() if self.policy is None else self.policy


@dataclass(frozen=True, kw_only=True, eq=False)
class TrainRequest(SampleRequest):
    """What to train, on which days, on how many rows.

    Attributes
    ----------
    controls : float
        Share of the rows without a relapse that are kept, drawn by a hash of household and day; each then counts for
        those that are left out with it. All relapses are kept.

    Raises
    ------
    InputError
        If it is no share above 0 and up to 1 (``controls_share``).
    """

    controls: float = field(default=1.0, metadata=on_command_line("SHARE"))

    def __post_init__(self) -> None:
        super().__post_init__()
        if isinstance(self.controls, bool) or not (isinstance(self.controls, Real) and 0 < self.controls <= 1):
            raise InputError("controls_share", found=self.controls)


@dataclass(frozen=True, kw_only=True, eq=False)
class EvaluateRequest(SampleRequest):
    """What to evaluate, on which days, and what to hold out.

    Attributes
    ----------
    scheme : {"auto", "time", "county", "village", "household"}
        What is held out, see `plan_scheme`.
    baselines : sequence of {"policy_rule", "income", "vulnerability", "logistic", "lightgbm"}
        What to compare with; all of them by default.
    visits : pl.DataFrame, optional
        household_id, as_of, visited_on and inclusion_probability (1 for the listed, n / N for those drawn at random,
        between them for those listed by a visit that the draw left over) of everybody who was visited when the horizon
        of a list was over. Whoever is visited is found out more often; of days with visits, only the visited are then
        judged, each standing for 1 / inclusion_probability households (`visit_weights`).
    """

    scheme: Scheme = field(default="auto", metadata=on_command_line("SCHEME"))
    baselines: Sequence[Baseline] = field(default=get_args(Baseline), metadata=on_command_line("NAME", several=True))
    visits: pl.DataFrame | None = None
