"""What is said of a run over counties: a row for each, done or failed."""

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl

from relapse_risk.partitions.each_county import CountyDone, CountyFailure

__all__ = ["county_table"]


def county_table(
    done: Sequence[CountyDone],
    told: Sequence[Mapping[str, Any]],
    failed: Sequence[CountyFailure],
    columns: Mapping[str, Any],
) -> pl.DataFrame:
    """Return one row per county: county, state (``done``, ``failed``), reused, what is told, zh and en (why it failed).

    Parameters
    ----------
    done : sequence of CountyDone
    told : sequence of Mapping
        Of each that is done, by column.
    failed : sequence of CountyFailure
    columns : Mapping of str to polars type
        Of what is told, in their order.
    """
    rows: list[dict[str, Any]] = [
        {"county": one.county.name, "state": "done", "reused": one.reused} | {name: said.get(name) for name in columns}
        for one, said in zip(done, told, strict=True)
    ]
    rows += [
        {"county": one.county, "state": "failed"} | {lang: one.phrase.in_language(lang) for lang in ("zh", "en")}
        for one in failed
    ]
    schema = {
        "county": pl.String,
        "state": pl.String,
        "reused": pl.Boolean,
        **columns,
        "zh": pl.String,
        "en": pl.String,
    }
    return pl.DataFrame(rows, schema=schema).sort("county")
