"""What headers and cells of filled-in visits say, and what reads each column."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

import polars as pl

from relapse_risk.ingest.cell_columns import Reader
from relapse_risk.ingest.cell_dates import read_date
from relapse_risk.ingest.cells import Cell, Read, Reading, compact, plain, read_identifier, read_number, whole
from relapse_risk.ingest.codes import Codebook, read_code
from relapse_risk.policy import Policy
from relapse_risk.policy.mechanism import VisitFinding

__all__ = ["FILLED", "VisitDictionary"]

FILLED = ("visited_on", "finding", "measure", "remark")
"""The columns by which a row is filled in: a name that was filled in beforehand is no visit."""

_BETWEEN = ",;、/+|。"


@dataclass(frozen=True, kw_only=True)
class VisitDictionary:
    """The dictionary of a policy.

    Attributes
    ----------
    headers : Mapping of str to str
        Which column a header is, in compact form.
    findings : Mapping of str to VisitFinding
    readers : Mapping of str to Reader
        What reads each column.
    found : frozenset of str
        What marks a row of a household that was not listed, in compact form.
    """

    headers: Mapping[str, str]
    findings: Mapping[str, VisitFinding]
    readers: Mapping[str, Reader]
    found: frozenset[str]

    @classmethod
    def of(cls, policy: Policy) -> Self:
        """Make them of a policy's data files."""
        declared, offered = policy.mechanism.visits, policy.mechanism.measures.measure
        found = {code: (code, one.zh, one.en, *one.also) for code, one in declared.findings.items()}
        measures = {code: (code, one.zh, one.en) for code, one in offered.items()}
        columns = {name: (name, one.zh, one.en, *one.also) for name, one in declared.columns.items()}
        silent = Codebook.of(policy.codes, policy.file("codes")).blanks
        nothing, no_text = silent["anywhere"], silent["anywhere"] | silent["text"]
        day = Reader(read=read_date, dtype=pl.Date(), blanks=nothing | silent["date"])
        number = Reader(read=whole(read_number({})), dtype=pl.Int64(), blanks=nothing)
        code = Reader(read=read_identifier, dtype=pl.String(), blanks=nothing)
        text = Reader(read=_read_words, dtype=pl.String(), blanks=no_text)
        finding = Reader(read=read_code(_by_wording(found)), dtype=pl.String(), blanks=nothing)
        measure = Reader(read=_read_several(_by_wording(measures)), dtype=pl.String(), blanks=no_text)
        return cls(
            headers=_by_wording(columns),
            findings=declared.findings,
            readers={
                **{"alert_id": number, "household_id": code, "visited_on": day, "as_of": day},
                **{"head_name": text, "why": text},
                **{"finding": finding, "measure": measure, "by": text, "remark": text},
            },
            found=frozenset(_by_wording({"found": (declared.listed_for["found"].zh, declared.listed_for["found"].en)})),
        )

    def marks_found(self, cell: Cell) -> bool:
        """Return whether a cell marks the row of a household that was not listed."""
        return compact(cell).lower() in self.found

    def column_of(self, cell: Cell) -> str | None:
        """Return the column of a header; None if it is not read back."""
        name = self.headers.get(compact(cell).strip("*").lower())
        return name if name in self.readers else None


def _by_wording(words: Mapping[str, tuple[str, ...]]) -> Mapping[str, str]:
    return {compact(wording).lower(): code for code, wordings in words.items() for wording in wordings}


def _read_several(wordings: Mapping[str, str]) -> Read:
    """Return what reads one or several wordings, with anything between them that may stand inside of one as well."""
    longest_first = sorted(map(re.escape, wordings), key=len, reverse=True)
    wording = re.compile("|".join(longest_first) or "(?!)")

    def read(cell: Cell) -> Reading:
        text = compact(cell).lower()
        if wording.sub("", text).strip(_BETWEEN):
            return Reading(rule="unknown_code")
        found = dict.fromkeys(wordings[part] for part in wording.findall(text))
        return Reading("+".join(code for code in dict.fromkeys(wordings.values()) if code in found))

    return read


def _read_words(cell: Cell) -> Reading:
    """Read what people write, whatever it is: nothing of it is refused."""
    return Reading(" ".join(plain(cell).split()))
