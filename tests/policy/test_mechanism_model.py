"""The data files of the mechanism: what is wrong in an office's own is said in one line, and ours say all there is."""

import re

import pytest

from relapse_risk.errors import InputError
from relapse_risk.policy import read_policy
from tests.edited_models import edited
from tests.source_trees import strings

MECHANISM = read_policy().mechanism


def own(folder, text):
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return read_policy(mechanism=path).mechanism


def test_a_part_that_means_nothing_is_refused(tmp_path):
    with pytest.raises(InputError) as caught:
        own(tmp_path, "[rule.unsafe_water]\ntier = 'red'")
    assert caught.value.code == "data_table_unknown"


WRONG = [
    ("[rules.own]\ncolumn = 'a'\nat_least = 1\ntier = 'red'", "rules.own has no zh"),
    ("[rules.unsafe_water]\ntier = 'purple'", 'rules.unsafe_water.tier is "purple"'),
    ("[rules.unsafe_water]\nteir = 'red'", "rules.unsafe_water.teir means nothing there"),
    ("[rules.unsafe_water]\nonly = ['everybody']", 'rules.unsafe_water.only.1 is "everybody"'),
    ("[rules.unsafe_water]\nat_least = 'one'", 'rules.unsafe_water.at_least is "one"'),
    ("[rules.unsafe_water]\nat_least = true", "rules.unsafe_water.at_least is true"),
    ("[rules.unsafe_water]\nsource = []", "rules.unsafe_water.source is an empty list"),
    ("[rules.unsafe_water]\nsource = ['003 一', '009 二']", 'rules.unsafe_water.source.2 is "009 二"'),
    ("[rules.unsafe_water]\nuntil = '2020-12-31'", 'rules.unsafe_water.until is "2020-12-31"'),
    ("[rules.unsafe_water]\nsince = 2021-01-01\nuntil = 2020-12-31", "rules.unsafe_water.until is 2020-12-31"),
    ("[focus.lists.towns]\nuntil = 2020", "focus.lists.towns.until is 2020"),
    ("[classes.factor.hope]\nzh = '一'", 'classes.factor.hope is "hope"'),
    (
        "[classes.factor.depth.level.near]\nall = [{ column = 'a' }]",
        'classes.factor.depth.level.near.all.1 is column = "a"',
    ),
    (
        "[classes.factor.depth.level.near]\nall = [{ column = 'class_three', is = 'best' }]",
        'classes.factor.depth.level.near.all.1.is is "best"',
    ),
    ("[classes.population.sudden]\ncost = []", "classes.population.sudden.cost is an empty list"),
    ("[measures.measure.sales]\nclasses = ['best']", 'measures.measure.sales.classes.1 is "best"'),
    ("[measures.measure.sales]\nreasons = ['luck']", 'measures.measure.sales.reasons.1 is "luck"'),
    ("[measures.points]\nwhen = 1.5", "measures.points.when is 1.5"),
    ("[watch.lists.microcredit.bounds]\ndays = '90'", 'watch.lists.microcredit.bounds.days is "90"'),
    ("[watch.lists.microcredit.bounds]\ndays = -1", "watch.lists.microcredit.bounds.days is -1"),
    ("[watch.lists.medical_cost.bounds]\nshare = 10", "watch.lists.medical_cost.bounds.share is 10"),
    ("[watch.lists.schooling.bounds]\nout = 'none'", 'watch.lists.schooling.bounds.out is "none"'),
    ("[watch.lists.schooling.bounds]\nuntil = 5", "watch.lists.schooling.bounds.until is 5"),
    ("[watch.lists.industry.bounds]\nwhom = ['rich']", 'watch.lists.industry.bounds.whom.1 is "rich"'),
    ("[watch.lists.water.bounds]\ndepth = 3", "watch.lists.water.bounds means nothing there"),
    (
        "[watch.lists.water.states]\ndeep = { zh = '一', en = 'x' }",
        "watch.lists.water.states.deep means nothing there",
    ),
    ("[watch.lists.air]\nzh = '一'", "watch.lists.air means nothing there"),
    ("[watch.facts]\nwork = 3", "watch.facts.work means nothing there"),
    ("[focus.lists.towns]\nlevel = 'street'", 'focus.lists.towns.level is "street"'),
    (
        "[focus.lists.towns.criteria.poor_persons]\nabove = '3'",
        'focus.lists.towns.criteria.poor_persons.above is "3"',
    ),
    (
        "[focus.lists.towns.criteria.poor_persons]\nat_least = 3",
        "focus.lists.towns.criteria.poor_persons is a table",
    ),
    ("[listing.random]\nshare = 5", "listing.random.share is 5"),
    (
        "[listing.order]\nvisits = ['random', 'relapsed', 'rule_red', 'overdue', 'minimum', 'model_red', 'rule_orange',"
        " 'model_orange', 'endline', 'revisit', 'rule_yellow', 'model_yellow']",
        "listing.order.visits is a list. Allowed: a list in which red rules stand before",
    ),
    ("[listing.headers]\nstreet = ['街道']", 'listing.headers.street is "street"'),
    ("[ledger.clearing]\npropose_after_months = 0", "ledger.clearing.propose_after_months is 0"),
    ("[ledger.deadlines.red]\nvisited = 'soon'", 'ledger.deadlines.red.visited is "soon"'),
    ("[ledger.states.open]\ndue = 'never'", 'ledger.states.open.due is "never"'),
    ("[ledger.kinds.visited]\nleads = { open = 'asleep' }", 'ledger.kinds.visited.leads.open is "asleep"'),
    ("[ledger.kinds.visited]\nleads = 'visited'", 'ledger.kinds.visited.leads is "visited"'),
    ("[ledger.kinds.visited]\nby = 'anybody'", 'ledger.kinds.visited.by is "anybody"'),
    ("[ledger.kinds.visited]\nrequired = ['patience']", 'ledger.kinds.visited.required.1 is "patience"'),
    ("[visits.findings.stable]\nacts = ['visited', 'opened']", 'visits.findings.stable.acts.2 is "opened"'),
    ("[visits.findings.stable]\nacts = ['cleared', 'visited']", "visits.findings.stable.acts is a list"),
    ("[visits.findings.stable]\nacts = 3", "visits.findings.stable.acts is 3"),
    ("[visits.findings.stable]\nthen = 3", "visits.findings.stable.then is 3"),
    ("[visits.findings.stable]\nalso = 1", "visits.findings.stable.also is 1"),
    ("[visits.bounds]\nodds_ratio = 1", "visits.bounds.odds_ratio is 1"),
    ("[visits.bounds]\nodds_ratio = 'x'", 'visits.bounds.odds_ratio is "x"'),
    ("[visits.bounds]\nodds_ratio = true", "visits.bounds.odds_ratio is true"),
    ("[visits.texts.titel]\nzh = '一'\nen = 'x'", "visits.texts.titel means nothing there"),
    ("[visits.texts.subtitle]\nzh = '{day}'", 'visits.texts.subtitle.zh is "{day}"'),
    ("[bulletin.texts.title]\nen = '{'", 'bulletin.texts.title.en is "{"'),
    ("[drift.bounds.missing]\nalarm = 0.01", "drift.bounds.missing.alarm is 0.01"),
    ("[drift.expected]\ndraws = 0", "drift.expected.draws is 0"),
    ("[sources.005]\nzh = '一'", "sources.005 has no en"),
]


