"""Rigid expenditure of a period, and incomes net of it."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.policy import Lines
from relapse_risk.records import Records, rigid_expenditure, yearly_incomes

LINES = Lines(by_year={2019: 3000.0})


def known(bills=(), incomes=({},), day=date(2020, 6, 30)):
    row = {
        "household_id": "h1",
        "period_start": date(2019, 1, 1),
        "period_end": date(2019, 12, 31),
        "household_size": 4,
        "net_income_per_capita": 4000.0,
    }
    tables = {"incomes": pl.DataFrame([row | one for one in incomes])}
    if bills is not None:
        bill = {"household_id": "h1", "occurred_on": date(2019, 5, 1), "self_paid": None, "recorded_on": None}
        schema = {"self_paid": pl.Float64, "occurred_on": pl.Date, "recorded_on": pl.Date, "household_id": pl.String}
        schema |= {"total_cost": pl.Float64, "reimbursed": pl.Float64}
        tables["illness"] = pl.DataFrame([bill | one for one in bills], schema=schema)
    return Records(tables, exported_on=date(2020, 12, 31)).known_by(day)


def rigid(*bills, **options):
    return rigid_expenditure(known(bills, **options)).select("rigid", "rigid_is_whole").row(0)


def test_the_bills_of_the_period_are_summed():
    days = [date(2018, 12, 31), date(2019, 1, 1), date(2019, 12, 31), date(2020, 1, 1)]
    assert rigid(*({"occurred_on": day, "self_paid": 10.0 + place} for place, day in enumerate(days))) == (23.0, True)


def test_without_a_bill_nothing_was_paid():
    assert rigid() == (0.0, True)
    assert rigid({"household_id": "h2", "self_paid": 5.0}) == (0.0, True)


def test_a_bill_without_its_own_share_is_total_less_reimbursed():
    assert rigid({"total_cost": 100.0, "reimbursed": 70.0}) == (30.0, True)
    assert rigid({"total_cost": 100.0, "reimbursed": 70.0, "self_paid": 20.0}) == (20.0, True)
    assert rigid({"total_cost": 100.0, "reimbursed": 120.0}) == (0.0, True)


def test_a_bill_without_an_amount_leaves_it_open():
    assert rigid({"self_paid": 50.0}, {"total_cost": 100.0}) == (50.0, False)


def test_schooling_and_housing_of_the_accounts_belong_to_it():
    assert rigid({"self_paid": 50.0}, incomes=[{"schooling_cost": 100.0, "housing_cost": None}]) == (150.0, True)
    alone = known(None, [{"schooling_cost": 100.0, "housing_cost": 7.0}])
    assert rigid_expenditure(alone)["rigid"].to_list() == [107.0]


def test_records_that_tell_of_none_are_refused():
    with pytest.raises(InputError) as caught:
        rigid_expenditure(known(None))
    assert caught.value.code == "no_rigid_expenditure"
    without_amounts = Records(
        {
            "incomes": known(None).table("incomes"),
            "illness": known([{}]).table("illness").select("household_id", "occurred_on"),
        }
    )
    with pytest.raises(InputError):
        rigid_expenditure(without_amounts.known_by("2020-06-30"))


def net(state):
    return yearly_incomes(state, LINES, after_fixed_expenditure=True).select("income", "ratio", "rigid_is_whole").rows()


def test_each_person_bears_a_share_of_it():
    assert net(known([{"self_paid": 4000.0}])) == [(3000.0, 1.0, True)]
    assert yearly_incomes(known([{"self_paid": 4000.0}]), LINES)["income"].to_list() == [4000.0]


def test_it_is_made_yearly_like_the_income():
    quarter = {"period_start": date(2019, 4, 1), "period_end": date(2019, 6, 30), "net_income_per_capita": 1000.0}
    assert net(known([{"self_paid": 1000.0}], [quarter])) == [(3000.0, 1.0, True)]


def test_with_nobody_to_share_it_the_income_is_not_known():
    assert net(known([{"self_paid": 1.0}], [{"household_size": None}])) == []
    assert net(known([], [{"household_size": None}])) == [(4000.0, pytest.approx(4 / 3), True)]


def test_a_bill_recorded_later_is_not_seen():
    late = [{"self_paid": 4000.0, "recorded_on": date(2020, 7, 1)}]
    assert net(known(late))[0][0] == 4000.0
    assert net(known(late, day=date(2020, 7, 1)))[0][0] == 3000.0
