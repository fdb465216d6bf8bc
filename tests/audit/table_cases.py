"""For the rules on incomes, bills, loans, housing, exits, work and help: a household that passes and one that fails."""

from collections.abc import Mapping

from tests.audit.rule_cases import EXPORTED, LISTED, PERSON, Case, changed, day, worker

INCOME = {"wage": 10000.0, "business": 3000.0, "property": 0.0, "transfer": 500.0, "production_cost": 1500.0}
BILL = {"total_cost": 100.0, "reimbursed": 60.0, "self_paid": 40.0}
LOAN = {"started_on": day("2017-05-02"), "due_on": day("2020-05-01")}
EXITED = {"household_id": "h1", "household_type": "exited", "exit_year": 2017}
POOR = {"household_id": "h1", "household_type": "poor", "exit_year": 2015}
RELAPSED = {"relapses": [{"household_id": "h1", "relapsed_on": day("2018-06-01")}]}
WORKED = {"households": [LISTED], "members": [{**PERSON, "work_months": 9.0}]}
UNWORKED = {"households": [LISTED], "members": [{**PERSON, "work_months": 0.0}]}
H_TYPED = {"households": [{"household_id": "h1", "household_type": "exited"}]}
DIED = {"members": [{"person_id": "p1", "died_on": day("2018-03-01")}]}