def test_what_cannot_be_meant_is_said_in_one_line_with_its_key(tmp_path):
    for text, said in WRONG:
        with pytest.raises(InputError) as caught:
            own(tmp_path, text)
        message = str(caught.value)
        assert f"mine.toml: {said}" in message
        assert re.search(r"(Allowed|Needed): \S", message), message
        assert "\n" not in message


def test_the_sources_an_office_adds_may_be_cited(tmp_path):
    text = "[rules.unsafe_water]\nsource = ['005 一']\n[sources.005]\nzh = '县方案'\nen = 'plan of the county'"
    assert own(tmp_path, text).rules["unsafe_water"].source == ("005 一",)


def test_another_test_on_a_rule_takes_the_place_of_ours(tmp_path):
    rule = own(tmp_path, "[rules.unsafe_water]\nabove = 3").rules["unsafe_water"]
    assert (rule.test, rule.bound) == ("above", 3.0)


def test_an_office_may_add_a_finding_of_its_own(tmp_path):
    finding = (
        "zh = '已搬走'\nen = 'moved'\nalso = []\nacts = ['visited']\nremark = true\nthen = { zh = '一', en = 'x' }\n"
    )
    findings = own(tmp_path, f"[visits.findings.moved]\n{finding}").visits.findings
    assert findings["moved"].remark
    assert list(findings)[-1] == "moved"


def test_what_is_read_cannot_be_changed():
    with pytest.raises(ValueError, match="frozen"):
        MECHANISM.listing.random.share = 1.0
    assert edited(MECHANISM, "listing.random.share", 1).listing.random.share == 1
    assert MECHANISM.listing.random.share == 0.05


def test_no_wording_stands_for_two_findings():
    findings = MECHANISM.visits.findings.values()
    words = [word for finding in findings for word in (finding.zh, finding.en, *finding.also)]
    assert len(words) == len(set(words))


def test_every_rule_by_which_a_row_is_refused_has_its_wording_and_no_other_has():
    assert MECHANISM.visits.rules.keys() - strings("ingest/visits") == set()
