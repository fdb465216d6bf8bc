"""Reasons in words: the household's own figures, in Chinese and English."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from relapse_risk.explain import find_speakers, sentences
from relapse_risk.features import DEFAULT_BUILDERS, Feature, build_features
from relapse_risk.policy import ColumnCondition, Lines, read_policy
from relapse_risk.policy.mechanism import NamingPolicy
from relapse_risk.records import Records

DAY = date(2019, 12, 31)


def feature(name: str, reason: str = "illness", unit: str = "count", **columns) -> Feature:
    quoted = columns.pop("sentence", {"zh": f"有 {{{name}}} 个", "en": f"count {{{name}}}"})
    return Feature(
        name=name, table="t", columns=(), reason=reason, unit=unit, zh=name, en=name, sentence=quoted, **columns
    )


# Every figure supports its reason, so that only what can be said decides.
ANY = NamingPolicy(
    supports={
        name: (ColumnCondition(column=name, at_least=-1e308),)
        for name in ("x", "y", "bills", "cost", "lone", "months", "workers")
    },
    unless={},
    contradicted={},
)


def sentences_of(frame, features, top, terms, columns, naming=ANY, **options):
    """Return the sentences of reasons given, where a feature may speak for them."""
    reasons = sorted({one.reason for one in features} | {code for code in top.row(0) if code})
    speakers = find_speakers(frame, features, terms, columns, reasons, naming)
    named = top.with_columns(
        pl.when(
            pl.concat_list(
                pl.Series(reason, speakers[reason].is_not_null()) & (pl.col(name) == reason) for reason in reasons
            ).list.any()
        )
        .then(name)
        .alias(name)
        for name in top.columns
    )
    return sentences(frame, features, named, speakers, np.full(frame.height, True), **options)


def said(value: object, unit: str, lang: str = "en", **columns) -> str:
    """Return how a value reads."""
    asked = feature("x", unit=unit, sentence={"zh": "{x}", "en": "{x}"}, **columns)
    frame = pl.DataFrame({"x": [value]})
    top = pl.DataFrame({"reason_1": ["illness"]})
    return sentences_of(frame, [asked], top, np.array([[1.0]]), ["x"])[f"sentence_1_{lang}"].item()


@pytest.mark.parametrize(
    ("value", "unit", "text"),
    [
        (8400.0, "yuan", "8,400"),
        (999.6, "yuan", "1,000"),
        (1234567.0, "yuan", "1,234,567"),
        (100.0, "yuan", "100"),
        (-12000.0, "yuan", "-12,000"),
        (9e18, "yuan", "9,000,000,000,000,000,000"),
        (1e300, "yuan", "1e+300"),
        (-1e300, "yuan", "-1e+300"),
        (1e300, "share", "1e+302%"),
        (-1e308, "ratio", "-1e+308"),
        (0.61, "share", "61%"),
        (0.053, "share", "5.3%"),
        (0.05, "share", "5%"),
        (2.5, "share", "250%"),
        (-0.126, "share", "-13%"),
        (1.0449, "ratio", "1.04"),
        (2.0, "ratio", "2"),
        (2.0, "persons", "2"),
        (9.4999, "years", "9.5"),
        (0.0, "months", "0"),
        (-0.01, "months", "0"),
        (2016.0, "year", "2016"),
    ],
)
def test_figures_read_as_people_write_them(value, unit, text):
    assert said(value, unit) == text


@pytest.mark.parametrize(("value", "text"), [(3200.0, "+3,200"), (-3200.0, "-3,200"), (0.0, "0")])
def test_a_change_has_its_sign(value, text):
    grew = feature("x", unit="months", sentence={"zh": "{x:+}", "en": "{x:+}"})
    grew_yuan = feature("y", unit="yuan", sentence={"zh": "{y:+}", "en": "{y:+}"})
    assert lead({"x": [value], "y": [value]}, [0.5, 0.0], features=[grew, grew_yuan]) == text.replace(",", "")
    if value:
        assert lead({"x": [value], "y": [value]}, [0.0, 0.5], features=[grew, grew_yuan]) == text


def test_codes_are_put_in_words():
    def worded(value, lang, words="household_types"):
        code = feature("code", unit="none", kind="code", words=words)
        asked = feature("x", sentence=dict.fromkeys(("zh", "en"), "{code} {x}"))
        frame, top = pl.DataFrame({"x": [1.0], "code": [value]}), pl.DataFrame({"reason_1": ["illness"]})
        return sentences_of(frame, [asked, code], top, np.array([[1.0]]), ["x"])[f"sentence_1_{lang}"].item()

    assert worded("near_poor", "zh") == "边缘户 1"
    assert worded("near_poor", "en") == "near-poor household 1"
    assert worded("illness", "zh", words="reasons") == "因病 1"
    assert worded("未知", "en") == "未知 1"


def known_households() -> Records:
    """Two households: a serious illness after two poor years; an overdue loan and nobody at work."""
    households = {
        "household_id": ["h1", "h2"],
        "recorded_on": [date(2016, 1, 1)] * 2,
        "household_type": ["exited", "near_poor"],
        "size": [4, 2],
        "house_grade": ["A", "C"],
    }
    incomes = {
        "household_id": ["h1"] * 3 + ["h2"],
        "period_start": [date(year, 1, 1) for year in (2017, 2018, 2019, 2019)],
        "period_end": [date(year, 12, 31) for year in (2017, 2018, 2019, 2019)],
        "household_size": [4, 4, 4, 2],
        "net_income_per_capita": [2500.0, 2900.0, 13770.0, 3600.0],
    }
    illness = {"household_id": ["h1"], "occurred_on": [date(2019, 4, 1)], "self_paid": [8400.0], "kind": ["serious"]}
    loans = {
        "loan_id": ["l1"],
        "household_id": ["h2"],
        "principal": [30000.0],
        "started_on": [date(2018, 3, 1)],
        "due_on": [date(2020, 3, 1)],
        "status": ["overdue"],
        "status_on": [date(2019, 9, 1)],
    }
    employment = {
        "person_id": ["p1"],
        "household_id": ["h2"],
        "started_on": [date(2018, 1, 1)],
        "ended_on": [date(2019, 9, 30)],
    }
    tables = {
        "households": households,
        "incomes": incomes,
        "illness": illness,
        "loans": loans,
        "employment": employment,
    }
    return Records({name: pl.DataFrame(table) for name, table in tables.items()}, exported_on=DAY)


def test_known_households_in_their_own_words():
    table = build_features(known_households(), DAY, lines=Lines(by_year={2017: 2952.0, 2018: 2995.0, 2019: 3218.0}))
    columns = [
        "illness_burden_12m",
        "below_line_share_36m",
        "in_spells_log",
        "loan_overdue",
        "loan_burden",
        "unsafe_house",
    ]
    terms = np.array([[0.9, 0.5, 0.1, 0.0, 0.0, 0.0], [-0.1, -0.1, 0.4, 0.3, 0.8, 0.2]])
    top = pl.DataFrame(
        {"reason_1": ["illness", "debt"], "reason_2": ["history", "employment"], "reason_3": [None, "guarantees"]}
    )
    found = sentences_of(table.frame, table.features, top, terms, columns, naming=read_policy().mechanism.naming)
    first, second = found.rows(named=True)
    assert first["sentence_1_zh"] == "近12个月自付医疗费 8,400 元，占人均纯收入 61%"
    assert first["sentence_1_en"] == "self-paid medical cost 8,400 yuan over 12 months, 61% of net income per person"
    assert first["sentence_3_zh"] is None
    assert first["reason_text_zh"] == (
        "因病：近12个月自付医疗费 8,400 元，占人均纯收入 61%；贫困历史：近36个月有收入记录的 3 期中 2 期低于贫困线"
    )
    assert second["reason_text_zh"] == (
        "负债：未结清小额信贷 30,000 元，占家庭纯收入 417%；务工就业不稳：当前在岗务工 0 人；"
        "住房饮水等保障：危房（C、D级）1 处"
    )
    assert second["reason_text_en"] == (
        "Debt: open loans 30,000 yuan, 417% of the household's net income; "
        "Unstable work: persons at work on the day: 0; "
        "Housing, water and insurance: dangerous houses (grade C or D): 1"
    )


TWO = [feature("bills"), feature("cost", unit="yuan"), feature("lone", reason="labour")]


def lead(values: dict[str, list], terms: list[float], features=TWO, reason: str = "illness") -> str:
    frame, top = pl.DataFrame(values), pl.DataFrame({"reason_1": [reason]})
    columns = [one.name for one in features]
    return sentences_of(frame, features, top, np.array([terms]), columns, langs=["en"])["sentence_1_en"].item()


def test_the_feature_that_raises_the_risk_most_speaks_for_its_reason():
    values = {"bills": [3.0], "cost": [70.0], "lone": [1.0]}
    assert lead(values, [0.4, 0.2, 9.0]) == "count 3"
    assert lead(values, [0.2, 0.4, 9.0]) == "count 70"


def test_a_feature_that_lowers_the_risk_never_speaks():
    assert lead({"bills": [3.0], "cost": [70.0], "lone": [1.0]}, [-0.4, 0.001, 9.0]) == "count 70"
    assert lead({"bills": [3.0], "cost": [70.0], "lone": [1.0]}, [-0.4, -0.2, 9.0]) is None


@pytest.mark.parametrize("nothing", [None, 0.0])
def test_what_is_unknown_or_nothing_is_not_quoted(nothing):
    assert lead({"bills": [nothing], "cost": [70.0], "lone": [1.0]}, [0.9, 0.1, 0.0]) == "count 70"
    assert lead({"bills": [nothing], "cost": [nothing], "lone": [1.0]}, [0.9, 0.1, 0.0]) is None


def test_a_zero_of_a_quantity_is_quoted():
    late = [feature("months", unit="months")]
    assert lead({"months": [0.0]}, [0.5], features=late) == "count 0"


def test_nothing_may_have_a_sentence_of_its_own():
    none = [feature("workers", absent={"zh": "务工 {workers} 人", "en": "at work: {workers}"})]
    assert lead({"workers": [0.0]}, [0.5], features=none) == "at work: 0"
    assert lead({"workers": [2.0]}, [0.5], features=none) == "count 2"


def test_a_sentence_whose_other_figure_is_unknown_or_not_there_is_not_used():
    quoting = [
        feature("bills", sentence={"zh": "{bills} {cost}", "en": "{bills} {cost}"}),
        feature("cost", unit="yuan"),
    ]
    assert lead({"bills": [3.0], "cost": [None]}, [0.5, 0.0], features=quoting) is None
    assert lead({"bills": [3.0]}, [0.5], features=quoting[:1]) is None


@pytest.mark.parametrize(
    ("cost", "lone", "text"),
    [(1.0, 2.0, "大病 1 人，慢病 2 人，共 3"), (0.0, 2.0, "慢病 2 人，共 3"), (1.0, 0.0, "大病 1 人，共 3")],
)
def test_of_a_sentence_what_is_nothing_is_left_out(cost, lone, text):
    said = "[大病 {cost} 人，][慢病 {lone} 人，]共 {bills}"
    three = [feature("bills", sentence={"zh": said, "en": said}), feature("cost"), feature("lone")]
    assert lead({"bills": [3.0], "cost": [cost], "lone": [lone]}, [0.5, 0.0, 0.0], features=three) == text
    assert lead({"bills": [3.0], "cost": [None], "lone": [lone]}, [0.5, 0.0, 0.0], features=three) is None


@pytest.mark.parametrize(
    ("frame", "spoken"),
    [
        ({"work_months_per_person": [0.0], "work_months": [0.0], "months_worked_12m": [11.5]}, None),
        ({"work_months_per_person": [0.0], "work_months": [0.0], "months_worked_12m": [2.0]}, "work_months_per_person"),
        (
            {"work_months_per_person": [0.0], "work_months": [0.0], "months_worked_12m": [None]},
            "work_months_per_person",
        ),
        ({"work_months_per_person": [0.0], "work_months": [0.0]}, "work_months_per_person"),
        ({"support_over_line_12m": [2.0], "support_12m": [9000.0], "support_income_share_12m": [1.51]}, None),
        (
            {"support_over_line_12m": [2.0], "support_12m": [9000.0], "support_income_share_12m": [0.9]},
            "support_over_line_12m",
        ),
    ],
)
def test_a_feature_that_another_record_speaks_against_does_not_speak(frame, spoken):
    features = [one for builder in DEFAULT_BUILDERS for one in builder.features if one.name in frame]
    name = next(iter(frame))
    reason = next(one.reason for one in features if one.name == name)
    naming = read_policy().mechanism.naming
    figures = pl.DataFrame(frame, schema=dict.fromkeys(frame, pl.Float64))
    assert find_speakers(figures, features, np.array([[0.4]]), [name], [reason], naming)[reason].to_list() == [spoken]


def test_a_reason_without_features_is_not_named():
    assert lead({"bills": [3.0], "cost": [1.0], "lone": [1.0]}, [1.0, 1.0, 1.0], reason="disaster") is None


def test_a_sentence_without_a_figure_names_nothing():
    flag = [feature("bills", sentence={"zh": "近12个月借款度日", "en": "borrowed over 12 months"})]
    assert lead({"bills": [1.0]}, [0.9], features=flag) is None
    code = feature("code", unit="none", kind="code")
    worded = [feature("bills", sentence={"zh": "{code}", "en": "{code}"}), code]
    assert lead({"bills": [1.0], "code": ["a"]}, [0.9, 0.0], features=worded) is None


def income_features():
    return [one for one in build_features(known_households(), DAY).features if one.reason == "income"]


@pytest.mark.parametrize("raised", [True, False])
def test_a_household_without_a_named_reason_is_told_as_a_whole_where_something_raises_its_risk(raised):
    frame = pl.DataFrame({"income_per_capita": [8000.0, None], "income_over_line": [2.0, None]})
    top = pl.DataFrame({"reason_1": [None, None]}, schema={"reason_1": pl.String})
    nobody = pl.DataFrame({"income": [None, None]}, schema={"income": pl.String})
    found = sentences(frame, income_features(), top, nobody, np.full(2, raised))
    assert found["sentence_1_zh"].null_count() == 2
    if not raised:
        assert found["reason_text_zh"].null_count() == found["reason_text_en"].null_count() == 2
        return
    assert found["reason_text_zh"].to_list() == [
        "户情综合判断，无单项突出原因：最近一期人均纯收入 8,000 元（折合全年），为贫困线的 2 倍",
        "户情综合判断，无单项突出原因；收入未知，请入户核实",
    ]
    assert found["reason_text_en"][0] == (
        "The household's situation as a whole, with no single reason: net income per person 8,000 yuan a year, "
        "2 times the poverty line"
    )
    assert found["reason_text_en"][1].endswith("its income is not known, ask on the spot")


def test_a_register_without_incomes_says_that_income_is_not_known():
    frame, top = pl.DataFrame({"bills": [1.0]}), pl.DataFrame({"reason_1": [None]}, schema={"reason_1": pl.String})
    nobody = pl.DataFrame({"illness": [None]}, schema={"illness": pl.String})
    found = sentences(frame, TWO[:1], top, nobody, np.array([True]), langs=["zh"])
    assert found["reason_text_zh"].item().endswith("收入未知，请入户核实")


def test_support_that_ended_is_no_dependence_and_no_small_share_of_transfers_silences_it():
    given = {feature.name: feature for builder in DEFAULT_BUILDERS for feature in builder.features}
    features = [given["support_ended_12m"], given["transfer_over_line_log"], given["transfer_share"]]
    frame = pl.DataFrame(
        {"household_id": ["h1"], "support_ended_12m": [2.0], "transfer_over_line_log": [0.01], "transfer_share": [0.02]}
    )
    columns, naming = ["support_ended_12m", "transfer_over_line_log"], read_policy().mechanism.naming
    speakers = find_speakers(frame, features, np.ones((1, 2)), columns, ["support", "support_ended"], naming)
    assert speakers.row(0) == (None, "support_ended_12m")
    text = sentences(frame, features, pl.DataFrame({"reason_1": ["support_ended"]}), speakers, np.array([True]))
    assert text["reason_text_zh"].item() == "帮扶到期：近12个月有 2 种帮扶措施终止"
    assert text["reason_text_en"].item() == "Support that ended: kinds of support ended over 12 months: 2"
