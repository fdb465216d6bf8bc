"""What a month takes from earlier ones: what its input no longer has, their scores by new numbers, their outcomes."""

from collections.abc import Sequence
from datetime import date
from typing import Protocol

import polars as pl

from relapse_risk.bundle import Bundle
from relapse_risk.cycle.earlier_numbers import renamed_households
from relapse_risk.cycle.endline import endline_visits
from relapse_risk.cycle.visiting import visits_of
from relapse_risk.errors import InputError, Phrase
from relapse_risk.labels import label_scored
from relapse_risk.monitoring import (
    Gap,
    InputProfile,
    Ledger,
    Realised,
    find_gaps,
    realised_outcomes,
    scored_households,
)
from relapse_risk.periods import AsOf, Horizon
from relapse_risk.policy import Policy, Texts, read_policy
from relapse_risk.records import AsOfView, AsOfViews, SourceSheet
from relapse_risk.reports import remark_text

__all__ = ["earlier_outcomes", "gaps_since"]

_MONTHS = 12
"""How many months are looked back upon: the newest ones whose horizon is over."""


class _Asked(Protocol):
    @property
    def renumbered(self) -> pl.DataFrame | None: ...

    @property
    def accept_gaps(self) -> bool: ...


def gaps_since(
    ledger: Ledger, previous: date | None, profile: InputProfile, asked: _Asked, sheets: Sequence[SourceSheet] = ()
) -> tuple[Gap, ...]:
    """Return what is missing since the month before; in the first month nothing is.

    Raises
    ------
    InputError
        If something is, and that is not accepted (``input_gaps``).
    """
    packed = None if previous is None else ledger.inputs(previous)
    if packed is None:
        return ()
    other = asked.renumbered
    numbers = {} if other is None else dict(other.select("household_id", "became").drop_nulls().iter_rows())
    gaps = find_gaps(InputProfile.unpack(packed), profile, ledger.cycle.inputs, numbers, sheets)
    if gaps and not asked.accept_gaps:
        raise InputError("input_gaps", previous=previous, gaps=_GapLines(gaps))
    return gaps


class _GapLines(Phrase):
    """Gaps in words, each on a line of its own."""

    def __init__(self, gaps: tuple[Gap, ...]) -> None:
        self.gaps = gaps

    def in_language(self, lang: str) -> str:
        """Return them in a language."""
        return "".join(f"\n  - {remark_text(gap, Texts(lang))}" for gap in self.gaps) + "\n"


def earlier_outcomes(
    view: AsOfView,
    bundle: Bundle,
    ledger: Ledger,
    renumbered: pl.DataFrame | None = None,
    policy: Policy | None = None,
) -> Realised | None:
    """Return the outcomes of earlier months known on a day; None if no horizon is over or the records have no outcomes.

    Parameters
    ----------
    view : AsOfView
        Of the day: nothing recorded after it is looked at, and no visit after it.
    bundle : Bundle
        Its label and horizon say what an outcome is; who was at risk, the scores of each month say.
    ledger : Ledger
    renumbered : pl.DataFrame, optional
        household_id (as it was) and became, of households that have another number now.
    policy : Policy, optional
        Who is visited at the end of a horizon.
    """
    rule = (policy or read_policy()).mechanism.listing.endline
    on, horizon = view.as_of.day, Horizon(months=bundle.horizon)
    over = [month for month in ledger.months() if horizon.end(AsOf(month)) <= on][-_MONTHS:]
    scores = {month: packed for month in over if (packed := ledger.scores(month)) is not None}
    if not scores or (bundle.label == "recorded" and view.known.table("relapses") is None):
        return None
    of_months = [scored_households(packed).with_columns(as_of=pl.lit(month)) for month, packed in scores.items()]
    everybody = renamed_households(pl.concat(of_months), renumbered)
    labels = label_scored(everybody, AsOfViews.of(view), bundle.horizon, label=bundle.label, known_by=on)
    listings = ledger.listings().filter(pl.col("as_of").is_in(list(scores)))
    visits = visits_of(ledger, until=on).filter(pl.col("as_of").is_in(list(scores)))
    endline = endline_visits(ledger, bundle.horizon, rule, on).filter(pl.col("as_of").is_in(list(scores)))
    return realised_outcomes(
        everybody, listings, labels, on=on, visits=visits, endline=endline, least_relapses=rule.least_relapses
    )
