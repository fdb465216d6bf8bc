"""Workbooks of other programs: the same sheet saved as .xls and .ods."""

from datetime import date

import pytest
from polars.testing import assert_frame_equal

from relapse_risk.ingest import read_records

pytestmark = pytest.mark.slow
ROWS = [
    ["户编号", "户类型", "家庭人口数", "是否解决安全饮用水", "耕地面积(亩)", "填报日期"],
    ["5323111012010001", "脱贫户", 4, "是", 1.5, date(2019, 12, 2)],
    ["5323111012010002", "一般农户", "３", 0, "1,234.5", "2019年12月3日"],
]


@pytest.mark.parametrize("suffix", ["xls", "ods", "xlsx"])
def test_a_workbook_saved_in_another_format_gives_the_same_records(tmp_path, write_workbook, save_as, suffix):
    source = write_workbook(tmp_path / "county.xlsx", {"户信息": [["户信息导出表"], *ROWS]})
    save_as(source, suffix, tmp_path / "saved")
    saved = read_records(tmp_path / "saved" / f"county.{suffix}")
    expected = read_records(source)
    assert saved.accounts["kept"].to_list() == [2]
    assert_frame_equal(saved.records.table("households"), expected.records.table("households"))
