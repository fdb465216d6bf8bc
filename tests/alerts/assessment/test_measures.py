from datetime import date

import polars as pl
import pytest

from relapse_risk.alerts import assess, suggest
from relapse_risk.alerts.assessment import fitting_measures
from relapse_risk.bundle import rule_bundle
from relapse_risk.features import any_of, build_features
from relapse_risk.records import AsOfView
from relapse_risk.scoring import score
from tests.alerts.assessment.assessed_registers import DAY, POLICY, arguments, household, incomes, one

MEASURES = POLICY.mechanism.measures


@pytest.fixture(scope="module")
def suggestions():
    return suggest(*arguments())


def bare(**columns):
    """Return one household of whom only these columns are told."""
    nothing = {"household_id": "h1", "cause": None, "reason_1": None, "class_three": None}
    return pl.DataFrame(
        [nothing | columns], schema_overrides=dict.fromkeys(("cause", "reason_1", "class_three"), pl.String)
    )


def fits(code, **columns):
    """Return whether a measure is suggested to a household of whom only these columns are told."""
    alone = MEASURES.model_copy(update={"measure": {code: MEASURES.measure[code]}})
    return fitting_measures(bare(**columns), alone, date(2020, 12, 31)).height == 1


@pytest.mark.parametrize("code", MEASURES.measure)
def test_every_measure_is_reached_by_each_of_its_needs_reasons_and_classes(code):
    entry = MEASURES.measure[code]
    for need in entry.when:
        beyond = {"at_least": 0, "above": 1, "below": -0.5}
        met = need.code if need.bound is None else need.bound + beyond[need.test]
        assert fits(code, **{need.column: met}), need
    for reason in entry.reasons:
        assert fits(code, cause=reason)
        assert fits(code, reason_1=reason)
    for name in entry.classes:
        assert fits(code, class_three=name)


@pytest.mark.parametrize("code", [code for code, entry in MEASURES.measure.items() if entry.never])
def test_a_measure_is_not_suggested_where_something_rules_it_out(code):
    entry = MEASURES.measure[code]
    reason = entry.reasons[0]
    for condition in entry.never:
        bound = condition.bound - 1 if condition.test == "below" else condition.bound
        assert not fits(code, cause=reason, **{condition.column: bound})
        assert fits(code, cause=reason, **{condition.column: None})


@pytest.mark.parametrize("code", ["job", "training", "public_post", "microcredit"])
def test_who_cannot_work_is_offered_no_work(code):
    reason = MEASURES.measure[code].reasons[0]
    assert fits(code, cause=reason, able_of_working_age=1.0)
    assert not fits(code, cause=reason, able_of_working_age=0.0)


def test_what_rules_a_measure_out_and_is_not_known_is_to_be_checked():
    alone = MEASURES.model_copy(update={"measure": {"microcredit": MEASURES.measure["microcredit"]}})
    known = {"able_of_working_age": 1.0, "loan_overdue": 0.0, "loan_extended": 0.0}

    def to_check(columns):
        return fitting_measures(bare(cause="industry", **columns), alone, date(2020, 12, 31))["check"].to_list()

    assert to_check(known) == [False]
    for name in known:
        for unknown in (known | {name: None}, {other: value for other, value in known.items() if other != name}):
            assert to_check(unknown) == [True]
    assert to_check(known | {"loan_overdue": 1.0}) == []


