"""Every check finds what it is for, and nothing where there is nothing."""

from dataclasses import replace

import numpy as np
import pytest

from relapse_risk.evaluation import ColumnDrift, ColumnLevel
from relapse_risk.evaluation.checks import CHECKS, DayFacts, run_checks
from relapse_risk.metrics import LargestError, Spiegelhalter
from relapse_risk.policy import CheckPolicy, Texts, read_model
from tests.evaluation.found_contexts import (
    about,
    make_clean,
    make_column,
    make_group,
    make_model,
    with_default,
    with_facts,
    with_figure,
    with_judgement,
)

CLEAN = make_clean()
COLUMNS = CLEAN.facts.columns
DEFAULT = CLEAN.judgement.models[0]


def _with_rival(name, over):
    return with_judgement(models=(DEFAULT, make_model(name, over=over)))


def _in_one_county():
    there = np.where(CLEAN.predictions.outcome == 1, "甲县", CLEAN.predictions.groups["county"])
    return replace(CLEAN, predictions=replace(CLEAN.predictions, groups={"county": there}))


def _beyond(**shares):
    return with_facts(reach=replace(CLEAN.facts.reach, **shares))


WORST = LargestError(kind="ethnicity", group="彝族", error=-0.02, z=-4.0, p_value=0.001, critical=2.5, groups=4)
DAYS = (DayFacts(day="2018-12-31", rows=4000, events=80), DayFacts(day="2019-12-31", rows=4000, events=200))

FAILING = {
    "RR101": with_facts(columns=(*COLUMNS, make_column("later", auc=0.99))),
    "RR102": with_facts(undated={"incomes": 1.0}),
    "RR103": with_facts(columns=(*COLUMNS, make_column("watched", table="monitoring", auc=0.7))),
    "RR104": with_facts(columns=(*COLUMNS, make_column("fall", table="loans", auc=0.9))),
    "RR201": _with_rival("income", -0.01),
    "RR202": _with_rival("policy_rule", -0.01),
    "RR203": _with_rival("income", 0.001),
    "RR204": _with_rival("logistic", -0.01),
    "RR301": with_judgement(events=40),
    "RR302": with_facts(trained_events=40),
    "RR303": with_facts(columns=tuple(make_column(f"c{i}") for i in range(60))),
    "RR401": with_figure("expected_observed_ratio", about(0.8)),
    "RR402": with_figure("calibration_slope", about(1.3)),
    "RR403": with_default(spiegelhalter=Spiegelhalter(z=4.0, p_value=0.0001)),
    "RR404": with_default(largest_group_error=WORST),
    "RR405": with_default(groups=(make_group(smallest_seen=0.04),)),
    "RR501": _beyond(outside={"income": 0.1}),
    "RR502": _beyond(unseen={"income": 0.1}),
    "RR503": _beyond(missing={"income": 0.1}),
    "RR504": with_facts(drifts={"income": ColumnDrift(shift=-0.6, log_odds=0.06)}),
    "RR601": _in_one_county(),
    "RR602": with_facts(days=DAYS),
    "RR603": with_facts(unreported_share=0.08),
    "RR604": with_facts(forward=False),
    "RR701": with_facts(dropped=({"zh": "甲", "en": "a"},)),
    "RR702": with_facts(columns=(*COLUMNS, make_column("flag", levels=(ColumnLevel(value="1", rows=400, events=0),)))),
    "RR703": with_facts(extremes={("incomes", "wage"): 1e6}),
}

PASSING = {
    "RR101": with_facts(columns=(*COLUMNS, make_column("good", auc=0.8))),
    "RR102": with_facts(undated={"assistance": 1.0}),  # nothing is made from it
    "RR103": with_facts(columns=(*COLUMNS, make_column("fine", table="monitoring", auc=0.55))),
    "RR104": with_facts(columns=(*COLUMNS, make_column("a", auc=0.9), make_column("b", table="loans", auc=0.88))),
    "RR201": _with_rival("income", 0.01),
    "RR202": _with_rival("policy_rule", 0.01),
    "RR203": _with_rival("income", 0.01),
    "RR204": _with_rival("logistic", 0.001),
    "RR401": with_figure("expected_observed_ratio", about(0.8, half=0.3)),  # no more than chance
    "RR402": with_figure("calibration_slope", about(1.05, half=0.01)),  # more than chance, and of no matter
    "RR404": with_default(largest_group_error=None),
    "RR601": replace(CLEAN, predictions=replace(CLEAN.predictions, groups={})),
    "RR602": with_facts(days=(DayFacts(day="a", rows=50, events=1), DayFacts(day="b", rows=50, events=3))),
    "RR702": with_facts(columns=(*COLUMNS, make_column("flag", levels=(ColumnLevel(value="1", rows=40, events=0),)))),
}


def _codes(context):
    return {finding.code for finding in run_checks(context)}


def test_where_nothing_is_wrong_nothing_is_found():
    assert run_checks(CLEAN) == ()


def test_every_check_has_a_case():
    assert {*FAILING} == {*CHECKS}


@pytest.mark.parametrize("code", FAILING)
def test_it_finds_what_it_is_for_and_says_so_in_both_languages(code):
    found = [one for one in run_checks(FAILING[code]) if one.code == code]
    assert found
    for lang in ("zh", "en"):
        sentence = found[0].sentence(Texts(lang))
        assert sentence
        assert "{" not in sentence
    assert _codes(FAILING[code]) <= {code, "RR303"} | ({"RR103"} if code == "RR104" else set())


@pytest.mark.parametrize("code", PASSING)
def test_it_is_quiet_where_it_should_be(code):
    assert code not in _codes(PASSING[code])


def test_a_code_value_all_of_whose_rows_relapsed_is_separation():
    spoilt = with_facts(columns=(make_column("flag", levels=(ColumnLevel(value="x", rows=6, events=6),)),))
    assert "RR702" in _codes(spoilt)


def test_a_column_made_from_the_monitoring_type_of_households_is_next_to_the_outcome():
    near = make_column("kind", table="households", made_from=("monitoring_type|x",), auc=0.7)
    assert "RR103" in _codes(with_facts(columns=(*COLUMNS, near)))


def test_a_miscalibrated_group_says_the_smallest_detectable_error():
    (found,) = (one for one in run_checks(FAILING["RR404"]) if one.code == "RR404")
    assert "2.0% too low" in found.sentence(Texts("en"))
    assert "the smallest detectable error is 1.0%" in found.sentence(Texts("en"))


def test_the_gravest_come_first():
    both = with_facts(
        forward=False, columns=(*COLUMNS, make_column("later", auc=0.99)), dropped=({"zh": "a", "en": "a"},)
    )
    assert [one.severity for one in run_checks(both)] == ["error", "warn", "note"]


def test_what_is_not_a_number_is_no_finding():
    nan = float("nan")
    spoilt = with_default(
        figures={name: about(nan) for name in DEFAULT.figures},
        spiegelhalter=Spiegelhalter(z=nan, p_value=nan),
        largest_group_error=None,
    )
    assert _codes(spoilt) == set()


def test_every_check_is_worded_in_both_languages_and_documented():
    data = read_model(CheckPolicy, "evaluation")
    assert {*data.checks} == {*CHECKS}
    for check in data.checks.values():
        for wording in (check.name, check.sentence, check.explanation, check.todo):
            assert wording.zh
            assert wording.en
