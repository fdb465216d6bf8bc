"""An audit of invented rows, with everything in it that a sheet or a page could trip over."""

from datetime import date

import polars as pl

from relapse_risk.audit import COUNTS, FINDINGS, SENT, AuditResult, AuditTrail
from relapse_risk.audit.anomalies import FLAGGED, TESTS, AnomalyResult
from relapse_risk.audit.reconcile import reconcile
from relapse_risk.ingest import read_records
from relapse_risk.policy import read_policy
from relapse_risk.reports import AuditContent

READ = read_records({"households": pl.DataFrame({"household_id": ["h1"]})})  # nothing refused, nothing changed
SOURCE = "532311_<b>导出</b>.xlsx"
SHEETS = {"loans": "小额信贷", "households": "户信息", "members": "家庭成员", "incomes": "收入"}


def finding(rule, severity, row, table="loans", column="principal", household="=1+1", person=None, shape="99999"):
    place = (SOURCE, SHEETS[table], row)
    return (*place, table, household, person, column, rule, severity, shape)


def findings(rows):
    whole = [row if len(row) == len(FINDINGS) else (*row, None) for row in rows]
    return pl.DataFrame(whole, schema=FINDINGS, orient="row").sort("source", "sheet", "row", "table", "rule", "column")


FOUND = findings(
    [
        finding("loan_over_ceiling", "warn", 12),
        finding("loan_over_ceiling", "warn", 4, household="5323000000000002"),
        finding(
            "number_check_digit", "warn", 9, "members", "id_number", "5323000000000003", "532300000000000301", None
        ),
        finding("no_head", "note", 7, "households", "household_id", "5323000000000004", shape="9999999999999999"),
        finding("unknown_code", "warn", 5, "households", "household_type", "5323000000000005", shape="汉汉"),
        finding("unknown_code", "refuse", 30, "households", "household_type", None, shape="汉汉?"),
        finding("impossible_date", "refuse", 6, "loans", "started_on", "5323000000000006", shape="9999-99-99"),
    ]
)

RULES = pl.DataFrame(
    [
        ("number_check_digit", "identity", "members", "warn", 400, 1, 12, None),
        ("loans_twice", "keys", "loans", "warn", 90, 0, 0, None),
        ("no_head", "counts", "households", "note", 100, 1, 20, None),
        ("income_year_not_of_period", "income", "incomes", "warn", 0, 0, 300, "incomes.period_end"),
        ("income_period_too_long", "income", "incomes", "warn", 0, 0, 300, "incomes.period_end"),
        ("loans_number_wrong", "identity", "loans", "warn", 0, 0, 90, "loans._id_check"),
        ("loan_over_ceiling", "loans", "loans", "warn", 90, 2, 0, None),
        ("impossible_date", "cells", None, "warn", 900, 1, 0, None),
        ("unknown_code", "cells", None, "warn", 900, 2, 0, None),
    ],
    schema=COUNTS,
    orient="row",
)

ACCOUNT = pl.DataFrame(
    [
        (SOURCE, "小额信贷", "loans", 91, 90, 1, 3, 5),
        (SOURCE, "户信息", "households", 1_121, 1_120, 1, 2, 0),
    ],
    schema=READ.accounts.schema,
    orient="row",
)

CHANGED = pl.DataFrame(
    [
        (SOURCE, "小额信贷", "loans", "principal", "unit", 40),
        (SOURCE, "小额信贷", "loans", "started_on", "date_form", 8),
        (SOURCE, "户信息", "households", "recorded_on", "date_form", 1_000),
    ],
    schema=READ.changes.schema,
    orient="row",
)

NOTES = (
    ("sheet_unknown", {"source": SOURCE, "sheet": "附件"}),
    ("month_as_last_day", {"source": SOURCE, "sheet": "户信息", "column": "recorded_on", "count": 30}),
    ("month_as_last_day", {"source": SOURCE, "sheet": "小额信贷", "column": "started_on", "count": 7}),
)


def tested(rule, unit, year, n, statistic, expected, p_value, flagged):
    column = "net_income_per_capita"
    return (rule, "incomes", column, "village", unit, year, n, statistic, expected, p_value, p_value * 2, flagged)


