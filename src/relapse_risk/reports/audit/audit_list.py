"""Findings to be gone through by hand: of the whole audit, or of one place alone."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property

import polars as pl

from relapse_risk.audit import one_line_per_fault
from relapse_risk.policy import AuditPolicy

__all__ = ["ANOMALIES", "SEVERITIES", "AuditList"]

SEVERITIES = ("refuse", "warn", "note")
"""The gravest first."""
ANOMALIES = "anomalies"
"""The family of the rules that tell of anomalies."""

_GRAVE = {name: place for place, name in enumerate(SEVERITIES)}
_SAME = ("severity", "standing", "answer")


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditList:
    """Findings to be gone through by hand.

    Attributes
    ----------
    lines : pl.DataFrame
        ``AuditContent.table``, or the part of it that is of a place.
    rules : pl.DataFrame
        The account of rules (``AuditResult.rules``).
    policy : AuditPolicy
        Names of rules, and what to do.
    exported_on : date or None
        The day the records were exported.
    place : str or None
        The place it is of; None for the whole.
    """

    lines: pl.DataFrame
    rules: pl.DataFrame
    policy: AuditPolicy
    exported_on: date | None
    place: str | None = None

    @cached_property
    def once(self) -> pl.DataFrame:
        """The lines, the gravest first, a person's fault over the years told of once (see `one_line_per_fault`)."""
        grave = pl.col("severity").replace_strict(_GRAVE, return_dtype=pl.UInt8)
        ordered = self.lines.sort(grave, "source", "sheet", "row", "column", maintain_order=True)
        return one_line_per_fault(ordered, besides=_SAME)

    @cached_property
    def by_rule(self) -> pl.DataFrame:
        """Every rule with lines, the gravest first: how many by severity and in all, and how many rows it judged."""
        counted = self.lines.group_by("rule").agg(
            pl.len().alias("findings"), *((pl.col("severity") == name).sum().alias(name) for name in SEVERITIES)
        )
        gravest = pl.coalesce(pl.when(pl.col(name) > 0).then(place) for name, place in _GRAVE.items())
        described = self.rules.select("rule", "family", "judged", "not_judged").with_row_index("_place")
        joined = counted.join(described, on="rule", how="left")
        return (
            joined.with_columns(pl.col("family").fill_null(ANOMALIES))
            .sort(gravest, "_place", "rule", nulls_last=True)
            .drop("_place")
        )
