"""Proposals by the command line: shown, written to be confirmed, accepted when asked, found again next month."""

import json
import re
from importlib import import_module

import openpyxl
import pytest

from relapse_risk.bundle import rule_bundle
from relapse_risk.cli import run
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.policy import read_policy

SCORED = ("run.json", "report.html")
HOUSEHOLDS = """户编号,户主姓名,户类型,目前家庭人口规模,年度,主要致贫原因,颜色
5323001,王某某,脱贫户,4,2020,缺乏劳力,红
5323002,李某某,一般农户,3,2020,因病,黄
"""
INCOMES = """户编号,年度,家庭人口数,人均纯收入
5323001,2020,4,9000
5323002,2020,3,12000
"""


@pytest.fixture
def exports(tmp_path):
    folder = tmp_path / "exports"
    folder.mkdir()
    (folder / "户信息.csv").write_text(HOUSEHOLDS, encoding="utf-8")
    (folder / "收入.csv").write_text(INCOMES, encoding="utf-8")
    return folder


@pytest.fixture
def county(exports, tmp_path):
    file = tmp_path / "county.toml"
    assert run(["audit", str(exports), "--dry-run", "--propose", str(file), "--lang", "en", "--quiet"]) == 0
    return file


def sizes(exports, **files):
    households = read_records(exports, policy=read_policy(**files)).records.table("households")
    return households["size"].to_list() if "size" in households.columns else None


def test_a_proposal_says_why_and_how_sure_it_is(exports, capsys):
    for lang, said in (
        ("en", "proposed as households.size (confidence 0.9"),
        ("zh", "建议读作 households.size（把握 0.9"),
    ):
        assert run(["audit", str(exports), "--dry-run", "--lang", lang]) == 0
        assert said in capsys.readouterr().out


def test_a_written_proposal_is_a_remark_until_it_is_confirmed(exports, county):
    text = county.read_text(encoding="utf-8")
    line = re.search(r'^# ("目前家庭人口规模" = "size")  # (.*)$', text, re.MULTILINE)
    assert line and "0.9" in line[2] and "户信息.csv" in line[2] and "example: 4" in line[2]
    assert "王某某" not in text
    assert sizes(exports, aliases=county, codes=county) is None
    county.write_text(text.replace(f"# {line[1]}", line[1]), encoding="utf-8")
    assert sizes(exports, aliases=county, codes=county) == [4, 3]


def test_one_file_serves_as_aliases_and_as_codes(exports, county):
    text = county.read_text(encoding="utf-8")
    assert '\n# "缺乏劳力" = "labour"' in text
    county.write_text(text.replace('\n# "', '\n"'), encoding="utf-8")
    records = read_records(exports, policy=read_policy(aliases=county, codes=county)).records
    assert records.table("households")["poverty_cause"].to_list() == ["labour", "illness"]


def test_a_file_that_is_there_is_not_replaced(exports, county, capsys):
    before = county.read_bytes()
    assert run(["audit", str(exports), "--dry-run", "--propose", str(county), "--overwrite", "--lang", "en"]) == 2
    assert capsys.readouterr().err.count("\n") == 1
    assert county.read_bytes() == before


def test_next_month_says_which_sheets_are_as_they_were(exports, county, capsys):
    again = ["audit", str(exports), "--dry-run", "--aliases", str(county), "--codes", str(county), "--lang", "en"]
    renamed = exports / "农户.csv"
    (exports / "户信息.csv").rename(renamed)
    assert run(again) == 0
    assert capsys.readouterr().out.count("the same headers as when the proposals were saved") == 2
    renamed.rename(exports / "户信息.csv").write_text(HOUSEHOLDS.replace("颜色", "民宿"), encoding="utf-8")
    assert run(again) == 0
    assert "New: 民宿. Gone: 颜色" in capsys.readouterr().out


@pytest.mark.parametrize(("accepted", "kinds"), [(None, []), ("0.99", []), ("0.8", ["cells", "headers"])])
def test_proposals_are_accepted_only_when_asked_and_listed_on_every_output(exports, tmp_path, capsys, accepted, kinds):
    asked = [] if accepted is None else ["--accept-proposals", accepted]
    assert run(["audit", str(exports), "--out", str(tmp_path / "out"), *asked, "--lang", "en"]) == 0
    said = {
        "screen": capsys.readouterr().out,
        "run": (tmp_path / "out" / "run.json").read_text(encoding="utf-8"),
        "page": (tmp_path / "out" / "audit.html").read_text(encoding="utf-8"),
        "workbook": text_of(tmp_path / "out" / "audit.xlsx"),
    }
    listed = ("目前家庭人口规模 = households.size", "缺乏劳力 = households.poverty_cause: labour")
    for where, text in said.items():
        assert [one in text for one in listed] == [bool(kinds)] * 2, where
    assert [key for key in json.loads(said["run"])["options"] if key == "accept_proposals"]


