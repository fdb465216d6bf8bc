"""What the register does not say of a household is not known, and is never no."""

from datetime import date

import pytest

from relapse_risk.alerts.assessment import find_facts
from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView
from tests.labels.small_registers import account, home, register

BEGIN = date(2019, 1, 1)


def fact(name, **tables):
    """Return what is known of h1 beside another household."""
    incomes = [account(2018, 9000), account(2018, 9000, household_id="h2")]
    view = AsOfView.of(register(households=[home(), home("h2")], incomes=incomes, **tables), "2019-12-31")
    cohort = find_cohort(view).select("household_id", "population", "exclusion_reason")
    frame = find_facts(build_features(view), cohort, view, read_policy()).frame
    return frame.filter(household_id="h1")[name].item() if name in frame.columns else None


def spell(household_id="h1", **columns):
    return {"household_id": household_id, "person_id": f"p{household_id}", "started_on": BEGIN, **columns}


def stay(household_id="h1", kind="sudden", **columns):
    return {"household_id": household_id, "identified_on": BEGIN, "monitoring_type": kind, **columns}


@pytest.mark.parametrize(
    ("channels", "found"),
    [((None,), None), (("market",), False), (("market", None), None), (("public_post", None), True), ((), False)],
)
def test_work_without_a_channel_may_be_a_public_post(channels, found):
    rows = [spell(channel=channel) | {"person_id": f"p{place}"} for place, channel in enumerate(channels)]
    assert fact("in_public_post", employment=[*rows, spell("h2", channel="public_post")]) is found


def test_who_is_identified_in_sudden_hardship_and_not_known_to_be_cleared_may_be_in_it():
    others = [stay("h2", cleared_on=None)]
    assert fact("registered_sudden", monitoring=[stay(cleared_on=None), *others]) is True
    assert fact("registered_sudden", monitoring=[stay(cleared_on=date(2019, 6, 1)), *others]) is False
    assert fact("registered_sudden", monitoring=[stay(kind=None, cleared_on=None), *others]) is None
    assert fact("registered_sudden", monitoring=[stay("h2")]) is False
    assert fact("registered_sudden", monitoring=[stay()]) is None


def test_a_table_of_nobody_says_nothing_of_anybody():
    assert fact("monitored", monitoring=[]) is None
