"""Reasons in words: the household's own figures, in Chinese and English."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from relapse_risk.explain import sentences
from relapse_risk.features import Feature, build_features
from relapse_risk.policy import Lines
from relapse_risk.records import Records

DAY = date(2019, 12, 31)


def feature(name: str, reason: str = "illness", unit: str = "count", **columns) -> Feature:
    quoted = columns.pop("sentence", {"zh": f"有 {{{name}}} 个", "en": f"count {{{name}}}"})
    return Feature(
        name=name, table="t", columns=(), reason=reason, unit=unit, zh=name, en=name, sentence=quoted, **columns
    )


def said(value: object, unit: str, lang: str = "en", **columns) -> str:
    """Return how a value reads."""
    asked = feature("x", unit=unit, sentence={"zh": "{x}", "en": "{x}"}, **columns)
    frame = pl.DataFrame({"x": [value]})
    top = pl.DataFrame({"reason_1": ["illness"]})
    return sentences(frame, [asked], top, np.array([[1.0]]), ["x"])[f"sentence_1_{lang}"].item()


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
    asked = {"unit": "none", "kind": "code", "words": "household_types"}
    assert said("near_poor", lang="zh", **asked) == "边缘户"
    assert said("near_poor", lang="en", **asked) == "near-poor household"
    assert said("illness", unit="none", kind="code", words="reasons", lang="zh") == "因病"
    assert said("未知", **asked) == "未知"


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
    told = sentences(table.frame, table.features, top, terms, columns)
    first, second = told.rows(named=True)
    assert first["sentence_1_zh"] == "近12个月自付医疗费 8,400 元，占人均纯收入 61%"
    assert first["sentence_1_en"] == "self-paid medical cost 8,400 yuan over 12 months, 61% of net income per person"
    assert first["sentence_3_zh"] is None
    assert first["reason_text_zh"] == (
        "因病：近12个月自付医疗费 8,400 元，占人均纯收入 61%；贫困历史：近36个月有收入记录的 3 期中 2 期低于贫困线"
    )
    assert second["reason_text_zh"] == (
        "负债：未结清小额信贷 30,000 元，占家庭纯收入 417%；务工就业不稳：当前无人在岗务工；"
        "住房饮水等保障：住房属危房（C、D级）"
    )
    assert second["reason_text_en"] == (
        "Debt: open loans 30,000 yuan, 417% of the household's net income; "
        "Unstable work: nobody in a spell of work on the day; "
        "Housing, water and insurance: dangerous house (grade C or D)"
    )


TWO = [feature("bills"), feature("cost", unit="yuan"), feature("lone", reason="labour")]


def lead(values: dict[str, list], terms: list[float], features=TWO, reason: str = "illness") -> str:
    frame, top = pl.DataFrame(values), pl.DataFrame({"reason_1": [reason]})
    columns = [one.name for one in features]
    return sentences(frame, features, top, np.array([terms]), columns, langs=["en"])["sentence_1_en"].item()


def test_the_feature_that_raises_the_risk_most_speaks_for_its_reason():
    values = {"bills": [3.0], "cost": [70.0], "lone": [1.0]}
    assert lead(values, [0.4, 0.2, 9.0]) == "count 3"
    assert lead(values, [0.2, 0.4, 9.0]) == "count 70"


def test_a_feature_that_lowers_the_risk_never_speaks():
    assert lead({"bills": [3.0], "cost": [70.0], "lone": [1.0]}, [-0.4, 0.001, 9.0]) == "count 70"
    assert lead({"bills": [3.0], "cost": [70.0], "lone": [1.0]}, [-0.4, -0.2, 9.0]) == "this raises the risk"


@pytest.mark.parametrize("nothing", [None, 0.0])
def test_what_is_unknown_or_nothing_is_not_quoted(nothing):
    assert lead({"bills": [nothing], "cost": [70.0], "lone": [1.0]}, [0.9, 0.1, 0.0]) == "count 70"
    assert lead({"bills": [nothing], "cost": [nothing], "lone": [1.0]}, [0.9, 0.1, 0.0]) == "this raises the risk"


def test_a_zero_of_a_quantity_is_quoted():
    late = [feature("months", unit="months")]
    assert lead({"months": [0.0]}, [0.5], features=late) == "count 0"


def test_nothing_may_have_a_sentence_of_its_own():
    none = [feature("workers", absent={"zh": "无人务工", "en": "nobody at work"})]
    assert lead({"workers": [0.0]}, [0.5], features=none) == "nobody at work"
    assert lead({"workers": [2.0]}, [0.5], features=none) == "count 2"


def test_a_sentence_whose_other_figure_is_unknown_or_not_there_is_not_used():
    quoting = [
        feature("bills", sentence={"zh": "{bills} {cost}", "en": "{bills} {cost}"}),
        feature("cost", unit="yuan"),
    ]
    assert lead({"bills": [3.0], "cost": [None]}, [0.5, 0.0], features=quoting) == "this raises the risk"
    assert lead({"bills": [3.0]}, [0.5], features=quoting[:1]) == "this raises the risk"


def test_a_reason_without_features_still_has_a_sentence():
    assert (
        lead({"bills": [3.0], "cost": [1.0], "lone": [1.0]}, [1.0, 1.0, 1.0], reason="disaster")
        == "this raises the risk"
    )


def test_only_the_rows_asked_for_are_written():
    frame = pl.DataFrame({"bills": [1.0, 2.0, 3.0], "cost": [5.0] * 3, "lone": [0.0] * 3})
    top = pl.DataFrame({"reason_1": ["illness"] * 3})
    every = sentences(frame, TWO, top, np.ones((3, 3)), ["bills", "cost", "lone"])
    asked = np.array([True, False, True])
    some = sentences(frame, TWO, top, np.ones((2, 3)), ["bills", "cost", "lone"], rows=asked)
    assert some.filter(asked).equals(every.filter(asked))
    assert some[1].null_count().row(0) == (1,) * some.width
    nobody = sentences(frame, TWO, top, np.ones((0, 3)), ["bills", "cost", "lone"], rows=np.zeros(3, dtype=bool))
    assert nobody.columns == every.columns
    assert nobody["reason_text_zh"].null_count() == 3


def test_a_household_without_reasons_has_no_text():
    frame, top = pl.DataFrame({"bills": [1.0]}), pl.DataFrame({"reason_1": [None]}, schema={"reason_1": pl.String})
    assert sentences(frame, TWO[:1], top, np.ones((1, 1)), ["bills"]).row(0) == (None,) * 4
