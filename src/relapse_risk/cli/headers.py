"""What a dry run prints: how every header is understood, and of every sheet what it is read as, or why it is not."""

from typing import Any

import polars as pl

from relapse_risk.cli.session import Session, aligned
from relapse_risk.policy import Texts, columns_worded, tables_worded
from relapse_risk.records import sheet_reason

__all__ = ["tell_headers"]

_SHOWN = ("source", "sheet", "row", "header")


def tell_headers(session: Session, found: pl.DataFrame) -> None:
    """Print what `describe_source` found: a line a header, how many are strange, and a line a sheet."""
    texts = session.texts
    headers = found.filter(pl.col("header").is_not_null())
    if headers.height:
        head = texts("cli", "headers_head").split("|")
        for line in aligned([head, *(_cells(row, texts) for row in headers.iter_rows(named=True))]):
            session.tell(line)
    strange = headers.filter(pl.col("reason").is_in(["unknown", "twice"]) | (pl.col("status") == "proposed"))
    whole = found.filter(pl.col("status") == "unread").is_empty()
    session.say("headers_all_known" if whole and strange.is_empty() else "headers_strange", count=strange.height)
    for row in found.filter(pl.col("header").is_null()).iter_rows(named=True):
        session.tell("  " + _sheet_line(row, headers, texts))


def _cells(row: dict[str, Any], texts: Texts) -> list[str]:
    factor = "" if row["factor"] in (None, 1.0) else f"× {row['factor']:g}"
    table, column = row["table"] or "", row["column"] or ""
    names = (tables_worded(table, texts), columns_worded(table, column, texts))
    return [*(str(row[name] or "") for name in _SHOWN), *names, factor, row["example"] or "", _status(row, texts)]


def _status(row: dict[str, Any], texts: Texts) -> str:
    reason = "" if row["reason"] is None else texts.label("header_reasons", row["reason"])
    if reason and row["status"] in ("read", "not_needed"):
        return reason
    confidence = "" if row["confidence"] is None else f"{row['confidence']:.2f}"
    return texts("header_statuses", row["status"], reason=reason, proposed=row["proposed"], confidence=confidence)


def _sheet_line(row: dict[str, Any], headers: pl.DataFrame, texts: Texts) -> str:
    place = " · ".join(filter(None, (row["source"], row["sheet"])))
    tables = tables_worded(row["table"] or "", texts)
    own = headers.filter(pl.col("sheet").eq_missing(row["sheet"]), source=row["source"])
    likely = own.filter(status="proposed").select(pl.format("{} → {}?", "header", "proposed")).to_series()
    strange = own.filter(pl.col("reason").is_in(["unknown", "elsewhere"]), status="unread")["header"]
    named = {"table": row["table"], "missing": row["missing"], "headers": ", ".join((*likely, *strange))}
    reason = sheet_reason(row["reason"], texts, **named)
    return texts("sheet_lines", row["status"], place=place, tables=tables, reason=reason)
