"""For every rule on blanks, causes and what else hints at a fault one household that passes and one that fails."""

from tests.audit.rule_cases import Case, changed, day

__all__ = ["HINT_CASES"]

_PLACED = {"household_id": "h1", "year": 2020}
_HEAD = {**_PLACED, "person_id": "p1", "relation": "head", "sex": "male"}
_SPOUSE = {**_PLACED, "person_id": "p2", "relation": "spouse", "sex": "female"}
_ADULT = {"person_id": "p1", "birth_date": day("1980-05-05"), "recorded_on": day("2020-06-01")}
_HALE = {**_ADULT, "health_status": "healthy", "student_status": "not_student"}
_INCOME = {**_PLACED, "wage": 0.0, "transfer": 4000.0}
_CHILD = {**_PLACED, "person_id": "p3"}


def _cause(cause: str, fine: dict[str, object], broken: dict[str, object]) -> Case:
    household = {"households": [{**_PLACED, "poverty_cause": cause}]}
    members = [{**_CHILD, **said} for said in (fine, broken)]
    return Case(fine={**household, "members": members[:1]}, broken={**household, "members": members[1:]})


def _able(number: int) -> dict[str, list[dict[str, object]]]:
    who = [{**_PLACED, "person_id": f"p{one}", "labour_capacity": "ordinary"} for one in range(number)]
    return {"households": [{**_PLACED, "poverty_cause": "labour"}], "members": who}


HINT_CASES = {
    # blanks: another row says what this one does not
    "type_blank": changed("households", {"household_type": "poor"}, {"household_type": "poor"}, household_type=None),
    "cause_blank": changed(
        "households",
        {"household_type": "exited", "poverty_cause": "illness"},
        {"household_type": "exited", "poverty_cause": "illness"},
        poverty_cause=None,
    ),
    "relation_blank": changed("members", {"relation": "head"}, {"relation": "head"}, relation=None),
    "ethnicity_blank": changed("members", {"ethnicity": "e"}, {"ethnicity": "e"}, ethnicity=None),
    "health_blank": changed("members", {"health_status": "healthy"}, {"health_status": "healthy"}, health_status=None),
    "capacity_blank": changed(
        "members", {**_ADULT, "labour_capacity": "weak"}, {**_ADULT, "labour_capacity": "weak"}, labour_capacity=None
    ),
    "education_blank": changed(
        "members", {**_ADULT, "education": "primary"}, {**_ADULT, "education": "primary"}, education=None
    ),
    # causes
    "illness_cause_nobody_ill": _cause("illness", {"health_status": "chronic"}, {"health_status": "healthy"}),
    "disability_cause_nobody_disabled": _cause(
        "disability", {"health_status": "chronic+disabled"}, {"health_status": "chronic"}
    ),
    "schooling_cause_no_pupil": _cause("schooling", {"student_status": "senior"}, {"student_status": "not_student"}),
    "labour_cause_many_able": Case(fine=_able(2), broken=_able(3)),
    # labour
    "region_with_blank_months": changed(
        "members",
        {"work_region": "county", "work_months": 3.0},
        {"work_region": "county", "work_months": 3.0},
        work_months=None,
    ),
    "work_without_place": changed(
        "members",
        {"work_region": "county", "work_months": 3.0},
        {"work_region": "county", "work_months": 3.0},
        work_region=None,
    ),
    "never_able_at_work": changed("members", {"labour_capacity": "none", "work_months": 0.0}, work_months=10.0),
    "able_called_incapable": changed("members", {**_HALE, "labour_capacity": "weak"}, labour_capacity="none"),
    # income
    "income_per_person_negative": changed("incomes", {"net_income_per_capita": 900.0}, net_income_per_capita=-1.0),
    "income_per_person_too_high": changed("incomes", {"net_income_per_capita": 9000.0}, net_income_per_capita=150000.0),
    "business_without_cost": changed("incomes", {"business": 9000.0, "production_cost": 2500.0}, production_cost=0.0),
    "aid_over_transfer": changed(
        "incomes",
        _INCOME,
        also={
            "assistance": [
                {"household_id": "h1", "kind": "subsistence", "amount": 3000.0, "started_on": day("2020-01-10")}
            ]
        },
        transfer=100.0,
    ),
    "wage_without_worker": changed(
        "members",
        {**_HEAD, "work_months": 8.0},
        also={"incomes": [{**_INCOME, "wage": 30000.0}]},
        work_months=0.0,
    ),
    # registers
    "cleared_soon": changed(
        "monitoring",
        {"identified_on": day("2019-01-10"), "cleared_on": day("2019-09-10")},
        cleared_on=day("2019-03-10"),
    ),
    "dangerous_house_without_grade": changed(
        "households",
        {"dangerous_house": True, "house_grade": "D"},
        {"dangerous_house": True, "house_grade": "D"},
        house_grade=None,
    ),
    "farmland_per_person": changed("households", {"size": 4, "farmland_mu": 8.0}, farmland_mu=400.0),
    "poor_far_over_line": changed(
        "incomes",
        {**_PLACED, "net_income_per_capita": 6000.0},
        also={"households": [{**_PLACED, "household_type": "poor"}]},
        net_income_per_capita=60000.0,
    ),
    "exited_and_below_line": changed(
        "incomes",
        {**_PLACED, "net_income_per_capita": 6000.0},
        also={"households": [{**_PLACED, "household_type": "exited", "exit_year": 2018}]},
        net_income_per_capita=700.0,
    ),
    # members
    "disabled_without_certificate": changed(
        "members",
        {"person_id": "p1", "health_status": "disabled"},
        {"person_id": "p9", "health_status": "healthy"},
        also={"disabilities": [{"person_id": "p1"}]},
        person_id="p2",
    ),
    "old_without_pension": changed(
        "members",
        {**_ADULT, "birth_date": day("1940-05-05"), "pension_insured": True},
        pension_insured=False,
    ),
    "not_insured": changed("members", {"medical_insured": True}, medical_insured=False),
    "left_without_any_day": changed(
        "members", {"left_reason": "death", "removed_on": day("2019-03-05")}, removed_on=None
    ),
    "spouses_of_one_sex": changed("members", _SPOUSE, _HEAD, sex="male"),
    "allowance_beside_support": changed(
        "assistance",
        {"household_id": "h1", "kind": "social_assistance", "started_on": day("2020-01-10")},
        {
            "household_id": "h1",
            "kind": "subsistence",
            "started_on": day("2018-01-10"),
            "ended_on": day("2019-12-31"),
        },
        started_on=day("2019-06-10"),
    ),
}
