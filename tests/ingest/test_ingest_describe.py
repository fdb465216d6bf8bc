"""How a source is understood, without reading its rows."""

import pytest

from relapse_risk.ingest import describe_source


def test_every_header_is_told_with_what_it_stands_for(tmp_path, write_workbook):
    sheets = {
        "小额信贷": [["表"], ["合同编号", "户编号", "证件号码", "借款人", "贷款金额(万元)", "备注", "颜色", "合同号"]],
        "奇怪": [["a", "b"], ["c", "d"]],
        "灾害": [],
    }
    write_workbook(tmp_path / "c.xlsx", sheets)
    (tmp_path / "notes.txt").write_text("x")
    found = describe_source(tmp_path)
    assert found.select("sheet", "row", "header", "column", "factor", "status", "reason").rows() == [
        (None, None, None, None, None, "not_needed", "file_not_read"),
        ("小额信贷", 2, "合同编号", "loan_id", 1.0, "read", None),
        ("小额信贷", 2, "户编号", "household_id", 1.0, "read", None),
        ("小额信贷", 2, "证件号码", "id_number", 1.0, "read", "joined"),
        ("小额信贷", 2, "借款人", "name", 1.0, "not_needed", "dropped"),
        ("小额信贷", 2, "贷款金额(万元)", "principal", 10000.0, "read", None),
        ("小额信贷", 2, "备注", None, None, "not_needed", None),
        ("小额信贷", 2, "颜色", None, None, "unread", "unknown"),
        ("小额信贷", 2, "合同号", None, None, "unread", "twice"),
        ("小额信贷", None, None, None, None, "read", None),
        ("奇怪", None, None, None, None, "not_needed", "sheet_no_list"),
        ("灾害", None, None, None, None, "not_needed", "sheet_empty"),
    ]


@pytest.mark.slow
def test_every_header_of_the_samples_is_understood(shared):
    for dialect in ("registry", "departments"):
        found = describe_source(shared / "samples" / dialect)
        assert set(found["status"]) <= {"read", "not_needed"}
