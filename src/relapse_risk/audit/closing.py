"""What a correction closed: the findings of an audit compared with those of an earlier one."""

from dataclasses import dataclass

import polars as pl

from relapse_risk.audit.anomalies import ANOMALY_RULES
from relapse_risk.audit.rules import RULES
from relapse_risk.audit.run_audit import FINDINGS
from relapse_risk.audit.sent import AuditTrail, unsent
from relapse_risk.policy import AuditPolicy

__all__ = ["FAULT", "STANDINGS", "AuditDiff", "close", "in_order"]

STANDINGS = ("closed", "not_sent", "open", "new")
"""How a finding of either audit stands."""

# A fault is known again by whose it is and what it is: rows move when a county exports anew.
FAULT = ("table", "household_id", "person_id", "column", "rule")
"""Whose a finding is, and what is wrong."""
_ORDER = ("source", "sheet", "row")
_PLACED = ("source", "sheet", "table")


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditDiff:
    """Findings compared with those of an earlier audit.

    Attributes
    ----------
    closed : pl.DataFrame
        Earlier findings that are there no more, as they were listed; what they were about was sent and checked again.
    not_sent : pl.DataFrame
        Earlier findings of which nobody knows whether they are corrected: their table, file, sheet, village or
        household was not sent this time, or the rule could not be checked.
    open : pl.DataFrame
        Findings that were there before, as they are listed now.
    new : pl.DataFrame
        Findings that were not there before.
    """

    closed: pl.DataFrame
    not_sent: pl.DataFrame
    open: pl.DataFrame
    new: pl.DataFrame

    def counts(self) -> pl.DataFrame:
        """Return, by rule, how many are closed, not sent, open and new; rules in order of their names."""
        frames: dict[str, pl.DataFrame] = {name: getattr(self, name) for name in STANDINGS}
        counted = [frame.select("rule", pl.lit(name).alias("standing")) for name, frame in frames.items()]
        stands = pl.concat(counted).group_by("rule")
        return stands.agg((pl.col("standing") == name).sum().alias(name) for name in frames).sort("rule")

    @property
    def totals(self) -> dict[str, int]:
        """How many there are in all, by standing."""
        return {name: getattr(self, name).height for name in STANDINGS}


def close(before: AuditTrail, after: AuditTrail, rules: pl.DataFrame, policy: AuditPolicy) -> AuditDiff:
    """Compare the findings of an audit with those of an earlier one.

    A finding is the same where the same rule is broken in the same column of the same table for the same household and
    person; of several such, as many are open as stand on both sides, those of the first rows first. One that is there
    no more is closed only if what its rule looks at was sent again (see `unsent`) and the rule was checked. Where the
    register is numbered anew nothing is recognised: then nothing is closed, and all is new.

    Parameters
    ----------
    before, after : AuditTrail
    rules : pl.DataFrame
        The account of rules of the later audit (``AuditResult.rules``).
    policy : AuditPolicy

    Examples
    --------
    >>> from relapse_risk.audit import COUNTS, SENT
    >>> from relapse_risk.policy import read_policy
    >>> place = {"source": "a.xlsx", "sheet": "s", "table": "loans"}
    >>> finding = {**place, "column": "principal", "rule": "loans_twice", "severity": "warn"}
    >>> homes = {row: {**finding, "row": row, "household_id": f"h{row}"} for row in (4, 5)}
    >>> sent = pl.DataFrame([{**place, "household_id": home} for home in ("h4", "h5")], schema=SENT)
    >>> before = AuditTrail(findings=pl.DataFrame([*homes.values()], schema=FINDINGS), sent=sent)
    >>> after = AuditTrail(findings=pl.DataFrame([homes[5]], schema=FINDINGS), sent=sent)
    >>> run = pl.DataFrame([{"rule": "loans_twice"}], schema=COUNTS)
    >>> close(before, after, run, read_policy().audit).totals
    {'closed': 1, 'not_sent': 0, 'open': 1, 'new': 0}
    """
    earlier, later = _numbered(before.findings), _numbered(after.findings)
    same = [*FAULT, "_place"]
    gone = earlier.join(later, on=same, how="anti", nulls_equal=True)
    unknown = gone.filter(_unchecked(rules) | _of_unsent(gone, before, after, policy))
    return AuditDiff(
        closed=_plain(gone.join(unknown, on=same, how="anti", nulls_equal=True)),
        not_sent=_plain(unknown),
        open=_plain(later.join(earlier, on=same, how="semi", nulls_equal=True)),
        new=_plain(later.join(earlier, on=same, how="anti", nulls_equal=True)),
    )


def _unchecked(rules: pl.DataFrame) -> pl.Expr:
    """Return which findings are of a rule that was not run this time."""
    run = [*rules.filter(pl.col("missing").is_null())["rule"], *ANOMALY_RULES]
    return ~pl.col("rule").is_in(run)


def _of_unsent(gone: pl.DataFrame, before: AuditTrail, after: AuditTrail, policy: AuditPolicy) -> pl.Series:
    """Return which findings are of a household or a sheet that was left out of a table that their rule looks at."""
    left_out = unsent(before.sent, after.sent, policy.compared)
    needs = {rule.id: [*rule.needs(policy.limits)] for rule in RULES}
    tables = [list(dict.fromkeys((table, *needs.get(rule, ())))) for table, rule in gone.select("table", "rule").rows()]
    looked = pl.Series("_looked", tables, dtype=pl.List(pl.String))
    looked_at = gone.with_row_index("_at").with_columns(looked).explode("_looked")
    homes = left_out.drop_nulls("household_id").select(_looked="table", household_id="household_id").unique()
    sheets = left_out.filter(pl.col("household_id").is_null()).select(_PLACED).unique()
    nameless = gone.with_row_index("_at").filter(pl.col("household_id").is_null())
    found = {
        *looked_at.join(homes, on=["_looked", "household_id"], how="semi")["_at"],
        *nameless.join(sheets, on=_PLACED, how="semi", nulls_equal=True)["_at"],
    }
    return pl.Series([place in found for place in range(gone.height)], dtype=pl.Boolean)


def in_order(findings: pl.DataFrame) -> pl.DataFrame:
    """Return findings in the order in which those of one fault are counted."""
    return findings.sort(*_ORDER, *FAULT)


def _numbered(findings: pl.DataFrame) -> pl.DataFrame:
    # An audit of before may lack a column that it did not have yet.
    whole = pl.concat([FINDINGS.to_frame(), findings], how="diagonal_relaxed")
    ordered = in_order(whole.select(FINDINGS.names()).cast(FINDINGS))
    return ordered.with_columns(pl.int_range(pl.len()).over(FAULT).alias("_place"))


def _plain(numbered: pl.DataFrame) -> pl.DataFrame:
    return in_order(numbered).select(FINDINGS.names())
