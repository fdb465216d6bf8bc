"""A function that takes a request: called with its fields, refused what is none, described as the request is."""

import inspect
import re
from dataclasses import dataclass, fields
from typing import Any

import pytest

import relapse_risk as rr
from relapse_risk.cycle import MonitorRequest, monitor
from relapse_risk.requests import takes
from relapse_risk.scoring import ScoreRequest
from relapse_risk.training import EvaluateRequest, TrainRequest


@dataclass(frozen=True, kw_only=True)
class Wide:
    """Asked of both.

    Attributes
    ----------
    days : int
        How many days.
    """

    days: int


@dataclass(frozen=True, kw_only=True)
class Narrow(Wide):
    """Asked of one.

    Attributes
    ----------
    places : int
        How many places.

    Raises
    ------
    ValueError
        Never.
    """

    places: int = 2


@takes(Narrow)
def product(factor, request):
    """Multiply.

    Parameters
    ----------
    factor : int
    %(options)s

    Returns
    -------
    int
    """
    return factor * request.days * request.places


def test_the_fields_of_a_request_are_the_keywords_of_the_function():
    assert str(inspect.signature(product)) == "(factor, *, days: int, places: int = 2)"
    by_name: Any = product
    assert product(1, days=3) == by_name(factor=1, days=3, places=2) == 6


@pytest.mark.parametrize("options", [{}, {"days": 1, "paces": 2}, {"days": 1, "factor": 2}])
def test_what_is_no_field_or_is_left_out_is_refused(options):
    with pytest.raises(TypeError, match="argument"):
        product(1, **options)


def test_every_field_is_described_once_those_of_the_base_first():
    lines = [line.strip() for line in product.__doc__.splitlines()]
    assert lines[4:10] == ["factor : int", "days : int", "How many days.", "places : int", "How many places.", ""]
    assert "Never." not in lines


@pytest.mark.parametrize(
    ("function", "request_"),
    [(rr.train, TrainRequest), (rr.evaluate, EvaluateRequest), (rr.score, ScoreRequest), (monitor, MonitorRequest)],
)
def test_the_front_door_describes_every_option(function, request_):
    for field in (one for one in fields(request_) if one.init):
        assert re.search(rf"^ *{field.name} : ", function.__doc__, re.MULTILINE)  # Python 3.13 takes indents away
        assert field.name in inspect.signature(function).parameters
