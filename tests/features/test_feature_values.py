"""What the features say of households worked out by hand, one test per kind of record; the line of 2019 is 3,218."""

from datetime import date
from math import exp, log, log1p

import pytest

from tests.features.feature_registers import features_of, household, income, member

LINE_2018, LINE_2019 = 2995.0, 3218.0


def near(value: float):
    return pytest.approx(value, abs=1e-9)


def test_income_against_the_line_its_change_and_its_spread():
    row = features_of({"incomes": [income(2017, 2952.0), income(2018, 5990.0), income(2019, 6436.0)]})
    assert row["income_per_capita"] == 6436
    assert row["income_over_line"] == near(2)
    assert row["income_over_line_log"] == near(log(2))
    assert row["income_change_log"] == near(0)
    assert row["income_mean_36m_log"] == near(2 * log(2) / 3)
    assert row["income_mean_36m"] == near(2 ** (2 / 3))
    assert row["income_low_36m"] == near(1)
    assert row["income_volatility_36m"] == near(log(2) / 3**0.5)
    assert row["income_trend_36m"] == pytest.approx(log(2) / 2, rel=1e-3)


def test_an_income_of_nothing_stays_finite():
    row = features_of({"incomes": [income(2018, 6436.0), income(2019, -500.0)]})
    assert row["income_over_line_log"] == near(log(0.05))
    assert row["income_change"] == near(0.05 * LINE_2018 / 6436.0 - 1)


def test_quarters_and_years_are_set_on_one_scale():
    quarter = {"period_start": date(2019, 10, 1), "period_end": date(2019, 12, 31), "recorded_on": date(2019, 12, 31)}
    row = features_of({"incomes": [income(2019, 1609.0, wage=3000.0) | quarter]})
    assert row["income_over_line"] == near(2)
    assert row["wage_income"] == near(12000)


def test_a_trend_needs_three_periods_and_a_change_two():
    row = features_of({"incomes": [income(2019, 6436.0)]})
    assert (row["income_change_log"], row["income_volatility_36m"], row["income_trend_36m"]) == (None, None, None)
    row = features_of({"incomes": [income(2018, 6436.0), income(2019, 6436.0)]})
    assert row["income_trend_36m"] is None


def test_poor_periods_are_counted_over_36_months():
    rows = [income(2014, 500.0), income(2017, 2000.0), income(2018, 3500.0), income(2019, 9000.0)]
    row = features_of({"incomes": rows})
    assert (row["below_line_count_36m"], row["income_periods_36m"]) == (1, 3)
    assert row["below_line_share_36m"] == near(1 / 3)
    assert row["months_since_below_line"] == 23
    assert row["below_line_recency"] == near(1 / (1 + 730 / 365.25))
    assert features_of({"incomes": [income(2019, 9000.0)]})["below_line_recency"] == 0


def test_sources_of_income():
    parts = {"wage": 8000.0, "business": 6000.0, "property": 0.0, "transfer": 2000.0, "production_cost": 1500.0}
    row = features_of({"incomes": [income(2018, **(parts | {"wage": 20000.0})), income(2019, **parts)]})
    assert row["wage_share"] == near(0.5)
    assert row["business_income"] == near(4500)
    assert row["business_share"] == near(6 / 16)
    assert row["transfer_share"] == near(1 / 8)
    assert row["wage_over_line_log"] == near(log1p(2000 / LINE_2019))
    assert row["wage_change"] == near(-12000)
    assert row["wage_change_log"] == near(log1p(2000 / LINE_2019) - log1p(5000 / LINE_2018))
    assert row["production_cost_share"] == near(0.25)


def test_a_loss_from_enterprise_has_a_sign():
    parts = {"wage": 8000.0, "business": 1000.0, "property": 0.0, "transfer": 0.0, "production_cost": 4000.0}
    row = features_of({"incomes": [income(2019, **parts)]})
    assert row["business_over_line_log"] == near(-log1p(750 / LINE_2019))
    assert row["production_cost_share"] == 2


def test_status_and_causes():
    home = household(household_type="exited", exit_year=2017, poverty_cause="因病")
    row = features_of({"households": [home]})
    assert (row["household_type"], row["poverty_cause"], row["years_since_exit"]) == ("exited", "illness", 2)
    assert features_of({"households": [home | {"poverty_cause": "懒"}]})["poverty_cause"] == "other"
    assert features_of({"households": [home | {"exit_year": 2020}]})["years_since_exit"] is None


