"""What a model card says, before it is put into words: data only, in no language."""

from collections.abc import Mapping
from dataclasses import dataclass

from relapse_risk.reports.roster_report import ModelFacts

__all__ = ["ModelCard", "ModelInput"]


@dataclass(frozen=True, kw_only=True)
class ModelInput:
    """A column that a model reads.

    Attributes
    ----------
    name : str
    reason : str
        What its effect is counted under.
    table : str
        The record table that it is made from.
    words : Mapping of str to str
        What it is called, by language.
    """

    name: str
    reason: str
    table: str
    words: Mapping[str, str]


@dataclass(frozen=True, kw_only=True)
class ModelCard:
    """What a reader of a bundle should know before it is used. It holds no household, no person, no place.

    Attributes
    ----------
    model : ModelFacts
    kind : str
        The name of the estimator.
    inputs : tuple of ModelInput
        In the order of the model.
    rough_level : bool
        Whether so few relapses were trained on that the level of the probabilities is rough.
    unreported_share : float
        Share of relapse entries that were still to come when it was trained.
    carried_forward_line : int
        Outcomes judged by the last line before a year that has none of its own.
    past_years : tuple of (str, float)
        For each day that was predicted from earlier ones, by how much all log-odds were off.
    village_shock : float or None
        Standard deviation, in log-odds, of what the households of a village share in a year; None where not known.
    versions : Mapping of str to str
        Releases it was made with, by library.
    """

    model: ModelFacts
    kind: str
    inputs: tuple[ModelInput, ...]
    rough_level: bool
    unreported_share: float
    carried_forward_line: int
    past_years: tuple[tuple[str, float], ...]
    village_shock: float | None
    versions: Mapping[str, str]
