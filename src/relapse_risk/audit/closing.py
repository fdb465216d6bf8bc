"""What a correction closed: the findings of an audit compared with those of an earlier one."""

from dataclasses import dataclass

import polars as pl

from relapse_risk.audit.run_audit import FINDINGS

__all__ = ["AuditDiff", "close"]

# A fault is known again by whose it is and what it is: rows move when a county exports anew.
_FAULT = ("table", "household_id", "person_id", "column", "rule")
_ORDER = ("source", "sheet", "row")


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditDiff:
    """Findings compared with those of an earlier audit.

    Attributes
    ----------
    closed : pl.DataFrame
        Earlier findings that are there no more, as they were listed.
    open : pl.DataFrame
        Findings that were there before, as they are listed now.
    new : pl.DataFrame
        Findings that were not there before.
    """

    closed: pl.DataFrame
    open: pl.DataFrame
    new: pl.DataFrame

    def counts(self) -> pl.DataFrame:
        """Return, by rule, how many are closed, open and new; rules in order of their names."""
        told = {"closed": self.closed, "open": self.open, "new": self.new}
        counted = [frame.select("rule", pl.lit(name).alias("standing")) for name, frame in told.items()]
        stands = pl.concat(counted).group_by("rule")
        return stands.agg((pl.col("standing") == name).sum().alias(name) for name in told).sort("rule")


def close(before: pl.DataFrame, after: pl.DataFrame) -> AuditDiff:
    """Compare the findings of an audit with those of an earlier one.

    A finding is the same where the same rule is broken in the same column of the same table for the same household and
    person; of several such, as many are open as stand on both sides, those of the first rows first. Where the register
    is numbered anew nothing is recognised: then all is closed, and all is new.

    Parameters
    ----------
    before, after : pl.DataFrame
        Findings (``FINDINGS``), such as ``audit.parquet`` holds.

    Examples
    --------
    >>> place = {"source": "a.xlsx", "sheet": "s", "table": "loans", "person_id": None, "column": "principal"}
    >>> finding = {**place, "rule": "loan_twice", "severity": "warn", "value_masked": "9"}
    >>> before = pl.DataFrame([{**finding, "row": row, "household_id": f"h{row}"} for row in (4, 5)])
    >>> after = pl.DataFrame([{**finding, "row": 9, "household_id": "h5"}])
    >>> close(before, after).counts().rows()
    [('loan_twice', 1, 1, 0)]
    """
    earlier, later = _numbered(before), _numbered(after)
    same = [*_FAULT, "_place"]
    return AuditDiff(
        closed=_plain(earlier.join(later, on=same, how="anti", nulls_equal=True)),
        open=_plain(later.join(earlier, on=same, how="semi", nulls_equal=True)),
        new=_plain(later.join(earlier, on=same, how="anti", nulls_equal=True)),
    )


def _numbered(findings: pl.DataFrame) -> pl.DataFrame:
    ordered = findings.select(FINDINGS.names()).cast(FINDINGS).sort(*_ORDER, *_FAULT)
    return ordered.with_columns(pl.int_range(pl.len()).over(_FAULT).alias("_place"))


def _plain(numbered: pl.DataFrame) -> pl.DataFrame:
    return numbered.sort(*_ORDER, *_FAULT).select(FINDINGS.names())
