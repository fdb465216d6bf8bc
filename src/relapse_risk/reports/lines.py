"""The listed households as lines of the roster: what is written into each cell, in words."""

from typing import Any

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.records import AREA_COLUMNS, area_path
from relapse_risk.reports.areas import area_names
from relapse_risk.reports.figures import interval
from relapse_risk.reports.roster_report import RosterReport
from relapse_risk.reports.wording import rule_words

__all__ = ["Area", "split", "waiting_lines", "written_lines"]

_PLACES = tuple(AREA_COLUMNS.values())[1:]
_REASONS = ("reason_1", "reason_2", "reason_3")

Area = tuple[str, pl.DataFrame]
"""A name, and the lines of the households that live there."""


def waiting_lines(content: RosterReport, texts: Texts, carried: pl.DataFrame | None = None) -> pl.DataFrame:
    """Return one row per household that waits, as `written_lines`, with waiting_for (in words) and waiting_since."""
    lines = written_lines(content, content.waiting, texts, carried)
    waits = content.waiting.select(
        pl.Series("waiting_for", [texts("plan", kind) for kind in content.waiting["waiting_for"]], dtype=pl.String),
        pl.col("waiting_since").cast(pl.String),
    )
    return lines.hstack(waits)


def written_lines(
    content: RosterReport, households: pl.DataFrame, texts: Texts, carried: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return one row per household, in the order given.

    Parameters
    ----------
    content : RosterReport
    households : pl.DataFrame
        ``RosterReport.listed`` or rows like it.
    texts : Texts
    carried : pl.DataFrame, optional
        household_id and the identifying columns to print with it.

    Returns
    -------
    pl.DataFrame
        rank, tier (code), household_id, the carried columns, county (where the listed live in several), town, village,
        group_name and household_type as far as known of anybody listed, probability, interval (these two and the rank
        null outside the cohort), listed_again (where it is known of anybody; null where only a rule lists), rules
        (where anybody meets one) and reason_text.
    """
    lines = households.join(content.places, on="household_id", how="left", maintain_order="left")
    lines = lines.join(content.sentences, on="household_id", how="left", maintain_order="left")
    names: list[str] = []
    if carried is not None:
        lines = lines.join(carried, on="household_id", how="left", maintain_order="left", validate="m:1")
        names = [name for name in carried.columns if name != "household_id"]
    informative = [name for name in (*_PLACES, "household_type") if _is_informative(lines, name)]
    rows, overrides = lines.rows(named=True), lines["override"].drop_nulls().unique()
    rules = {codes: rule_words(codes, content.rules, texts) for codes in overrides}
    written: dict[str, list[str | None]] = {
        "interval": [None if row["lower"] is None else _interval(row, content, texts) for row in rows],
        **({"rules": [rules.get(row["override"], "") for row in rows]} if rules else {}),
        "reason_text": [_reasons(row, texts) for row in rows],
    }
    if "household_type" in informative:
        written["household_type"] = [texts.label("household_types", row["household_type"]) for row in rows]
    first = lines.select("rank", "tier", "household_id", *names, *informative, "probability")
    again = _again(lines)
    cells = [pl.Series(name, said, dtype=pl.String) for name, said in written.items()]
    return first.with_columns(cells[:1]).with_columns(again).with_columns(cells[1:])


def _again(lines: pl.DataFrame) -> list[pl.Series]:
    """Return how often other trainings list whom the model lists; nothing where it is known of nobody."""
    by_risk = pl.coalesce("listed_for", "waiting_for") == "model"
    found = lines.select(pl.when(by_risk).then("listed_again").alias("listed_again")).to_series()
    return [] if found.null_count() == len(found) else [found]


def split(lines: pl.DataFrame, places: pl.DataFrame, level: str, texts: Texts) -> list[Area]:
    """Return the lines of every area of a level, in the order of their names; those of no area last."""
    path = area_path(places.columns, level)
    homes = places.select("household_id", *(pl.col(name).alias(f"_{name}") for name in path))
    keys = homes.columns[1:]
    keyed = lines.join(homes, on="household_id", how="left", maintain_order="left")
    areas = keyed.select(keys).unique().sort(keys, nulls_last=True)
    if not path:
        return [(texts("facts", "not_stated"), lines)]
    parts = keyed.partition_by(keys, maintain_order=True, include_key=False, as_dict=True)
    return [(name, parts[key]) for name, key in zip(area_names(areas, texts), areas.rows(), strict=True)]


def _is_informative(lines: pl.DataFrame, name: str) -> bool:
    """Return whether a column says anything: the one county of a county's list does not."""
    least = 2 if name == "county" else 1
    return name in lines.columns and lines[name].drop_nulls().n_unique() >= least


def _interval(row: dict[str, Any], content: RosterReport, texts: Texts) -> str:
    """Return an interval with a word for its width."""
    lower, upper = row["lower"], row["upper"]
    width = texts("interval_widths", content.interval_width.code(lower, upper))
    return texts("roster", "interval_value", bounds=interval(lower, upper), width=width)


def _reasons(row: dict[str, object], texts: Texts) -> str:
    """Return the reasons of a household, one a line, and a mark where its income is stale."""
    found = [
        f"{place}. " + texts("sentences", "of_reason", reason=texts("reasons", str(row[name])), sentence=sentence)
        for place, name in enumerate(_REASONS, start=1)
        if row[name] is not None and (sentence := row[f"sentence_{place}_{texts.lang}"])
    ]
    if not found:
        situation = row[f"reason_text_{texts.lang}"]
        found = [str(situation or texts("roster", "no_reason" if row["rank"] is not None else "not_scored"))]
    if row["stale"] and row["rank"] is not None:
        found.append(texts("roster", "stale"))
    return "\n".join(found)