ANOMALIES = AnomalyResult(
    rows=pl.DataFrame(
        [
            (SOURCE, "收入", row, "incomes", f"5323{row:012d}", "net_income_per_capita", "heaped_above_line")
            for row in (8, 5)
        ],
        schema=FLAGGED,
        orient="row",
    ),
    tests=pl.DataFrame(
        [
            tested("heaped_above_line", "532311101201", 2019, 24, 23.0, 1.83, 4e-25, True),
            tested("heaped_above_line", "532311101202", 2019, 21, 2.0, 1.9, 0.71, False),
            tested("carried_forward", "532311101201", 2018, 30, 4.0, 3.2, 0.41, False),
        ],
        schema=TESTS,
        orient="row",
    ),
    missing=(("identical_answers", "incomes.wage"),),
)


def compared():
    """Return one bank's loans held against the register's: one matched, one in conflict, one only here."""
    register = {"loan_id": ["L1", "L2", "L3"], "household_id": ["h1", "h2", "h3"], "principal": [50e3, 30e3, 20e3]}
    bank = {"loan_id": ["L1", "L2"], "household_id": ["h1", "h2"], "principal": [5e3, 30e3]}
    place = {"_sheet": pl.lit("s"), "_row": pl.lit(2), "_kept": pl.lit(True)}
    loans = [
        pl.DataFrame(columns).with_columns(_source=pl.lit(source), _linked=pl.lit(linked), **place)
        for columns, source, linked in ((register, "a.xlsx", "own"), (bank, "bank.csv", "number"))
    ]
    households = pl.DataFrame({"household_id": ["h1", "h2", "h3"]})
    return reconcile(
        {"households": households.with_columns(_source=pl.lit("a.xlsx"), **place), "loans": pl.concat(loans)}
    )


def earlier():
    """Return an earlier audit: two findings of today, one that is corrected by now, and two of what is not known."""
    gone = [
        finding("loans_twice", "warn", 3, household="5323000000000009"),
        finding("of_old", "warn", 2),  # a rule that is not checked any more
        finding("loans_twice", "warn", 8, household="5323000000000010"),
    ]
    found = pl.concat([FOUND.filter(rule="loan_over_ceiling"), findings(gone)])
    register = [("households", SOURCE, SHEETS["households"], None, "5323000000000010")]
    return AuditTrail(findings=found, sent=pl.concat([sent(found), pl.DataFrame(register, schema=SENT, orient="row")]))


def sent(found, without=()):
    """Return what was sent, if every household of some findings was."""
    homes = found.filter(~pl.col("household_id").is_in(list(without)))
    return homes.select("table", "source", "sheet", "household_id", village=pl.lit(None, dtype=pl.String)).select(
        SENT.names()
    )


def make_audit(**replaced):
    content = {
        "audit": AuditResult(findings=FOUND, rules=RULES),
        "policy": read_policy().audit,
        "anomalies": ANOMALIES,
        "reconciliation": compared(),
        "sent": sent(pl.concat([FOUND, earlier().findings]), ["5323000000000010"]),
        "before": earlier(),
        "accounts": ACCOUNT,
        "changes": CHANGED,
        "notes": NOTES,
        "remarks": (("line_of_other_year", {"years": (2021,), "of_year": "2020", "yuan": "4,000", "count": 12}),),
        "exported_on": date(2020, 12, 31),
    }
    return AuditContent(**content | replaced)


def make_clean():
    """Return an audit that read rows, and found and changed nothing."""
    return make_audit(
        audit=AuditResult(findings=FINDINGS.to_frame(), rules=RULES.filter(pl.col("missing").is_null())),
        anomalies=None,
        reconciliation=None,
        before=None,
        changes=READ.changes,
        notes=(),
        remarks=(),
        exported_on=None,
    )


def make_large(count):
    """Return an audit of one rule that is broken in so many rows."""
    found = findings([finding("loan_over_ceiling", "warn", row, household=f"h{row}") for row in range(2, count + 2)])
    return make_audit(audit=AuditResult(findings=found, rules=RULES), before=None, anomalies=None)
