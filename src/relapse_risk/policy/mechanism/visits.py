"""Visits: how many are drawn at random, what is filled in, what can be found (``listing.toml``, ``visits.toml``)."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.mechanism.cited import one_of, only_built_in
from relapse_risk.policy.model import Entries, PolicyModel, refuse

__all__ = [
    "VISIT_MARK",
    "VISIT_STEPS",
    "EndlineRule",
    "ListingPolicy",
    "VisitColumn",
    "VisitFinding",
    "VisitsPolicy",
]

VISIT_STEPS = (
    *("random", "endline", "rule_red", "overdue", "minimum", "model_red", "rule_orange", "model_orange", "revisit"),
    *("rule_yellow", "model_yellow"),
)
"""What takes visits of a month; the order is the office's."""

VISIT_MARK = "relapse_risk visits 1"
"""Stands in the first cell of the sheet of a visit workbook that is not for people, with the version of its layout."""


class RandomDraw(PolicyModel):
    """The share of the capacity that is drawn at random outside the list."""

    share: float = Field(ge=0, le=1)


class EndlineRule(PolicyModel):
    """Visits at the end of the horizon, without which nobody knows what became of those that were drawn.

    Attributes
    ----------
    listed_share : float
        How many of the listed are visited then, for each household drawn in the same month.
    months : int
        For how many months such a visit stays due.
    entry_days : int
        Days after which what it found is in the register.
    least_relapses : int
        Of those drawn: with fewer no share of the relapses is estimated.
    """

    listed_share: float = Field(gt=0)
    months: int = Field(ge=1)
    entry_days: int = Field(ge=0)
    least_relapses: int = Field(ge=1)


class VisitOrder(PolicyModel):
    """Who takes the visits of a month first.

    Attributes
    ----------
    visits : tuple of str
        Every one of `VISIT_STEPS` once; among them may stand codes of hard rules.
    """

    visits: Entries[str]

    @model_validator(mode="after")
    def _every_step_once(self) -> Self:
        missing = [step for step in VISIT_STEPS if step not in self.visits]
        if missing or len(set(self.visits)) < len(self.visits):
            refuse("allowed_steps", key="visits", found=self.visits, known=", ".join(VISIT_STEPS))
        return self


class CurvePoints(PolicyModel):
    """At which shares of the households at risk the curve of visits is given."""

    shares: Entries[Annotated[float, Field(gt=0, le=1)]]


class ListingPolicy(PolicyModel):
    """What ``listing.toml`` holds.

    Attributes
    ----------
    headers : Mapping of str to tuple of str
        What the columns of a table of visits by area may be called.
    random : RandomDraw
    endline : EndlineRule
    order : VisitOrder
    curve : CurvePoints

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> read_policy().mechanism.listing.order.visits[:3]
    ('relapsed', 'rule_red', 'random')
    """

    headers: Mapping[Annotated[str, one_of("county", "town", "village", "visits")], Entries[str]]
    random: RandomDraw
    endline: EndlineRule
    order: VisitOrder
    curve: CurvePoints


class VisitFinding(Bilingual):
    """One thing a visit can find.

    Attributes
    ----------
    also : tuple of str
        Other wordings that are read as it.
    acts : tuple of str
        What is entered in the ledger, in this order: ``visited`` (always first), ``proposed`` (to clear), ``cleared``,
        ``refused``, ``wrong_record``; nothing where nobody was met.
    remark : bool
        Whether the remark must say more.
    then : Bilingual
        What becomes of it.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> read_policy().mechanism.visits.findings["risk_gone"].acts
    ('visited', 'proposed')
    """

    also: tuple[str, ...] = ()
    acts: tuple[Literal["visited", "proposed", "cleared", "refused", "wrong_record"], ...] = ()
    remark: bool
    then: Bilingual

    @model_validator(mode="after")
    def _visited_first(self) -> Self:
        if "visited" in self.acts[1:]:
            refuse("allowed_acts", key="acts", found=self.acts)
        return self


class VisitColumn(Bilingual):
    """A column of the workbook, and other headers that are read as it."""

    also: tuple[str, ...] = ()


class ChangeBounds(PolicyModel):
    """From which change of the odds on a household is worse, or better."""

    odds_ratio: float = Field(gt=1)


class VisitsPolicy(PolicyModel):
    """What ``visits.toml`` holds.

    Attributes
    ----------
    findings : Mapping of str to VisitFinding
        In the order they are offered.
    columns : Mapping of str to VisitColumn
        Of the workbook, in their order.
    listed_for, changes, texts, notes : Mapping of str to Bilingual
    bounds : ChangeBounds
    rules : Mapping of str to Bilingual
        Why a row is refused.
    """

    findings: Mapping[str, VisitFinding]
    columns: Annotated[Mapping[str, VisitColumn], only_built_in("visits", "columns")]
    listed_for: Annotated[Mapping[str, Bilingual], only_built_in("visits", "listed_for")]
    changes: Annotated[Mapping[str, Bilingual], only_built_in("visits", "changes")]
    bounds: ChangeBounds
    rules: Annotated[Mapping[str, Bilingual], only_built_in("visits", "rules")]
    texts: Annotated[Mapping[str, Bilingual], only_built_in("visits", "texts")]
    notes: Annotated[Mapping[str, Bilingual], only_built_in("visits", "notes")]
