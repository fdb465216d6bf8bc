"""What record tables have in other forms is told by the verbs: a line each on screen, and in run.json."""

import json

import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.policy import Texts, note_text


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_other_forms_are_told_on_screen_and_in_the_account(tmp_path, capsys, lang):
    homes = {"household_id": ["1.0", "2.0"], "recorded_on": ["31.12.2018", "30.12.2018"], "sizes": [4, 3]}
    pl.DataFrame({**homes, "household_type": "exited"}).write_csv(tmp_path / "households.csv")
    assert run(["audit", str(tmp_path / "households.csv"), "--out", str(tmp_path / "out"), "--lang", lang]) == 0
    notes = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["notes"]
    ours = ["column_like_ours", "identifiers_as_numbers", "days_day_first"]
    assert [note["code"] for note in notes if note["code"] in ours] == ours
    screen = capsys.readouterr().out
    for note in notes:
        line = note_text(note.pop("code"), note, Texts(lang))
        assert screen.count(line) == 1
