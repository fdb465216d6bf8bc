"""One household through the command line: on screen and in files, and every refusal in one line."""

import io

import docx
import openpyxl
import pytest

from relapse_risk.cli import run
from relapse_risk.ingest import read_records

DAY = "2020-10-31"


@pytest.fixture(scope="module")
def register(tmp_path_factory):
    out = tmp_path_factory.mktemp("county") / "register"
    assert run(["synth", "--households", "120", "--seed", "4", "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture(scope="module")
def household(register):
    return read_records(register).records.tables["households"]["household_id"][0]


def _asked(household, register, *more, days=("2020-09-30", DAY)):
    as_of = [word for day in days for word in ("--as-of", day)]
    return ["household", household, str(register), "--rule", *as_of, *more]


@pytest.mark.parametrize(
    ("lang", "words"), [("zh", ("现状", "各月风险", "没有给出台账")), ("en", ("Risk over time", "No ledger"))]
)
def test_it_is_shown_on_screen(register, household, lang, words, capsys):
    assert run(_asked(household, register, "--lang", lang)) == 0
    out, err = capsys.readouterr()
    assert err == ""
    assert all(word in out for word in (*words, household, "2020-09-30", DAY))


@pytest.mark.parametrize(
    "suffix", [".html", pytest.param(".xlsx", marks=pytest.mark.slow), pytest.param(".docx", marks=pytest.mark.slow)]
)
def test_it_is_written_over_only_where_it_is_ours_and_that_is_asked(register, household, suffix, tmp_path, capsys):
    out = tmp_path / f"一 户{suffix}"
    assert run(_asked(household, register, "--out", str(out), "--lang", "en")) == 0
    assert str(out) in capsys.readouterr().out
    before = out.read_bytes()
    assert run(_asked(household, register, "--out", str(out), "--lang", "en")) == 2
    assert out.read_bytes() == before
    again = _asked(household, register, "--out", str(out), "--overwrite", "--lang", "zh", days=(DAY,))
    assert run(again) == 0
    assert out.read_bytes() != before
    foreign = b"<html><title>relapse-risk household</title></html>" if suffix == ".html" else _other_office_file(suffix)
    out.write_bytes(foreign)
    capsys.readouterr()
    assert run(again) == 2
    assert out.name in capsys.readouterr().err
    assert out.read_bytes() == foreign


def _other_office_file(suffix):
    """Return a workbook or text document that somebody else wrote."""
    made = io.BytesIO()
    (openpyxl.Workbook() if suffix == ".xlsx" else docx.Document()).save(made)
    return made.getvalue()


@pytest.mark.parametrize(
    ("more", "part"),
    [
        (["--out", "a.pdf"], "a.pdf"),
        (["--ledger", "none.db"], "none.db"),
        (["--bundle", "a.rrb"], "--rule"),
    ],
)
def test_what_cannot_be_is_one_line(register, household, more, part, capsys, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    assert run(_asked(household, register, *more, "--lang", "en")) == 2
    err = capsys.readouterr().err
    assert err.count("\n") == 1
    assert part in err
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("lang", ["zh", "en"])
def test_an_unknown_household_names_no_other(register, household, lang, capsys):
    assert run(_asked("53230000", register, "--lang", lang)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert err.count("\n") == 1
    assert "53230000" in err
    assert DAY in err
    assert household not in err
