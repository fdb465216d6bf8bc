import json
from zipfile import ZipFile

import openpyxl
import polars as pl
import pytest

from relapse_risk.scoring import score
from tests.scoring.scored_registers import make_bundle, make_records

DAY = "2019-12-31"


@pytest.fixture(scope="module")
def records():
    return make_records()


@pytest.fixture(scope="module")
def bundle():
    return make_bundle()


@pytest.fixture(scope="module")
def roster(records, bundle):
    return score(records, bundle, as_of=DAY, capacity=30)


def test_what_is_written_is_what_was_found(roster, tmp_path):
    roster.write(tmp_path / "out")
    written = {"risk.parquet", "areas.parquet", "capacity.parquet", "roster.xlsx", "report.html"}
    assert {path.name for path in (tmp_path / "out").iterdir()} == written
    assert pl.read_parquet(tmp_path / "out" / "risk.parquet").equals(roster.frame)
    sheet = openpyxl.load_workbook(tmp_path / "out" / "roster.xlsx").worksheets[2]
    ids = [row[3].value for row in sheet.iter_rows(min_row=6)]
    assert ids == roster.listed["household_id"].to_list()


def test_the_same_scores_give_the_same_files(records, bundle, roster, tmp_path):
    roster.write(tmp_path / "one")
    score(records, bundle, as_of=DAY, capacity=30).write(tmp_path / "two")
    for path in (tmp_path / "one").iterdir():
        assert path.read_bytes() == (tmp_path / "two" / path.name).read_bytes(), path.name


def test_carried_columns_stand_in_the_workbook_and_nowhere_else(roster, tmp_path):
    carried = roster.frame.select("household_id", head_name=pl.lit("张某某"))
    roster.write(tmp_path, carried=carried)
    with ZipFile(tmp_path / "roster.xlsx") as book:
        assert any("张某某".encode() in book.read(name) for name in book.namelist())
    for name in ("risk.parquet", "report.html"):
        assert "张某某".encode() not in (tmp_path / name).read_bytes()


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_the_page_names_no_household(roster, tmp_path, lang):
    roster.to_html(tmp_path / "report.html", lang=lang)
    page = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert not [household for household in roster.frame["household_id"] if household in page]


def test_split_by_town_makes_a_list_for_each(records, bundle, roster, tmp_path):
    split = score(records, bundle, as_of=DAY, capacity=30, split_by="town")
    assert split.frame.equals(roster.frame)
    split.to_excel(tmp_path / "roster.xlsx")
    assert openpyxl.load_workbook(tmp_path / "roster.xlsx").sheetnames == ["说明", "汇总", "东镇", "西镇", "等待名单"]


def test_the_summary_is_json_and_adds_up(roster):
    summary = json.loads(json.dumps(roster.summary))
    assert summary["households"] == 400 == sum(summary[name] for name in ("at_risk", "rule_only", "not_scored"))
    assert summary["listed"] == 30 == summary["listed_by_risk"] + summary["listed_by_rule"]
    assert summary["listed"] == sum(summary[t] for t in ("red", "orange", "yellow"))
    assert summary["listed"] + summary["waiting"] == summary["plan"]["all"]["demanded"]
    rules = {rule["rule"]: rule for rule in summary["rules"]}
    assert rules["relapsed"]["met"] == rules["relapsed"]["listed"] + rules["relapsed"]["waiting"] > 0
    unseen = dict.fromkeys(("met", "listed", "waiting", "unknown"))
    assert rules["drop_out"] == {"rule": "drop_out", "tier": "orange", **unseen}
    assert 0 < summary["expected_relapses_listed"] < summary["expected_relapses"]
    low, high = summary["expected_relapses_in_past_years"]
    assert low < 0.9 * summary["expected_relapses"] < 1.1 * summary["expected_relapses"] < high


def test_what_it_prints_names_nobody(roster):
    summary = roster.summary
    listed = f"{summary['listed_by_risk']} listed by risk, {summary['listed_by_rule']} by rule"
    assert repr(roster) == f"Roster(as of 2019-12-31, 345 of 400 at risk, {listed})"


def test_a_roster_has_its_areas_and_writes_them(roster, tmp_path):
    whole = roster.areas.row(0, named=True)
    assert whole["expected"] == pytest.approx(roster.frame["probability"].sum())
    assert whole["lower"] < whole["expected"] < whole["upper"]
    assert whole["households"] == roster.frame.height
    assert whole["listed"] == roster.listed.height
    assert roster.areas["level"].unique(maintain_order=True).to_list() == ["all", "county", "town", "village"]
    roster.write(tmp_path / "out")
    assert pl.read_parquet(tmp_path / "out" / "areas.parquet").equals(roster.areas)
