"""The data of watch lists is whole."""

import pytest

from relapse_risk.alerts.watch import LISTS
from relapse_risk.policy import read_policy

DECLARED = read_policy().mechanism.watch.lists.by_name


def test_every_list_declared_has_its_data_and_no_other():
    assert [one.name for one in LISTS] == list(DECLARED)
    for one in LISTS:
        assert [state.name for state in one.states] == list(DECLARED[one.name].states)


@pytest.mark.parametrize("one", LISTS, ids=lambda one: one.name)
def test_every_list_is_worded(one):
    wording = DECLARED[one.name]
    assert all(
        entry.zh and entry.en for entry in (wording, wording.base, wording.approximation, *wording.states.values())
    )
