"""What is said of a run over counties: each county, and all together."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.bundle import Bundle
from relapse_risk.partitions import CountiesRun, CountyDone, CountyFailure, county_table
from relapse_risk.periods import AsOf
from relapse_risk.reports import Remark
from relapse_risk.scoring.partitions.pooled_listing import PooledListing

__all__ = ["RunSummary", "add_rules", "counts_of", "scored_table"]

_COUNTS = ("households", "at_risk", "rule_only", "not_scored", "stale", "read", "kept", "refused")


def counts_of(risk: pl.DataFrame) -> dict[str, Any]:
    """Count who of a county is listed, for what."""
    by_risk = pl.col("listed_for") == "model"
    counts: dict[str, Any] = risk.select(
        listed=pl.col("listed_for").is_not_null().sum(),
        listed_by_risk=by_risk.sum(),
        listed_by_rule=(pl.col("listed_for") == "rule").sum(),
        waiting=pl.col("waiting_for").is_not_null().sum(),
        **{
            tier: (pl.col("listed_for").is_not_null() & (pl.col("tier") == tier)).sum()
            for tier in ("red", "orange", "yellow")
        },
        expected_relapses_listed=pl.col("probability").filter(by_risk).sum(),
    ).row(0, named=True)
    return counts


def add_rules(counties: Sequence[pl.DataFrame]) -> pl.DataFrame:
    """Add up what rules do; null where no county has a rule's column."""
    counts = ("met", "listed", "waiting", "unknown")
    added = (pl.when(pl.col(name).count() > 0).then(pl.col(name).sum()).alias(name) for name in counts)
    return pl.concat(counties).group_by("rule", "tier", "zh", "en", maintain_order=True).agg(*added)


def scored_table(run: CountiesRun, listed: Sequence[dict[str, Any]]) -> pl.DataFrame:
    """Return one row per county, see `PartitionedScores`; `listed` from `counts_of` of each that is done."""
    counts = ("households", "at_risk", "rule_only", "not_scored", "stale", "listed")
    columns = {**dict.fromkeys(counts, pl.Int64), "expected": pl.Float64}
    columns |= dict.fromkeys(("read", "kept", "refused"), pl.Int64)
    told = [{**one.account, "listed": of["listed"]} for one, of in zip(run.done, listed, strict=True)]
    return county_table(run.done, told, run.failed, columns)


@dataclass(frozen=True, kw_only=True, eq=False)
class RunSummary:
    """What is said of all counties."""

    run: CountiesRun
    pooled: PooledListing
    listed: Sequence[dict[str, Any]]
    rules: pl.DataFrame
    remarks: Sequence[Remark]

    def of(self, bundle: Bundle, day: AsOf) -> dict[str, Any]:
        """Return it as JSON data."""
        plan, shared = self.pooled.plan, self.pooled.shared
        return {
            "as_of": str(day),
            "horizon": bundle.horizon,
            "forecast": bundle.forecasts(day),
            "counties_done": len(self.run.done),
            "counties_failed": len(self.run.failed),
            **{name: sum(one.account[name] for one in self.run.done) for name in _COUNTS},
            "capacity": shared.visits,
            "sharing": shared.summary,
            **{name: sum(one[name] for one in self.listed) for name in self.listed[0]},
            "plan": plan.summary,
            "expected_relapses": sum(one.account["expected"] for one in self.run.done),
            "rules": self.rules.drop("zh", "en").to_dicts(),
            "twice": self.pooled.twice.height,
            "bundle": bundle.digest,
            "origin": bundle.origin,
            "trained_through": bundle.trained_through and str(bundle.trained_through),
            "remarks": [{"code": code, **details} for code, details in self.remarks],
            "counties": [*map(self._done, self.run.done, self.listed), *map(self._failed, self.run.failed)],
        }

    @staticmethod
    def _done(one: CountyDone, listed: dict[str, Any]) -> dict[str, Any]:
        told = {name: one.account[name] for name in (*_COUNTS, "expected", "remarks", "notes")}
        return {"county": one.county.name, "state": "done", **told, **listed}

    @staticmethod
    def _failed(one: CountyFailure) -> dict[str, Any]:
        said = {lang: one.phrase.in_language(lang) for lang in ("zh", "en")}
        return {"county": one.county, "state": "failed", "code": one.code, **said}
