"""An office's lines and table of divisions through the command line: the same words everywhere, and names."""

import json
from datetime import date
from html import unescape

import polars as pl
import pytest

from relapse_risk.cli import run
from relapse_risk.policy import Texts
from relapse_risk.reports import remark_text

YEARS = (2019, 2020, 2022, 2023)
HOMES = ("h1", "h2", "h3")
DETAILS = {"years": (2022, 2023), "of_year": "2020", "yuan": "4,000", "count": 6}


@pytest.fixture
def register(tmp_path):
    folder = tmp_path / "register"
    folder.mkdir()
    homes = pl.DataFrame(
        {
            "household_id": HOMES,
            "recorded_on": [date(2019, 12, 1)] * 3,
            "household_type": ["exited"] * 3,
            "village_code": ["533901203205", "533901203205", "533901204201"],
        }
    )
    homes.write_parquet(folder / "households.parquet")
    rows = [(home, year) for home in HOMES for year in YEARS]
    incomes = pl.DataFrame(
        {
            "household_id": [home for home, _ in rows],
            "period_start": [date(year, 1, 1) for _, year in rows],
            "period_end": [date(year, 12, 31) for _, year in rows],
            "recorded_on": [date(year, 12, 31) for _, year in rows],
            "household_size": [3] * len(rows),
            "net_income_per_capita": [9000.0] * len(rows),
        }
    )
    incomes.write_parquet(folder / "incomes.parquet")
    return folder


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_audit_says_which_year_s_line_was_used_on_screen_page_and_account(register, tmp_path, capsys, lang):
    assert run(["audit", str(register), "--out", str(tmp_path / "out"), "--lang", lang]) == 0
    sentence = remark_text(("line_of_other_year", DETAILS), Texts(lang))
    assert sentence in capsys.readouterr().out
    assert sentence in unescape((tmp_path / "out" / "audit.html").read_text(encoding="utf-8"))
    remarks = json.loads((tmp_path / "out" / "run.json").read_text(encoding="utf-8"))["remarks"]
    assert remarks == [{"code": "line_of_other_year", **DETAILS, "years": [*YEARS[2:]]}]


def test_an_office_s_own_lines_leave_nothing_to_say(register, tmp_path, capsys):
    mine = tmp_path / "lines.toml"
    mine.write_text("[lines.2022]\nyuan = 4800\n[lines.2023]\nyuan = 5000\n", encoding="utf-8")
    asked = ["audit", str(register), "--lines", str(mine), "--out", str(tmp_path / "out"), "--lang", "en"]
    assert run(asked) == 0
    assert "poverty line of its own" not in capsys.readouterr().out


def test_scores_say_it_of_both_lines_and_bear_the_names_of_the_office_s_table(register, tmp_path, capsys):
    table = tmp_path / "区划.csv"
    table.write_bytes("代码,名称\n533901000000,甲县\n533901203000,乙乡\n533901203205,丙村\n".encode("gb18030"))
    where = ["--as-of", "2023-12-31", "--out", str(tmp_path / "out"), "--lang", "en", "--capacity", "2"]
    assert run(["score", str(register), "--rule", "--divisions", str(table), *where, "--split-by", "village"]) == 0
    said = capsys.readouterr().out
    compared = "line of its own: 3 household incomes were compared with that of"
    assert f"2023 has no poverty {compared} 2020, 4,000 yuan" in said
    assert f"2023 has no monitoring {compared} 2021, 6,000 yuan" in said
    areas = pl.read_parquet(tmp_path / "out" / "areas.parquet").filter(level="village")
    assert areas.select("county", "town", "village", "households").sort("households").rows() == [
        ("甲县", "533901 204", "533901 204 201", 1),
        ("甲县", "乙乡", "丙村", 2),
    ]


def test_a_table_of_divisions_that_cannot_be_used_is_one_line(register, tmp_path, capsys):
    table = tmp_path / "区划.csv"
    table.write_text("代码,县,村\n533901203205,甲县,丙村\n", encoding="utf-8")
    asked = ["score", str(register), "--rule", "--divisions", str(table), "--as-of", "2023-12-31"]
    assert run([*asked, "--out", str(tmp_path / "out"), "--lang", "zh"]) == 2
    said = capsys.readouterr().err
    assert "代码, 县, 村" in said and len(said.strip().splitlines()) == 1
