"""Declarations, a user's own builder, what is lacking, and the catalogue."""

from dataclasses import replace
from datetime import date
from string import Formatter

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.features import DEFAULT_BUILDERS, Builder, Feature, build_features
from relapse_risk.records import AsOfView
from tests.features.feature_registers import LINES, features_of, household, income, member, to_records
from tests.features.full_register import AS_OF, FULL

FEATURES = [feature for builder in DEFAULT_BUILDERS for feature in builder.features]
NAMES = {feature.name for feature in FEATURES}
LIVESTOCK = Feature(
    name="livestock", table="households", columns=("livestock",), reason="industry", unit="count", sign=-1,
    zh="牲畜", en="livestock", sentence={"zh": "牲畜 {livestock} 头", "en": "livestock: {livestock}"},
)  # fmt: skip


def livestock(view):
    return view.known.table("households").select("household_id", "livestock")


MINE = Builder(name="livestock", features=(LIVESTOCK,), build=livestock)


def test_a_builder_of_ones_own_joins_by_the_same_declaration():
    records = to_records({"households": [household(livestock=3.0, safe_water=True)]})
    table = build_features(records, AS_OF, builders=(*DEFAULT_BUILDERS, MINE), lines=LINES)
    assert table.frame["livestock"].to_list() == [3.0]
    assert table.features[-1] is LIVESTOCK
    bare = build_features(to_records(FULL), AS_OF, builders=(MINE,), lines=LINES)
    assert bare.missing == {"livestock": "column livestock of households"}
    assert bare.frame.columns == ["household_id", "as_of"]


def test_households_a_builder_says_nothing_of_get_the_declared_empty_value():
    def of_h1(view):
        return pl.DataFrame({"household_id": ["h1"], "livestock": [None]}, schema_overrides={"livestock": pl.Float64})

    records = to_records({"households": [household("h1", livestock=1), household("h2", livestock=1)]})
    for empty in (0.0, None):
        mine = replace(MINE, features=(replace(LIVESTOCK, empty=empty),), build=of_h1)
        frame = build_features(records, AS_OF, builders=[mine], lines=LINES).frame
        assert frame["livestock"].to_list() == [None, empty]


@pytest.mark.parametrize(
    ("build", "code"),
    [
        (lambda view: view.known.table("households").select("household_id"), "builder_columns"),
        (lambda view: pl.concat([livestock(view)] * 2), "builder_rows"),
    ],
)
def test_a_builder_that_breaks_its_word_is_named(build, code):
    records = to_records({"households": [household(livestock=3.0)]})
    with pytest.raises(InputError, match="livestock") as error:
        build_features(records, AS_OF, builders=[replace(MINE, build=build)], lines=LINES)
    assert error.value.code == code


def test_two_features_of_one_name_are_refused():
    with pytest.raises(InputError, match="livestock stands among them twice"):
        build_features(to_records(FULL), AS_OF, builders=(MINE, MINE))


@pytest.mark.parametrize("name", ["relapsed", "as_of", "household_id", "_built"])
def test_names_that_are_kept_for_the_library_are_refused(name):
    mine = replace(MINE, features=(replace(LIVESTOCK, name=name, sentence={}),))
    with pytest.raises(InputError, match=f"named {name}"):
        build_features(to_records(FULL), AS_OF, builders=(mine,))


@pytest.mark.parametrize("part", [{"reason": "luck"}, {"unit": "mu"}, {"sign": 2}, {"kind": "text"}, {"role": "label"}])
def test_a_declaration_that_is_no_word_of_ours_is_refused(part):
    with pytest.raises(InputError) as error:
        replace(LIVESTOCK, **part)
    assert error.value.code == "feature_word"
    assert next(iter(part)) in str(error.value)


def test_a_missing_table_or_column_gives_no_column_and_is_named():
    tables = {"households": [household()], "incomes": [income(2017, 4000.0)], "members": [member("a", birth_year=1970)]}
    table = build_features(to_records(tables), "2018-12-31", lines=LINES)
    assert table.missing["illness_self_paid_12m"] == "table illness"
    assert table.missing["wage_share"] == "column wage of incomes"
    assert table.missing["students"] == "column student or student_status of members"
    assert table.missing.keys().isdisjoint(table.frame.columns)
    assert [f.name for f in table.features] == table.frame.columns[2:]
    assert {f.name for f in table.features} | table.missing.keys() == NAMES


def test_a_list_of_work_without_days_of_ending_gives_no_features_of_work():
    work = {"person_id": "a", "household_id": "h1", "started_on": date(2018, 3, 1), "monthly_wage": 3000.0}
    tables = {"households": [household()], "incomes": [income(2017, 4000.0)], "employment": [work]}
    table = build_features(to_records(tables), "2018-12-31", lines=LINES)
    assert table.missing["outside_share"] == "column ended_on of employment"
    assert table.frame.height == 1


def test_figures_are_no_predictors():
    table = build_features(to_records(FULL), AS_OF, lines=LINES)
    predictors = {feature.name for feature in table.predictors}
    assert "illness_self_paid_12m" not in predictors
    assert "illness_burden_12m" in predictors


def test_numbers_and_flags_are_floats_and_codes_are_text():
    table = build_features(to_records(FULL), AS_OF, lines=LINES)
    assert all(table.frame[f.name].dtype == (pl.String if f.kind == "code" else pl.Float64) for f in table.features)
    flags = table.frame.select(f.name for f in table.features if f.kind == "flag")
    assert set(flags.unpivot()["value"]) <= {0.0, 1.0, None}
    numbers = table.frame.select(pl.col(pl.Float64).is_finite().fill_null(True).all())
    assert all(numbers.row(0))


def test_a_view_has_features_of_its_own_day_alone():
    view = AsOfView.of(to_records(FULL), AS_OF, lines=LINES)
    assert build_features(view, AS_OF).frame.equals(build_features(view).frame)
    with pytest.raises(InputError) as refused:
        build_features(view, "2018-06-30")
    assert refused.value.code == "state_of_other_day"


def test_progress_goes_from_none_to_all():
    reports: list[tuple[str, float]] = []
    build_features(
        to_records(FULL), ["2017-12-31", AS_OF], progress=lambda stage, share: reports.append((stage, share))
    )
    assert reports == [("features", 0.0), ("features", 0.5), ("features", 1.0)]


def test_sentences_quote_declared_features_in_both_languages():
    for sentence in filter(None, (said for feature in FEATURES for said in (feature.sentence, feature.absent))):
        quoted = [{name for _, name, _, _ in Formatter().parse(sentence[lang]) if name} for lang in ("zh", "en")]
        assert quoted[0] == quoted[1] <= NAMES, sentence["en"]


def test_every_predictor_has_a_sentence_and_every_figure_is_quoted():
    templates = "".join(s["zh"] for f in FEATURES for s in (f.sentence, f.absent) if s)
    for feature in FEATURES:
        if feature.role == "predictor":
            assert feature.sentence or feature.absent, feature.name
        elif feature.role == "figure":
            assert f"{{{feature.name}}}" in templates or f"{{{feature.name}:+}}" in templates, feature.name


@pytest.mark.parametrize("year", [2**63 - 1, -(2**63), 2**31, 1899, 0])
def test_years_that_cannot_be_meant_count_as_unknown(year):
    row = features_of(
        {
            "households": [household(household_type="exited", exit_year=year)],
            "members": [member("a", birth_year=year, relation="head"), member("b", birth_year=1979)],
        }
    )
    assert row["exit_year"] is None
    assert row["years_since_exit"] is None
    assert row["head_age"] is None