def test_monitoring_says_the_last_identification_and_whether_it_is_cleared():
    stays = [
        {"household_id": "h1", "identified_on": date(2017, 1, 1), "cleared_on": date(2018, 6, 1), "risk": "因病"},
        {"household_id": "h1", "identified_on": date(2019, 7, 1), "cleared_on": None, "risk": "因残"},
    ]
    row = features_of({"monitoring": stays})
    assert (row["monitored"], row["cleared_24m"]) == (1, 1)
    assert (row["months_since_identified"], row["monitoring_risk"]) == (6, "disability")
    assert features_of({"monitoring": stays[:1]}, as_of="2020-07-01")["monitored"] == 0


def test_what_is_still_to_come_has_not_happened():
    later = date(2020, 3, 1)
    noted = {"recorded_on": date(2019, 12, 1)}
    row = features_of(
        {
            "illness": [{"household_id": "h1", "occurred_on": later, "self_paid": 5.0, "kind": "serious"} | noted],
            "assistance": [{"household_id": "h1", "kind": "subsistence", "started_on": later} | noted],
            "monitoring": [{"household_id": "h1", "identified_on": later, "cleared_on": None} | noted],
        }
    )
    assert (row["illness_self_paid_36m"], row["illness_serious_recency"]) == (0, 0)
    assert (row["on_subsistence"], row["monitored"], row["monitored_recency"]) == (0, 0, 0)


def test_earlier_relapses():
    row = features_of({"relapses": [{"household_id": "h1", "relapsed_on": date(2017, 12, 31)}]})
    assert (row["relapses_before"], row["months_since_relapse"]) == (1, 23)
    assert row["relapse_recency"] == near(1 / (1 + 730 / 365.25))


def test_medical_bills_over_12_and_36_months():
    bills = [
        {
            "household_id": "h1",
            "occurred_on": date(2019, 3, 1),
            "self_paid": 8400.0,
            "total_cost": 20000.0,
            "kind": "serious",
        },
        {
            "household_id": "h1",
            "occurred_on": date(2018, 3, 1),
            "self_paid": 600.0,
            "total_cost": 600.0,
            "kind": "chronic",
        },
        {"household_id": "h1", "occurred_on": date(2015, 3, 1), "self_paid": 9.0, "total_cost": 9.0, "kind": "chronic"},
    ]
    row = features_of({"illness": bills, "incomes": [income(2019, 14000.0)]})
    assert (row["illness_self_paid_12m"], row["illness_self_paid_36m"]) == (8400, 9000)
    assert row["illness_self_paid_income_share_12m"] == near(0.6)
    assert row["illness_burden_12m"] == near(log1p(8400 / 56000))
    assert row["illness_over_line_36m"] == near(log1p(9000 / 4 / LINE_2019))
    assert row["illness_self_paid_share_12m"] == near(0.42)
    assert row["months_since_serious_illness"] == 10
    assert row["illness_serious_recency"] == near(1 / (1 + 305 / 365.25))


def test_no_bill_is_zero_and_an_unknown_amount_is_unknown():
    paid = {"h1": None, "h3": 100.0}
    bills = [{"household_id": home, "occurred_on": date(2019, 3, 1), "self_paid": paid[home]} for home in paid]
    tables = {"households": [household("h1"), household("h2")], "illness": bills}
    assert features_of(tables)["illness_self_paid_12m"] is None
    assert features_of(tables, household_id="h2")["illness_self_paid_12m"] == 0


def test_a_share_of_next_to_no_income_is_not_said():
    bills = [{"household_id": "h1", "occurred_on": date(2019, 3, 1), "self_paid": 1000.0}]
    shares = [
        features_of({"illness": bills, "incomes": [income(2019, amount)]})["illness_self_paid_income_share_12m"]
        for amount in (200.0, 50.0, 0.0, -50.0)
    ]
    assert shares == [5.0, None, None, None]


def test_burden_is_held_where_income_is_next_to_nothing():
    bills = [{"household_id": "h1", "occurred_on": date(2019, 3, 1), "self_paid": LINE_2019 * 4}]
    row = features_of({"illness": bills, "incomes": [income(2019, 0.0)]})
    assert row["illness_burden_12m"] == near(log1p(2))
    assert row["illness_self_paid_income_share_12m"] is None


