"""What an evaluation says, before it is put on a page: data only, in no language."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from relapse_risk.evaluation.checks import CheckFinding
from relapse_risk.evaluation.model_report import ModelReports

__all__ = ["EvaluationContent"]
from relapse_risk.reports.roster_report import Remark


@dataclass(frozen=True, kw_only=True)
class EvaluationContent:
    """What an evaluation says.

    Attributes
    ----------
    scheme : str
        How rows were left out for testing: ``time``, ``county``, ``village`` or ``household``.
    forward : bool
        Whether every trial learned only from outcomes known by the day it tested.
    label, cohort : str
        ``recorded``, ``income`` or ``after_fixed_expenditure``; ``wide`` or ``narrow``.
    horizon : int
        Months.
    as_of : tuple of date
        Every as-of day, tested or only learned from.
    known_by : date
        Nothing recorded later was looked at.
    unreported_share : float
        Estimated part of the relapses that is still to be entered.
    trials : int
        Fits of each model.
    untested : int
        Rows with a known outcome that were not tested: of days before which too little was known, or of no county.
    weighted : bool
        Whether households have a weight.
    clusters : str
        What the bootstrap draws whole: ``village`` or ``household``.
    as_trained : bool
        Whether `train` tests in the same way: the default scheme, and no visits that weight households.
    protected : tuple of Mapping
        What the records have and no model was given, as no household is ranked by it: its wording by language.
    judgement : ModelReports
    findings : tuple of CheckFinding
        Of the numbered checks, the gravest first.
    remarks : tuple of Remark
        What else a reader must know, such as lines of other years.
    """

    scheme: str
    forward: bool
    label: str
    cohort: str
    horizon: int
    as_of: tuple[date, ...]
    known_by: date
    unreported_share: float
    trials: int
    untested: int
    weighted: bool
    clusters: str
    as_trained: bool
    protected: tuple[Mapping[str, str], ...]
    judgement: ModelReports
    findings: tuple[CheckFinding, ...]
    remarks: tuple[Remark, ...]