def test_a_scoring_lists_what_it_was_read_by_on_the_screen_in_its_account_and_on_its_page(exports, tmp_path, capsys):
    day = ["--as-of", "2020-12-31", "--capacity", "1", "--rule", "--lang", "en"]
    for name, asked in (("plain", []), ("accepted", ["--accept-proposals", "0.8"])):
        out = tmp_path / name
        assert run(["score", str(exports), *day, "--out", str(out), *asked]) == 0
        said = [capsys.readouterr().out, *((out / file).read_text(encoding="utf-8") for file in SCORED)]
        assert ["目前家庭人口规模 = households.size" in text for text in said] == [bool(asked)] * len(said)


@pytest.mark.parametrize("verb", ["train", "evaluate"])
def test_a_model_is_fitted_to_what_accepted_proposals_read(exports, tmp_path, monkeypatch, verb):
    seen = []

    def stopped(records, **options):
        seen.append(records)
        raise InputError("cli_missing", name="more")

    monkeypatch.setattr(import_module(f"relapse_risk.cli.{verb}"), verb, stopped)
    out = tmp_path / ("out.rrb" if verb == "train" else "out")
    command = [verb, str(exports), "--as-of", "2019-12-31", "--out", str(out), "--accept-proposals", "0.8"]
    assert run([*command, "--quiet"]) == 2
    assert seen[0].table("households")["size"].to_list() == [4, 3]
    assert [len(sheet.by_proposals) for sheet in seen[0].sheets if "户信息" in sheet.label] == [2]


@pytest.mark.parametrize("suffix", [None, ".html"])
def test_a_household_is_described_by_accepted_proposals_and_lists_them(exports, tmp_path, capsys, suffix):
    command = ["household", "5323001", str(exports), "--as-of", "2020-12-31", "--rule", "--lang", "en"]
    for name, asked in (("plain", []), ("accepted", ["--accept-proposals", "0.8"])):
        out = None if suffix is None else tmp_path / f"{name}{suffix}"
        assert run([*command, *asked, *([] if out is None else ["--out", str(out)])]) == 0
        said = capsys.readouterr().out
        if suffix == ".html":
            said = out.read_text(encoding="utf-8")
        assert ("目前家庭人口规模 = households.size" in said) == bool(asked)


def test_a_bundle_is_adapted_to_what_accepted_proposals_read(exports, tmp_path, monkeypatch):
    seen = []

    def stopped(bundle, records, **options):
        seen.append(records)
        raise InputError("cli_missing", name="more")

    monkeypatch.setattr(import_module("relapse_risk.cli.adapt"), "adapt", stopped)
    rule_bundle().save(tmp_path / "rule.rrb")
    files = ["--bundle", str(tmp_path / "rule.rrb"), "--out", str(tmp_path / "own.rrb")]
    for asked in ([], ["--accept-proposals", "0.8"]):
        assert run(["adapt", str(exports), "--as-of", "2019-12-31", *files, *asked, "--quiet"]) == 2
    assert [len(sheet.by_proposals) for one in seen for sheet in one.sheets if "户信息" in sheet.label] == [0, 2]


def test_a_confirmed_file_is_read_by_without_a_policy(exports, county):
    county.write_text(county.read_text(encoding="utf-8").replace('\n# "', '\n"'), encoding="utf-8")
    for policy in (None, read_policy()):
        read = read_records(exports, policy=policy, aliases=county, codes=county)
        households = read.records.table("households").select("size", "poverty_cause")
        assert households.rows() == [(4, "labour"), (3, "illness")]


def text_of(path):
    book = openpyxl.load_workbook(path, read_only=True)
    return "\n".join(str(cell) for sheet in book for row in sheet.iter_rows(values_only=True) for cell in row if cell)


@pytest.mark.parametrize(
    ("args", "said"),
    [
        (["--propose", "county.toml", "--out", "out"], "--dry-run"),
        (["--dry-run", "--accept-proposals", "0"], "--accept-proposals"),
        (["--dry-run", "--accept-proposals", "1.5"], "--accept-proposals"),
        (["--dry-run", "--accept-proposals", "sure"], "--accept-proposals"),
    ],
)
def test_what_cannot_be_done_is_one_line(exports, monkeypatch, tmp_path, capsys, args, said):
    monkeypatch.chdir(tmp_path)
    assert run(["audit", str(exports), *args, "--lang", "en"]) == 2
    error = capsys.readouterr().err
    assert said in error and error.count("\n") == 1
    assert {path.name for path in tmp_path.iterdir()} == {"exports"}