def test_health_and_disability():
    members = [
        member("a", health_status="serious+disabled"),
        member("b", health_status="chronic"),
        member("c", health_status="healthy"),
        member("d", health_status=None),
    ]
    cards = [
        {"person_id": "a", "household_id": "h1", "certified_on": date(2019, 2, 1), "category": "mental", "grade": 1},
        {"person_id": "gone", "household_id": "h1", "certified_on": date(2016, 2, 1), "category": "visual", "grade": 4},
    ]
    row = features_of({"members": members, "disabilities": cards})
    assert (row["serious_members"], row["chronic_members"]) == (1, 1)
    assert row["ill_share"] == near(0.5)  # at least: of d nothing is known
    assert row["disabled_share"] == 0.25
    assert (row["disabled_persons"], row["severely_disabled"], row["disabled_12m"]) == (1, 1, 1)


def test_a_village_disaster_hits_every_household_of_the_village():
    homes = [household("h1", village_code="v1"), household("h2", village_code="v1"), household("h3", village_code="v2")]
    disasters = [
        {"household_id": "h1", "village_code": None, "occurred_on": date(2019, 6, 1), "loss": LINE_2019},
        {"household_id": None, "village_code": "v1", "occurred_on": date(2019, 7, 1), "loss": None},
    ]
    tables = {"households": homes, "disasters": disasters, "incomes": [income(2019, LINE_2019, size=1)]}
    rows = [features_of(tables, household_id=home) for home in ("h1", "h2", "h3")]
    assert [row["disasters_12m"] for row in rows] == [1, 0, 0]
    assert [row["village_disasters_12m"] for row in rows] == [1, 1, 0]
    assert rows[0]["disaster_burden_12m"] == near(log(2))
    assert rows[0]["disaster_loss_income_share_12m"] == near(1)


def test_who_lives_in_the_household():
    members = [
        member("a", relation="head", sex="female", birth_year=1979, education="junior", labour_capacity="skilled"),
        member(
            "b", relation="child", sex="male", birth_date=date(2004, 1, 2), education="junior", labour_capacity="none"
        ),
        member("c", relation="child", sex="male", birth_year=2016, labour_capacity="none"),
        member(
            "d",
            relation="parent",
            sex="male",
            birth_year=1950,
            education="none",
            labour_capacity="lost",
            left_on=date(2019, 3, 1),
            left_reason="death",
        ),
    ]
    row = features_of({"members": members})
    assert (row["children"], row["elderly"], row["teenagers"]) == (2, 0, 1)
    assert row["youngest_age"] == 3
    assert (row["children_share"], row["lone_adult"], row["deaths_24m"]) == (near(2 / 3), 1, 1)
    assert (row["workers_able"], row["workers_able_share"]) == (1, near(1 / 3))
    assert (row["head_age"], row["head_female"], row["head_education"]) == (40, 1, 9)
    assert (row["education_mean"], row["education_best"]) == (9, 9)
    assert (row["small_children"], row["has_spouse"]) == (1, 0)


def test_the_day_of_birth_decides_the_age():
    members = [member("a", relation="head", birth_date=date(1979, 12, 31))]
    assert features_of({"members": members}, as_of="2019-12-30")["head_age"] == 39
    assert features_of({"members": members}, as_of="2019-12-31")["head_age"] == 40


def test_work_of_members():
    members = [
        member(
            "a",
            relation="head",
            birth_year=1979,
            work_status="employed",
            worker_type="employee",
            formal_job=False,
            education="junior",
        ),
        member("b", relation="spouse", birth_year=1979, work_status="unemployed"),
        member("c", relation="child", birth_year=2010, work_status="under_10"),
        member(
            "d",
            relation="parent",
            birth_year=1950,
            work_status="employed",
            worker_type="self_employed",
            formal_job=True,
        ),
    ]
    row = features_of({"members": members})
    assert (row["workers"], row["workers_share"], row["adults_working_share"]) == (2, 0.5, 0.5)
    assert (row["unemployed"], row["head_working"], row["head_formal_job"]) == (1, 1, 0)
    assert row["unemployed_share"] == near(1 / 3)
    assert (row["elderly_idle_share"], row["workers_education"]) == (0, 9)
    assert (row["formal_workers_share"], row["self_employed_share"], row["informal_workers_share"]) == (
        0.25,
        0.25,
        0.25,
    )


