"""All the tests for anomalies, over what was read."""

from collections.abc import Mapping
from dataclasses import dataclass

import polars as pl

from relapse_risk.audit.anomalies.copied import copied
from relapse_risk.audit.anomalies.heaped import heaped
from relapse_risk.audit.anomalies.identical import identical
from relapse_risk.audit.anomalies.rounded import rounded
from relapse_risk.audit.anomalies.slips import slips
from relapse_risk.policy import AnomalyPolicy, Lines, read_model

__all__ = ["ANOMALY_RULES", "AnomalyResult", "find_anomalies"]


@dataclass(frozen=True, kw_only=True, eq=False)
class AnomalyResult:
    """What the tests for anomalies found.

    Attributes
    ----------
    rows : pl.DataFrame
        Rows to be looked at: ``_source``, ``_sheet``, ``_row``, table, household_id, column, rule.
    tests : pl.DataFrame
        Every unit that was tested: rule, table, column, unit_kind, unit, year, n (how many there were), statistic (how
        many stood out), expected (how many chance lets), p_value, adjusted (Benjamini-Hochberg, within one rule, table,
        column and kind of unit), flagged.
    missing : tuple of (str, str)
        Rules that could not be tested on a table, and what is missing.
    """

    rows: pl.DataFrame
    tests: pl.DataFrame
    missing: tuple[tuple[str, str], ...]


def find_anomalies(
    rows: Mapping[str, pl.DataFrame], lines: Lines, *, settings: AnomalyPolicy | None = None
) -> AnomalyResult:
    """Look for anomalies: heaps, round and repeated figures, slips. Flags to check, never accusations.

    Parameters
    ----------
    rows : Mapping of str to pl.DataFrame
        By table, every row as it was read (`Intake.rows`). Any table or column may be absent.
    lines : Lines
        Poverty lines, yuan per person-year.
    settings : AnomalyPolicy, optional
        Columns and limits of the tests; by default those of ``anomalies.toml``.

    Examples
    --------
    >>> result = find_anomalies({}, Lines(by_year={2019: 3218.0}))
    >>> result.rows.height, result.tests.height, result.missing[0]
    (0, 0, ('heaped_above_line', 'incomes'))
    """
    policy = settings or read_model(AnomalyPolicy, "anomalies")
    found = [
        heaped(rows, lines, policy.heaped),
        *rounded(rows, policy.rounded),
        *copied(rows, policy.copied),
        *identical(rows, policy.identical),
        *slips(rows, policy.slips),
    ]
    return AnomalyResult(
        rows=pl.concat([one.rows for one in found]),
        tests=pl.concat([one.tests for one in found]),
        missing=tuple(dict.fromkeys(missing for one in found for missing in one.missing)),
    )


ANOMALY_RULES = tuple(read_model(AnomalyPolicy, "anomalies").rules)
"""The rules of anomalies, in the order they are shown."""
