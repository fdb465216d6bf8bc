"""The data of watch lists is whole."""

import pytest

from relapse_risk.alerts.watch import LISTS
from relapse_risk.policy import read_policy

MECHANISM = read_policy().mechanism


def test_every_list_declared_has_its_data_and_no_other():
    assert [one.name for one in LISTS] == list(MECHANISM["watch"]["lists"])
    for one in LISTS:
        assert [state.name for state in one.states] == list(MECHANISM["watch"]["lists"][one.name]["states"])


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_every_list_is_worded(one):
    told = MECHANISM["watch"]["lists"][one.name]
    worded = [told, told["base"], told["approximation"], *told["states"].values()]
    assert all(entry["zh"] and entry["en"] for entry in worded)