TABLE_CASES: Mapping[str, Case] = {
    # income
    "income_parts_and_sum": changed("incomes", {**INCOME, "net_income": 12000.0}, net_income=21000.0),
    "income_per_person": changed(
        "incomes",
        {"household_size": 3, "net_income": 10000.0, "net_income_per_capita": 3333.33},
        net_income_per_capita=5000.0,
    ),
    "income_of_nothing": changed(
        "incomes",
        {"household_size": 3, "wage": 0.0, "business": 0.0, "property": 0.0, "transfer": 200.0, "net_income": 200.0},
        transfer=0.0,
        net_income=0.0,
    ),
    "income_signs_differ": changed(
        "incomes", {"net_income": 9000.0, "net_income_per_capita": 3000.0}, net_income_per_capita=-3000.0
    ),
    "income_year_not_of_period": changed("incomes", {"year": 2019, "period_end": day("2019-12-31")}, year=2018),
    "income_period_too_long": changed(
        "incomes", {"period_start": day("2020-01-01"), "period_end": day("2020-12-31")}, period_start=day("2019-01-01")
    ),
    "wage_without_work": changed("incomes", {**LISTED, "wage": 900.0}, also=UNWORKED, wage=60000.0),
    "work_without_wage": changed("incomes", {**LISTED, "wage": 9000.0}, also=WORKED, wage=0.0),
    # medical
    "reimbursed_over_total": changed("illness", BILL, reimbursed=160.0),
    "self_paid_over_total": changed("illness", BILL, self_paid=140.0),
    "cost_not_of_parts": changed("illness", BILL, reimbursed=20.0),
    "treatment_without_cost": changed("illness", BILL, total_cost=0.0),
    # disability
    "grade_without_category": changed(
        "disabilities", {"category": "visual", "grade": 2}, {"category": "visual", "grade": 1}, category=None
    ),
    "category_without_grade": changed(
        "disabilities", {"category": "visual", "grade": 2}, {"category": "visual", "grade": 1}, grade=None
    ),
    "certificate_of_other_category": changed(
        "disabilities", {"category": "visual", "_certificate_category": "visual"}, category="speech"
    ),
    "certificate_of_other_grade": changed("disabilities", {"grade": 2, "_certificate_grade": 2}, grade=3),
    "certificate_of_other_person": changed("disabilities", {"_id": "a", "_certificate": "a"}, _certificate="b"),
    "two_categories_at_once": changed(
        "disabilities",
        {"person_id": "p1", "certified_on": EXPORTED, "category": "visual"},
        {"person_id": "p1", "certified_on": EXPORTED, "category": "visual"},
        category="speech",
    ),
    "certified_not_disabled": changed(
        "members",
        {**PERSON, "health_status": "chronic+disabled"},
        also={"disabilities": [{"person_id": "p1", "certified_on": day("2010-05-02")}]},
        health_status="chronic",
    ),
    "healthy_and_ill": changed("members", {"health_status": "healthy"}, health_status="healthy+serious"),
    "certificate_never_dated": changed(
        "disabilities",
        {"grade": 2, "certified_on": EXPORTED},
        {"grade": 2, "certified_on": EXPORTED},
        certified_on=None,
    ),
    # loans
    "loan_of_nothing": changed("loans", {"principal": 50000.0}, principal=0.0),
    "loan_over_ceiling": changed("loans", {"principal": 50000.0}, principal=500000.0),
    "loan_due_before_start": changed("loans", LOAN, due_on=day("2016-05-01")),
    "loan_too_long": changed("loans", LOAN, due_on=day("2037-05-01")),
    "loan_state_before_start": changed("loans", {**LOAN, "status_on": day("2018-01-02")}, status_on=day("2016-01-02")),
    "loan_overdue_before_due": changed(
        "loans", {**LOAN, "status": "overdue", "status_on": day("2020-06-02")}, status_on=day("2019-06-02")
    ),
    "loan_normal_after_due": changed(
        "loans", {**LOAN, "loan_id": "l1", "status": "normal", "due_on": day("2021-05-01")}, **LOAN
    ),
    "borrower_too_young": changed(
        "loans", {**LOAN, "_id_birth_date": day("1970-01-01")}, _id_birth_date=day("2010-01-01")
    ),
    "loan_in_future": changed("loans", LOAN, started_on=day("2021-05-02")),
    # housing
    "dangerous_house_of_good_grade": changed(
        "households", {"dangerous_house": True, "house_grade": "D"}, house_grade="A"
    ),
    "safe_house_of_bad_grade": changed("households", {"dangerous_house": False, "house_grade": "B"}, house_grade="C"),
    "site_without_relocation": changed("households", {"resettlement_site": "s", "relocated": True}, relocated=False),
    "farmland_too_large": changed("households", {"farmland_mu": 5.0}, farmland_mu=5000.0),
    "exited_into_ruin": changed("households", {"household_type": "exited", "house_grade": "B"}, house_grade="D"),
    "exited_without_water": changed("households", {"household_type": "exited", "safe_water": True}, safe_water=False),
    # exits
    "exited_without_year": changed("households", EXITED, {**EXITED, "household_id": "h2"}, exit_year=None),
    "exit_in_future": changed("households", EXITED, exit_year=2022),
    "exit_before_register": changed("households", EXITED, exit_year=1998),
    "exit_after_relapse": changed("households", POOR, also=RELAPSED, exit_year=2019),
    "exit_of_never_poor": Case(
        fine={"households": [{**EXITED, "household_type": "general", "exit_year": None}]},
        broken={"households": [{**EXITED, "household_type": "general"}]},
    ),
    "exited_after_relapse": changed(
        "households", {**EXITED, "year": 2020, "exit_year": 2019}, also=RELAPSED, exit_year=2015
    ),
    "relapsed_called_general": Case(
        fine={"households": [{"household_id": "h1", "household_type": "general", "year": 2017}], **RELAPSED},
        broken={"households": [{"household_id": "h1", "household_type": "general", "year": 2020}], **RELAPSED},
    ),
    "poor_after_exit": Case(
        fine={"households": [{**POOR, "year": 2019}], **RELAPSED},
        broken={
            "households": [{**POOR, "year": 2019}],
            "relapses": [{"household_id": "h9", "relapsed_on": day("2018-03-01")}],
        },
    ),
    "exited_below_line": changed(
        "incomes",
        {"household_id": "h1", "year": 2017, "net_income_per_capita": 6000.0},
        also={"households": [{**EXITED, "year": 2017}]},
        net_income_per_capita=1000.0,
    ),
    "relapse_without_cause": changed("relapses", {"cause": "illness"}, {"cause": "illness"}, cause=None),
    # labour
    "months_of_no_year": changed("members", {"work_months": 12.0}, work_months=14.0),
    "region_without_months": changed("members", {"work_region": "county", "work_months": 3.0}, work_months=0.0),
    "child_able_to_work": changed("members", worker("2010-01-01", labour_capacity="none"), labour_capacity="ordinary"),
    "old_able_to_work": changed("members", worker("1925-01-01", labour_capacity="none"), labour_capacity="skilled"),
    "child_at_work": changed("members", worker("2010-01-01", work_months=0.0), work_months=4.0),
    "unable_at_work": changed("members", {"labour_capacity": "lost", "work_months": 3.0}, work_months=12.0),
    "able_called_unable": changed(
        "members",
        worker("1985-01-01", health_status="healthy", student_status="not_student", labour_capacity="ordinary"),
        labour_capacity="lost",
    ),
    # departed
    "illness_after_death": changed(
        "illness", {"person_id": "p1", "occurred_on": day("2018-02-02")}, also=DIED, occurred_on=day("2018-12-24")
    ),
    "settled_after_death": changed(
        "illness", {"person_id": "p1", "settled_on": day("2018-05-02")}, also=DIED, settled_on=day("2020-12-24")
    ),
    "certified_after_death": changed(
        "disabilities",
        {"person_id": "p1", "certified_on": day("2010-05-02")},
        also=DIED,
        certified_on=day("2018-12-24"),
    ),
    "work_after_death": changed(
        "employment", {"person_id": "p1", "started_on": day("2016-05-02")}, also=DIED, started_on=day("2018-12-24")
    ),
    "listed_after_death": changed("members", {"person_id": "p1", "year": 2018}, also=DIED, year=2020),
    "listed_after_removal": changed(
        "members", {"year": 2018, "removed_on": day("2018-05-02"), "died_on": None}, year=2020
    ),
    "death_without_day": changed(
        "members",
        {"left_reason": "death", "died_on": day("2018-05-02")},
        {"left_reason": "death", "died_on": day("2018-05-02")},
        died_on=None,
    ),
    "death_for_other_reason": changed(
        "members", {"left_reason": "death", "died_on": day("2018-05-02")}, left_reason="married"
    ),
    "removed_without_reason": changed(
        "members",
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        left_reason=None,
    ),
    "reason_without_removal": changed(
        "members",
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        {"left_reason": "moved", "removed_on": day("2018-05-02")},
        removed_on=None,
    ),
    "two_days_of_death": changed(
        "members",
        {"person_id": "p1", "died_on": day("2018-05-02")},
        {"person_id": "p1", "died_on": day("2018-05-02")},
        died_on=day("2019-05-02"),
    ),
    # assistance
    "aid_of_nothing": changed("assistance", {"kind": "subsistence", "amount": 300.0}, amount=0.0),
    "aid_too_large": changed("assistance", {"amount": 300.0}, amount=3000000.0),
    "temporary_aid_too_long": changed(
        "assistance",
        {"kind": "temporary_relief", "started_on": day("2016-03-01"), "ended_on": day("2016-06-01")},
        ended_on=day("2020-06-01"),
    ),
    # monitoring
    "cleared_before_identified": changed(
        "monitoring",
        {"identified_on": day("2018-03-01"), "cleared_on": day("2019-03-01")},
        cleared_on=day("2017-03-01"),
    ),
    "cleared_in_future": changed("monitoring", {"cleared_on": day("2019-03-01")}, cleared_on=day("2022-03-01")),
    "cleared_without_day": changed(
        "monitoring",
        {"cleared_reason": "help", "cleared_on": day("2019-03-01")},
        {"cleared_reason": "help", "cleared_on": day("2019-03-01")},
        cleared_on=None,
    ),
    "unstable_never_exited": Case(
        fine={"monitoring": [{"household_id": "h1", "monitoring_type": "unstable"}], **H_TYPED},
        broken={
            "monitoring": [{"household_id": "h1", "monitoring_type": "unstable"}],
            "households": [{"household_id": "h1", "household_type": "general"}],
        },
    ),
    "near_poor_but_registered": Case(
        fine={
            "monitoring": [{"household_id": "h1", "monitoring_type": "near_poor"}],
            "households": [{"household_id": "h1", "household_type": "general"}],
        },
        broken={"monitoring": [{"household_id": "h1", "monitoring_type": "near_poor"}], **H_TYPED},
    ),
    "watched_without_risk": changed("monitoring", {"risk": "illness"}, {"risk": "illness"}, risk=None),
    "watched_without_entry": changed(
        "monitoring",
        {"household_id": "h1", "identified_on": day("2018-03-01")},
        also={"households": [{"household_id": "h1", "monitoring_type": "unstable"}]},
        household_id="h2",
    ),
    # disasters
    "loss_of_nothing": changed("disasters", {"loss": 900.0}, loss=0.0),
    "loss_too_large": changed("disasters", {"loss": 900.0}, loss=9000000.0),
    "disaster_in_unknown_village": changed(
        "disasters", {"village_code": "v1"}, also={"households": [{"village_code": "v1"}]}, village_code="v2"
    ),
    # employment
    "wage_of_nothing": changed("employment", {"monthly_wage": 2500.0}, monthly_wage=0.0),
    "wage_too_high": changed("employment", {"monthly_wage": 2500.0}, monthly_wage=250000.0),
    "local_post_far_away": changed("employment", {"channel": "public_post", "region": "county"}, region="outside"),
    "reason_without_end": changed(
        "employment",
        {"ended_reason": "r", "ended_on": day("2019-03-05")},
        {"ended_reason": "r", "ended_on": day("2019-03-05")},
        ended_on=None,
    ),
    "end_recorded_early": changed(
        "employment",
        {"ended_on": day("2019-03-05"), "ending_recorded_on": day("2019-03-05")},
        ending_recorded_on=day("2019-02-05"),
    ),
}
