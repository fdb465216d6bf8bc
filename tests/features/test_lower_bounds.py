"""A sum of which a part is unknown is a lower bound: no condition says of it what another part could undo."""

from datetime import date

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.features import DEFAULT_BUILDERS, all_of, any_of, build_features
from relapse_risk.policy import ColumnCondition
from tests.features.feature_registers import LINES, features_of, household, income, to_records

DAY = date(2019, 6, 1)
SUMS = {
    "illness": ("self_paid", "illness_self_paid_12m", "illness_burden_12m", "illness_over_line_36m"),
    "disasters": ("loss", "disaster_loss_12m", "disaster_burden_12m"),
    "assistance": ("amount", "support_12m", "support_over_line_12m"),
    "loans": ("principal", "loan_principal", "loan_due_12m", "loan_burden"),
}


def rows_of(table: str, name: str, amounts: tuple[float | None, ...]) -> list[dict]:
    """Return a row of a table for each amount."""
    more = {
        "illness": lambda n: {"person_id": f"p{n}", "occurred_on": DAY},
        "disasters": lambda n: {"occurred_on": DAY, "event_id": f"e{n}"},
        "assistance": lambda n: {"kind": "temporary_relief", "started_on": date(2019, 6, n + 1)},
        "loans": lambda n: {"loan_id": f"l{n}", "started_on": DAY, "due_on": date(2020, 6, 1), "status": None},
    }[table]
    # Somebody else's amount is known, or the register would tell of none.
    own = [{"household_id": "h1", **more(n), name: amount} for n, amount in enumerate(amounts)]
    return [*own, {"household_id": "h2", **more(9), name: 1.0, **({"status": "normal"} if table == "loans" else {})}]


def frame_of(table: str, name: str, amounts: tuple[float | None, ...]) -> pl.DataFrame:
    tables = {
        "households": [household(), household("h2")],
        "incomes": [income(2019, 5000.0), income(2019, 5000.0, household_id="h2")],
        table: rows_of(table, name, amounts),
    }
    return build_features(to_records(tables), "2019-12-31", lines=LINES).frame.filter(household_id="h1")


@pytest.mark.parametrize("table", SUMS)
@given(
    amounts=st.lists(st.integers(0, 5000), min_size=1, max_size=3),
    blank=st.lists(st.booleans(), min_size=3, max_size=3),
    bound=st.sampled_from([0.0, 0.05, 1.0, 1000.0, 4000.0]),
)
@settings(max_examples=12, deadline=None)
def test_what_a_condition_says_of_a_part_it_says_of_the_whole(table, amounts, blank, bound):
    name, *columns = SUMS[table]
    whole = tuple(float(amount) for amount in amounts)
    part = tuple(None if empty else amount for amount, empty in zip(whole, blank, strict=False))
    known, true = frame_of(table, name, part), frame_of(table, name, whole)
    for column in columns:
        for test in ("at_least", "at_most", "above", "below"):
            condition = [ColumnCondition(column=column, **{test: bound})]
            for joined in (any_of, all_of):
                said = known.select(joined(condition, known.columns)).item()
                assert said in (None, true.select(joined(condition, true.columns)).item()), (column, test, part)


@pytest.mark.parametrize(("table", "name", "column"), [(table, *names[:2]) for table, names in SUMS.items()])
def test_a_part_reaches_a_bound_and_never_stays_below_one(table, name, column):
    frame = frame_of(table, name, (3000.0, None))

    def met(**test):
        return frame.select(any_of([ColumnCondition(column=column, **test)], frame.columns)).item()

    assert frame[column].item() == 3000
    assert (met(at_least=3000), met(above=2000), met(at_most=2000), met(below=3000)) == (True, True, False, False)
    assert {met(at_least=4000), met(above=3000), met(at_most=4000), met(below=4000)} == {None}


def test_the_share_paid_is_of_bills_of_which_both_amounts_are_known():
    bill = {"household_id": "h1", "occurred_on": DAY}
    bills = [{**bill, "total_cost": 1000.0, "self_paid": 500.0}, {**bill, "total_cost": 9000.0, "self_paid": None}]
    assert features_of({"illness": bills})["illness_self_paid_share_12m"] == 0.5
    assert (
        features_of({"illness": [{**bills[1], "self_paid": None}, {**bill, "household_id": "h2", "self_paid": 1.0}]})[
            "illness_self_paid_share_12m"
        ]
        is None
    )


def test_no_model_sees_whether_a_sum_is_whole():
    roles = {feature.name: feature.role for builder in DEFAULT_BUILDERS for feature in builder.features}
    assert {role for name, role in roles.items() if "partly" in name} == {"fact"}
