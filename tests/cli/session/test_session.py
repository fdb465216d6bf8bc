from pathlib import Path
from types import SimpleNamespace

import polars as pl

from relapse_risk.cli.session import Session, tell_intake


def test_counted_notes_are_added_up_and_the_others_stand_one_by_one(capsys):
    place = {"source": "a.xlsx", "sheet": "户信息"}
    notes = (
        ("month_as_last_day", {**place, "column": "recorded_on", "count": 40}),
        ("sheet_empty", place),
        ("month_as_last_day", {**place, "column": "birth_date", "count": 2}),
    )
    accounts = pl.DataFrame({"table": ["incomes"], "read": [10], "kept": [9], "refused": [1], "unlinked": [0]})
    tell_intake(Session("en", quiet=False, out=Path("out")), SimpleNamespace(accounts=accounts, notes=notes))
    said = capsys.readouterr()
    lines = (said.out + said.err).splitlines()
    assert sum("42 dates name a month only" in line for line in lines) == 1
    assert sum("sheet 户信息 is empty" in line for line in lines) == 1
    assert len(lines) == 3


def _intake(kept):
    tables = ["incomes", "incomes", "illness"]
    accounts = pl.DataFrame({"table": tables, "read": [10, 10, 3], "kept": [kept, 4, 3], "refused": [10 - kept, 6, 0]})
    accounts = accounts.with_columns(unlinked=pl.lit(0))
    rules = ["missing", *["unreadable"] * 8, *["missing"] * 3]
    columns = ["household_id", *["recorded_on"] * 8, *["household_id"] * 3]
    rejected = pl.DataFrame({"table": ["incomes"] * 12, "rule": rules, "column": columns})
    return SimpleNamespace(accounts=accounts, rejected=rejected, notes=())


def test_a_table_of_which_most_was_refused_is_told_with_the_commonest_reason(capsys):
    tell_intake(Session("en", quiet=False, out=Path("out")), _intake(kept=5))
    said = capsys.readouterr().out.splitlines()
    assert said[1:] == [
        "note: of 20 rows of incomes only 9 were kept; most frequent reason: cannot be read (recorded_on)"
    ]


def test_a_table_of_which_half_was_kept_is_not(capsys):
    tell_intake(Session("en", quiet=False, out=Path("out")), _intake(kept=6))
    assert len(capsys.readouterr().out.splitlines()) == 1
