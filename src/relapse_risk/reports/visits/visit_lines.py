"""Alerts as lines of the visit workbook: what is written into each cell, in words."""

from collections.abc import Collection
from datetime import date

import polars as pl

from relapse_risk.policy import URGENT_FIRST, Texts
from relapse_risk.reports.visits.visit_content import VisitList

__all__ = ["change_text", "header_of", "listed_text", "measures_text", "overdue_text", "tier_text", "visit_lines"]


def visit_lines(
    visits: VisitList, listing_rules: Collection[str], texts: Texts, carried: pl.DataFrame | None = None
) -> pl.DataFrame:
    """Return one row per alert, in the order given.

    Returns
    -------
    pl.DataFrame
        tier (code), alert_id, household_id, the carried columns, group_name where it is known of anybody, why, change,
        reason_text and measures in words, deadline; and listed_for (code), which is not shown.
    """
    lines = visits.lines
    names: list[str] = []
    if carried is not None:
        lines = lines.join(carried, on="household_id", how="left", maintain_order="left", validate="m:1")
        names = [name for name in carried.columns if name != "household_id"]
    if "group_name" in visits.places.columns and visits.places["group_name"].count():
        homes = visits.places.select("household_id", "group_name")
        lines = lines.join(homes, on="household_id", how="left", maintain_order="left", validate="m:1")
        names.append("group_name")
    rows = lines.rows(named=True)
    written = {
        "why": [
            overdue_text(row["deadline"], visits.as_of, texts)
            + listed_text(row["listed_for"], row["override"], listing_rules, texts)
            for row in rows
        ],
        "change": [change_text(row["change"], row["moved"], texts) for row in rows],
        "measures": [measures_text(row["measures"], texts) for row in rows],
    }
    return lines.with_columns(pl.Series(name, cells, dtype=pl.String) for name, cells in written.items()).select(
        *("tier", "alert_id", "household_id", *names),
        *("why", "change", "reason_text", "measures", "deadline", "listed_for"),
    )


def header_of(name: str, texts: Texts) -> str:
    """Return the header of a column; of a carried one what it is called elsewhere, else its name."""
    known = texts.has("visits.columns", name)
    return texts("visits.columns", name) if known else texts.label("carried", name)


def tier_text(tier: str | None, texts: Texts) -> str:
    """Return what an urgent tier is called; nothing for another."""
    return "" if tier not in URGENT_FIRST else texts.label("tiers", tier).capitalize()


def measures_text(codes: str | None, texts: Texts) -> str:
    """Return suggested measures, one a line.

    Examples
    --------
    >>> measures_text("job", Texts("zh"))
    '就业帮扶：劳务对接、就业帮扶车间'
    >>> measures_text("job?", Texts("en")).endswith("(check first whether it applies)")
    True
    """
    return "\n".join(_measure(code, texts) for code in _codes(codes))


def _measure(code: str, texts: Texts) -> str:
    name = texts.label("measures.measure", code.removesuffix("?"))
    return texts("sentences", "check_first", measure=name) if code.endswith("?") else name


def listed_text(listed_for: str, override: str | None, listing_rules: Collection[str], texts: Texts) -> str:
    """Return why a household is listed, one a line; rules in their own words, last those that only inform.

    Parameters
    ----------
    listed_for : {"model", "rule", "random"}
    override : str or None
        Codes of hard rules, joined by ``+``.
    listing_rules : collection of str
        The rules that list a household; all others only inform.
    texts : Texts
    """
    rules = {code: texts.label("rules", code) for code in _codes(override)}
    listing = [rule for code, rule in rules.items() if code in listing_rules]
    besides = [
        texts("visits.listed_for", "besides", rule=rule) for code, rule in rules.items() if code not in listing_rules
    ]
    first = [] if listed_for == "rule" and listing else [texts.label("visits.listed_for", listed_for)]
    return "\n".join([*first, *listing, *besides])


def overdue_text(deadline: date | None, as_of: date, texts: Texts) -> str:
    """Return the line that says that a deadline is past on the day of the list; nothing where it is not.

    Examples
    --------
    >>> overdue_text(date(2020, 12, 7), date(2020, 12, 31), Texts("zh")).rstrip()
    '已逾期：应于 2020-12-07 前办理'
    """
    if deadline is None or deadline >= as_of:
        return ""
    return texts("visits.texts", "overdue", deadline=deadline) + "\n"


def change_text(change: str | None, moved: str | None, texts: Texts) -> str:
    """Return what changed since last month."""
    if change is None:
        return ""
    reason = texts("reasons", moved) if moved else ""
    return texts("visits.changes", change, reason=reason).rstrip(":： ")


def _codes(joined: str | None) -> list[str]:
    return joined.split("+") if joined else []
