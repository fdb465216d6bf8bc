import pytest

from relapse_risk.errors import InputError
from relapse_risk.policy import read_findings, read_policy
from tests.source_trees import strings

DATA = read_policy().mechanism


@pytest.mark.parametrize(
    "change",
    ["acts = ['visited', 'opened']", "acts = ['cleared', 'visited']", "acts = 3", "then = 3", "also = 1"],
)
def test_a_finding_that_leads_nowhere_is_refused(tmp_path, change):
    path = tmp_path / "mechanism.toml"
    path.write_text(f"[visits.findings.stable]\n{change}\n", encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_findings(read_policy(mechanism=path).mechanism["visits"])
    assert caught.value.code == "finding_unusable"


def test_an_office_may_add_a_finding_of_its_own(tmp_path):
    path = tmp_path / "mechanism.toml"
    told = "zh = '已搬走'\nen = 'moved'\nalso = []\nacts = ['visited']\nremark = true\nthen = { zh = '一', en = 'x' }\n"
    path.write_text(f"[visits.findings.moved]\n{told}", encoding="utf-8")
    findings = read_findings(read_policy(mechanism=path).mechanism["visits"])
    assert findings["moved"].remark
    assert list(findings)[-1] == "moved"


def test_no_wording_stands_for_two_findings():
    findings = read_findings(DATA["visits"]).values()
    words = [word for finding in findings for word in (*finding.words.values(), *finding.also)]
    assert len(words) == len(set(words))


def test_every_rule_by_which_a_row_is_refused_has_its_wording_and_no_other_has():
    rules = DATA["visits"]["rules"]
    assert rules.keys() - strings("ingest/visits") == set()
    assert all(set(told) == {"zh", "en"} for told in rules.values())


def test_everything_the_workbook_and_the_bulletin_say_is_said_in_both_languages():
    topics = [(name, topic) for name in ("visits", "bulletin") for topic in DATA[name].items()]
    for _, (topic, entries) in topics:
        if topic != "bounds":
            assert all({"zh", "en"} <= set(told) and told["zh"] and told["en"] for told in entries.values()), topic
