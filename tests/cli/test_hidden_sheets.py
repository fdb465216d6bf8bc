"""Hidden sheets: named in every run, read where asked."""

import pytest
import xlsxwriter

from relapse_risk.cli import run


@pytest.fixture
def exports(tmp_path):
    with xlsxwriter.Workbook(tmp_path / "a.xlsx") as book:
        for name in ("户信息", "农户信息"):
            sheet = book.add_worksheet(name)
            sheet.write_row(0, 0, ["户编号", "户类型", "填报日期"])
            sheet.write_row(1, 0, [f"{name}1", "脱贫户", "2019-12-02"])
            if name == "农户信息":
                sheet.hide()
    return tmp_path / "a.xlsx"


@pytest.mark.parametrize(("lang", "words"), [("zh", "是隐藏的"), ("en", "It is hidden")])
def test_a_dry_run_names_a_hidden_sheet_and_how_to_read_it(exports, capsys, lang, words):
    assert run(["audit", str(exports), "--dry-run", "--lang", lang]) == 0
    shown = capsys.readouterr()
    line = next(line for line in (shown.out + shown.err).splitlines() if "农户信息" in line)
    assert words in line
    assert "--hidden-sheets" in line


def test_a_hidden_sheet_is_read_where_asked(exports, capsys):
    assert run(["audit", str(exports), "--dry-run", "--hidden-sheets", "--lang", "en"]) == 0
    shown = capsys.readouterr()
    assert "hidden" not in shown.out + shown.err