def sample_assessed(read, dialect):
    """Return the measures suggested in a county's exports, beside what is known of the households."""
    records = read(dialect).records
    view = AsOfView.of(records, "2020-12-31", lines=POLICY.lines)
    table = build_features(view)
    frame = score(records, rule_bundle(), as_of="2020-12-31", capacity=80).frame
    found = suggest(view, table, frame, POLICY).join(table.frame, on="household_id", how="left")
    people = view.residents.group_by("household_id").agg(
        old=(pl.col("age") >= 60).all(), age_known=pl.col("age").is_not_null().all()
    )
    return found.join(people, on="household_id", how="left"), assess(view, table, frame, POLICY)


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["registry", "departments"])
def test_on_the_samples_every_measure_suits_who_lives_there(read_sample, dialect):
    found, assessed = sample_assessed(read_sample, dialect)
    assert found.height > 1000
    for code, entry in MEASURES.measure.items():
        of_measure = found.filter(measure=code)
        columns = [one for one in entry.never if one.column in found.columns]
        ruled_out = of_measure.select(any_of(columns, found.columns).fill_null(False).alias("out"))["out"]
        assert not ruled_out.any(), code
        unknown = [pl.col(one.column).is_null() for one in columns]
        if unknown:
            assert of_measure.filter(pl.any_horizontal(unknown))["check"].all(), code
    work = found.filter(pl.col("measure").is_in(["job", "training", "public_post", "microcredit", "education_aid"]))
    assert work.filter("old", "age_known", ~pl.col("check"), pl.col("measure") != "education_aid").is_empty()
    assert work.filter(pl.col("measure") == "education_aid").filter(~pl.col("check"), pl.col("students") < 1).is_empty()
    marked = found.filter("check", ~pl.col("held").fill_null(False))["household_id"].unique()
    to_check = assessed.filter(pl.col("measures").str.contains("?", literal=True))["household_id"]
    assert set(to_check) == set(marked)


def test_most_fitting_first_and_of_equal_ones_in_the_order_of_the_file(suggestions):
    order = list(MEASURES.measure)
    keyed = suggestions.with_columns(
        pl.col("held").fill_null(False), at=pl.col("measure").replace_strict(order, range(len(order)))
    )
    again = keyed.sort("household_id", "held", "points", "at", descending=[False, False, True, False])
    assert again.equals(keyed)
    assert (
        suggestions["place"] == suggestions.select(pl.int_range(1, pl.len() + 1).over("household_id")).to_series()
    ).all()


def test_no_more_than_so_many_besides_those_held(suggestions):
    new = suggestions.filter(~pl.col("held").fill_null(False))
    assert new.group_by("household_id").len()["len"].max() == MEASURES.suggest.most


def test_what_a_household_has_already_comes_last_and_is_called_held():
    relief = pl.DataFrame([{"household_id": "h1", "kind": "industry", "started_on": date(2019, 1, 1)}])
    tables = {"households": household(poverty_cause="缺技术"), "incomes": incomes(9000)}
    other = relief.with_columns(household_id=pl.lit("h2"))
    without, unknown, empty = (
        suggest(*one(tables | more)) for more in ({"assistance": other}, {}, {"assistance": relief.clear()})
    )
    assert empty.equals(unknown)
    assert without.filter(measure="industry").select("place", "held").row(0) == (1, False)
    assert unknown.filter(measure="industry")["held"].item() is None
    having = suggest(*one(tables | {"assistance": relief}))
    assert having.row(-1, named=True)["measure"] == "industry"
    assert having.row(-1, named=True)["held"] is True
    assert "industry" not in assess(*one(tables | {"assistance": relief}))["measures"].item().split("+")


@pytest.mark.parametrize(
    ("started_on", "ended_on", "held"),
    [
        (date(2019, 3, 1), None, True),
        (date(2018, 3, 1), date(2019, 3, 1), False),
        (date(2019, 3, 1), date(2019, 3, 1), True),
        (date(2018, 3, 1), date(2018, 3, 1), False),
        (date(2018, 3, 1), DAY, True),
        (date(2018, 3, 1), date(2020, 1, 31), True),
    ],
)
def test_what_has_ended_is_not_held_and_what_was_given_once_is_for_a_year(started_on, ended_on, held):
    row = {"household_id": "h1", "kind": "industry", "started_on": started_on, "ended_on": ended_on}
    tables = {
        "households": household(poverty_cause="缺技术"),
        "incomes": incomes(9000),
        "assistance": pl.DataFrame([row], schema_overrides={"ended_on": pl.Date}),
    }
    assert suggest(*one(tables)).filter(measure="industry")["held"].item() is held


def test_the_measures_of_an_assessment_are_the_suggestions_not_held(suggestions):
    assessed = assess(*arguments()).select("household_id", pl.col("measures").str.split("+")).drop_nulls()
    new = suggestions.filter(~pl.col("held").fill_null(False))
    marked = pl.when("check").then(pl.col("measure") + "?").otherwise("measure")
    listed = new.group_by("household_id", maintain_order=True).agg(measures=marked)
    assert assessed.equals(listed)
