"""Labels of several registers as those of one."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from types import MappingProxyType

import polars as pl

from relapse_risk.labels.relapse import Labels
from relapse_risk.labels.reporting_delay import overall_unreported, with_unreported

__all__ = ["pool_labels"]


def pool_labels(parts: Sequence[Labels], entries: pl.DataFrame, until: date) -> Labels:
    """Add up the counts of labels of one kind; what is still to come is estimated from the entries of all.

    Parameters
    ----------
    parts : sequence of Labels
        Of registers that have no household in common, on any days.
    entries : pl.DataFrame
        happened_on and entered_on of every relapse they had entered by `until`.
    until : date
        The last day known.

    Returns
    -------
    Labels
        Without rows.
    """
    of_days = pl.concat([one.days.select("as_of", "horizon_end", "at_risk", "known", "relapses") for one in parts])
    counts = pl.col("at_risk", "known", "relapses").sum()
    days = of_days.group_by("as_of", "horizon_end").agg(counts).sort("as_of")
    days = with_unreported(days, entries if parts[0].label == "recorded" else None, until)
    names = dict.fromkeys(name for one in parts for name in one.counts)
    return replace(
        parts[0],
        frame=parts[0].frame.clear(),
        counts=MappingProxyType({name: sum(one.counts.get(name, 0) for one in parts) for name in names}),
        days=days,
        unreported_share=overall_unreported(days),
        last_outcome=max((one.last_outcome for one in parts if one.last_outcome is not None), default=None),
    )
