"""The sheet of a visit workbook that is not for people: codes for reading it back, and what may be chosen."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.policy import Texts
from relapse_risk.policy.mechanism import VISIT_MARK
from relapse_risk.reports.sheets import HEADER_ROW

__all__ = ["MACHINE", "Choices", "ask_for_choices", "write_machine"]

MACHINE = "_codes"
"""Its name; it is known by its mark, whatever it is renamed."""


@dataclass(frozen=True, kw_only=True)
class Choices:
    """Where the wordings to choose from are.

    Attributes
    ----------
    findings, measures : str
    """

    findings: str
    measures: str


def write_machine(sheet: Any, codes: pl.DataFrame, texts: Texts) -> Choices:
    """Write the mark, below it the codes of alerts and households, and next to these the choices of drop-down lists.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    codes : pl.DataFrame
        alert_id, household_id and written_head (digest of the head's name, or null).
    texts : Texts
    """
    sheet.write_string(0, 0, VISIT_MARK)
    columns = (
        codes["alert_id"].to_list(),
        codes["household_id"].to_list(),
        list(texts.labels("visits.findings").values()),
        list(texts.labels("measures.measure").values()),
        codes["written_head"].to_list(),
    )
    for place, cells in enumerate(columns):
        sheet.write_column(1, place, cells)
    sheet.very_hidden()
    return Choices(findings=_range("C", columns[2]), measures=_range("D", columns[3]))


def _range(letter: str, cells: Sequence[str]) -> str:
    return f"='{MACHINE}'!${letter}$2:${letter}${len(cells) + 1}"


def ask_for_choices(sheet: Any, places: Mapping[str, int], rows: int, choices: Choices, texts: Texts) -> None:
    """Let one finding be chosen; of measures several may stand, so that there is only a warning.

    Parameters
    ----------
    sheet : xlsxwriter worksheet
    places : Mapping of str to int
        The columns of finding and measure, as far as the list has them.
    rows : int
        Of the list.
    choices : Choices
    texts : Texts
    """
    asked = {
        "finding": {"source": choices.findings, "error_message": texts("visits.texts", "finding_wanted")},
        "measure": {
            "source": choices.measures,
            "error_message": texts("visits.texts", "measure_wanted"),
            "error_type": "warning",
        },
    }
    first, last = HEADER_ROW + 1, HEADER_ROW + max(rows, 1)
    for name, place in places.items():
        sheet.data_validation(first, place, last, place, {"validate": "list", **asked[name]})
