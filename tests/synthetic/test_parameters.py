import pytest

from relapse_risk.errors import InputError
from relapse_risk.policy import validated
from relapse_risk.synthetic.law import ByGroup
from relapse_risk.synthetic.parameters import parameters


def test_every_figure_of_the_law_is_read():
    assert parameters().hazard.level < 0


def test_a_figure_of_another_kind_is_refused():
    with pytest.raises(InputError, match=r'near_poor is "x"\. Allowed: a number'):
        validated(ByGroup, {"registered": 1, "near_poor": "x", "general": 1}, "parameters.toml")
