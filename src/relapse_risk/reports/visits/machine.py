"""The hidden sheet: what may be chosen, and which alerts were listed, so that reading back can tell what is missing."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.policy.mechanism import VISIT_MARK

__all__ = ["MACHINE", "Choices", "write_machine"]

MACHINE = "_codes"
"""Its name; it is known by its mark, whatever it is renamed."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Where the wordings to choose from stand."""

    findings: str
    measures: str


def write_machine(sheet: Any, lines: pl.DataFrame, texts: Texts) -> Choices:
    """Write the mark, below it the codes of the alerts and their households, and beside these what may be chosen."""
    sheet.write_string(0, 0, VISIT_MARK)
    columns = (
        lines["alert_id"].to_list(),
        lines["household_id"].to_list(),
        list(texts.labels("visits.findings").values()),
        list(texts.labels("measures.measure").values()),
    )
    for place, cells in enumerate(columns):
        sheet.write_column(1, place, cells)
    sheet.very_hidden()
    return Choices(findings=_range("C", columns[2]), measures=_range("D", columns[3]))


def _range(letter: str, cells: Sequence[str]) -> str:
    return f"='{MACHINE}'!${letter}$2:${letter}${len(cells) + 1}"
