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
    accounts = pl.DataFrame({"read": [10], "kept": [9], "refused": [1]})
    tell_intake(Session("en", quiet=False), SimpleNamespace(accounts=accounts, notes=notes))
    said = capsys.readouterr()
    lines = (said.out + said.err).splitlines()
    assert sum("42 dates name a month only" in line for line in lines) == 1
    assert sum("sheet 户信息 is empty" in line for line in lines) == 1
    assert len(lines) == 3