def test_an_employee_of_whom_it_is_not_known_whether_the_job_is_formal_leaves_their_number_unknown():
    employee = {"work_status": "employed", "worker_type": "employee", "birth_year": 1979}
    others = [member("b", birth_year=1950, formal_job=True), member("c", birth_year=2010)]
    one = features_of({"members": [member("a", **employee), *others]})
    assert (one["informal_workers"], one["informal_workers_share"]) == (None, None)
    two = features_of({"members": [member("a", **employee), member("d", formal_job=False, **employee), *others]})
    assert (two["informal_workers"], two["informal_workers_share"]) == (1, 0.25)


def test_spells_of_work_within_the_year():
    def spell(person: str, begun: date, ended: date | None, **columns):
        return {"person_id": person, "household_id": "h1", "started_on": begun, "ended_on": ended, **columns}

    spells = [
        spell("a", date(2018, 1, 1), None, region="outside", channel="market", monthly_wage=LINE_2019 / 12),
        spell("a", date(2019, 1, 1), None, region="outside", channel="market", monthly_wage=1.0),
        spell("b", date(2018, 7, 2), date(2019, 7, 1), region="county", channel="public_post", monthly_wage=900.0),
    ]
    row = features_of({"employment": spells, "incomes": [income(2019, 6000.0, size=1)]})
    assert (row["in_spells"], row["spells_lost_12m"], row["spell_wage"]) == (1, 1, near(LINE_2019 / 12))
    assert row["spell_wage_over_line_log"] == near(log(2))
    assert row["months_worked_12m"] == pytest.approx(18, abs=0.1)
    assert row["months_worked_change"] == pytest.approx(0, abs=0.1)
    assert row["outside_share"] == pytest.approx(2 / 3, abs=0.01)
    assert row["public_post_share"] == pytest.approx(1 / 3, abs=0.01)


def test_loans_open_due_and_overdue():
    def loan(name: str, principal: float, due: date, status: str):
        return {
            "loan_id": name,
            "household_id": "h1",
            "principal": principal,
            "due_on": due,
            "status": status,
            "status_on": date(2019, 1, 1),
            "recorded_on": date(2019, 1, 1),
        }

    loans = [
        loan("l1", 10000.0, date(2020, 6, 1), "normal"),
        loan("l2", 20000.0, date(2018, 6, 1), "overdue"),
        loan("l3", 50000.0, date(2019, 6, 1), "repaid"),
        loan("l4", 30000.0, date(2022, 6, 1), "extended"),
    ]
    row = features_of({"loans": loans, "incomes": [income(2019, 6000.0)]})
    assert (row["loan_principal"], row["loan_due_12m"]) == (60000, 30000)
    assert (row["loan_overdue"], row["loan_extended"], row["loan_income_share"]) == (1, 1, 2.5)
    assert row["loan_burden"] == near(log1p(15000 / LINE_2019))


def test_support_in_force_given_and_ended():
    def measure(kind: str, begun: date, ended: date | None, amount: float):
        return {"household_id": "h1", "kind": kind, "started_on": begun, "ended_on": ended, "amount": amount}

    measures = [
        measure("subsistence", date(2019, 1, 1), None, 3000.0),
        measure("industry", date(2017, 1, 1), date(2019, 5, 31), 2000.0),
        measure("job", date(2018, 1, 1), date(2019, 1, 31), 500.0),
        measure("job", date(2019, 2, 1), None, 600.0),
    ]
    row = features_of({"assistance": measures, "incomes": [income(2019, 6000.0, size=1)]})
    assert (row["support_12m"], row["support_income_share_12m"]) == (3600, 0.6)
    assert row["support_ended_12m"] == 1
    assert (row["on_subsistence"], row["industry_support"], row["job_support"]) == (1, 0, 1)
    assert row["relapse_insured"] is None  # no insurance is noted of anybody


def test_of_help_that_only_a_flag_tells_other_kinds_are_unknown():
    passing = {"household_id": "h1", "kind": "subsistence", "started_on": date(2019, 1, 1), "in_passing": True}
    row = features_of({"assistance": [passing], "incomes": [income(2019, 6000.0, size=1)]})
    assert (row["on_subsistence"], row["industry_support"], row["job_support"]) == (1, None, None)


