"""The law the invented population follows, read from ``parameters.toml``."""

import tomllib
from functools import cache
from importlib.resources import files

from relapse_risk.policy import validated
from relapse_risk.synthetic.law import Parameters

__all__ = ["parameters"]


@cache
def parameters() -> Parameters:
    """Return the parameters.

    Examples
    --------
    >>> parameters().places.province
    '虚拟省'
    """
    text = files(__package__).joinpath("parameters.toml").read_text(encoding="utf-8")
    return validated(Parameters, tomllib.loads(text), "parameters.toml")
