"""What reading loses of a cell is a finding of the audit, with words of its own."""

from relapse_risk.audit import run_audit
from relapse_risk.ingest import read_records
from relapse_risk.policy import read_policy


def test_every_way_of_losing_a_cell_is_found_and_worded(tmp_path):
    lines = ["户编号,识别日期,风险消除日期,户类型", "h1,2020-01-02,#REF!,脱贫户", "h2,2020-01-02,2021年上半年,脱贫户"]
    (tmp_path / "监测对象.csv").write_text("\n".join([*lines, "h3,2020-01-02,2020-02-30,脱贫户"]), encoding="utf-8")
    findings = run_audit(read_records(tmp_path)).findings.filter(column="cleared_on")
    assert findings["rule"].to_list() == ["error_value", "period_not_day", "impossible_date"]
    wordings = read_policy().audit.rules
    assert {"formula_without_value", "month_ambiguous", *findings["rule"]} <= wordings.keys()