def test_guarantees_and_schooling():
    home = household(house_grade="C", safe_water=False, relocated=True, rooms=2, size=4, farmland_mu=4.0, tenure_code=3)
    members = [
        member("a", birth_year=1979, medical_insured=True, pension_insured=False, student_status="not_student"),
        member("b", birth_year=2009, medical_insured=False, student_status="dropout"),
        member("c", birth_year=2001, medical_insured=True, pension_insured=True, student_status="senior"),
        member("d", birth_year=2010, medical_insured=True, student_status="primary"),
    ]
    row = features_of({"households": [home], "members": members})
    assert (row["unsafe_house"], row["unsafe_water"], row["relocated"], row["tenure"]) == (1, 1, 1, "3")
    assert (row["rooms_per_person_log"], row["farmland_per_person_log"]) == (near(log(0.5)), near(log(2)))
    assert (row["uninsured"], row["uninsured_share"], row["no_pension_share"]) == (1, 0.25, 0.5)
    assert (row["students"], row["students_share"], row["adult_students"], row["out_of_school"]) == (2, 0.5, 1, 1)


def test_neighbours_are_the_others_of_the_village_drawn_towards_the_county():
    homes = [household(f"h{k}", village_code="v1" if k < 2 else "v2", county="c") for k in range(4)]
    poor, well = LINE_2019 / 2, LINE_2019 * 2
    incomes = [income(2019, amount, household_id=f"h{k}") for k, amount in enumerate((poor, well, well, well))]
    tables = {"households": homes, "incomes": incomes}
    assert features_of(tables, household_id="h0")["village_below_line_share"] == 0
    assert features_of(tables, household_id="h1")["village_below_line_share"] == near((1 + 20 / 3) / 21)
    assert features_of(tables, household_id="h2")["village_below_line_share"] == near((0 + 20 / 3) / 21)
    assert features_of(tables, household_id="h2")["village_below_line_excess"] == near((0 - 1 / 3) / 21)
    # of the county's three others one is poor; the only neighbour is well off
    of_county, of_village = 2 / 3 * log(2) - 1 / 3 * log(2), log(2)
    row = features_of(tables, household_id="h2")
    assert row["village_income_over_county_log"] == near((of_village - of_county) / 21)
    assert row["village_income_over_county"] == near(exp((of_village - of_county) / 21))


def test_neighbours_are_compared_with_their_own_county_on_the_same_day():
    homes = [household(f"h{k}", village_code=f"v{k // 3}", county="c" if k < 6 else "d") for k in range(12)]
    amounts = (3000, 4000, 9000, 2000, 5000, 6000, 8000, 20000, 7000, 9000, 10000, 15000)

    def registers(*factors):
        rises = [income(2019, a * factors[k // 6], household_id=f"h{k}") for k, a in enumerate(amounts)]
        return {"households": homes, "incomes": rises}

    names = ("village_income_over_county", "village_income_over_county_log")
    for k in (0, 5, 7, 11):
        plain, risen = (features_of(registers(*f), household_id=f"h{k}") for f in ((1.0, 1.0), (1.7, 0.8)))
        assert [risen[name] for name in names] == near([plain[name] for name in names])


def test_of_a_village_nobody_names_nothing_sets_it_apart():
    homes = [household("h0", village_code=None), household("h1", village_code="v1"), household("h2", village_code="v1")]
    incomes = [income(2019, 9000.0, household_id="h1"), income(2019, 2000.0, household_id="h2")]
    row = features_of({"households": homes, "incomes": incomes}, household_id="h0")
    assert (row["village_income_over_county_log"], row["village_below_line_excess"]) == (0, 0)
    assert row["village_below_line_share"] == 0.5


def test_a_dangerous_house_is_known_by_its_grade_or_else_by_a_plain_yes():
    def unsafe(**columns):
        return features_of({"households": [household(**columns)]})["unsafe_house"]

    assert unsafe(house_grade="D") == 1
    assert unsafe(house_grade="B", dangerous_house=True) == 0
    assert unsafe(house_grade=None, dangerous_house=True) == 1
    assert unsafe(dangerous_house=False) == 0
    assert unsafe(house_grade=None) is None


def test_stale_neighbours_say_nothing():
    homes = [household(f"h{k}", village_code="v1") for k in range(3)]
    incomes = [income(2019, 9000.0, household_id="h1"), income(2016, 100.0, household_id="h2")]
    row = features_of({"households": homes, "incomes": incomes}, household_id="h0")
    assert row["village_below_line_share"] == 0


def test_a_panel_of_a_household_survey_is_read_too():
    home = household(sold_belongings=True, borrowed_from_family=False, size=2)
    row = features_of({"households": [home], "members": [member("a", student=True, birth_year=2000)]})
    assert (row["sold_belongings"], row["borrowed_from_family"], row["students"]) == (1, 0, 1)
