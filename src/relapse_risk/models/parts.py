"""Calibrators and what areas add as JSON data, and back, checked."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from relapse_risk.area_effects import AreaOffset, RandomIntercepts
from relapse_risk.calibration import Beta, Calibrator, Chain, PiecewiseLinear, Sigmoid
from relapse_risk.metrics import MAX_LOG_ODDS
from relapse_risk.models.state import (
    damaged,
    read_choice,
    read_list,
    read_mapping,
    read_matrix,
    read_number,
    read_vector,
)

__all__ = [
    "area_offset_from",
    "area_offset_values",
    "calibrator_from",
    "calibrator_values",
    "intercept_values",
    "intercepts_from",
]


def calibrator_values(g: Calibrator) -> dict[str, Any]:
    """Return a calibrator as JSON data."""
    if isinstance(g, Chain):
        return {"kind": "chain", "first": calibrator_values(g.first), "then": calibrator_values(g.then)}
    if isinstance(g, PiecewiseLinear):
        return {"kind": "steps"} | {name: getattr(g, name).tolist() for name in ("knots", "heights", "errors")}
    covariance = [list(row) for row in g.covariance]  # type: ignore[attr-defined]
    if isinstance(g, Beta):
        return {"kind": "beta", "shift": g.shift, "low": g.low, "high": g.high, "covariance": covariance}
    line: Any = g
    return {"kind": "sigmoid", "shift": line.shift, "stretch": line.stretch, "covariance": covariance}


def calibrator_from(values: Mapping[str, Any]) -> Calibrator:
    """Return the calibrator that `calibrator_values` described.

    Raises
    ------
    BundleError
        ``model_damaged`` where it describes none: a wrong kind, a falling map, a number that is none.
    """
    kind = read_choice(values, "kind", (*_READ, "chain"))
    if kind == "chain":
        first, then = (calibrator_from(read_mapping(values, name)) for name in ("first", "then"))
        return Chain(first=first, then=then)
    found: Calibrator = _READ[kind](values)
    return found


def _sigmoid(values: Mapping[str, Any]) -> Sigmoid:
    (a, b), (_, d) = read_matrix(values, "covariance", shape=(2, 2)).tolist()
    shift, stretch = read_number(values, "shift"), read_number(values, "stretch")
    if stretch <= 0:
        damaged("stretch", "a calibrator that falls")
    return Sigmoid(shift=shift, stretch=stretch, covariance=((a, b), (b, d)))


def _beta(values: Mapping[str, Any]) -> Beta:
    covariance = read_matrix(values, "covariance", shape=(3, 3)).tolist()
    low, high = read_number(values, "low"), read_number(values, "high")
    if min(low, high) < 0:
        damaged("low", "a calibrator that falls")
    covariance = tuple(tuple(row) for row in covariance)
    return Beta(shift=read_number(values, "shift"), low=low, high=high, covariance=covariance)


def _piecewise_linear(values: Mapping[str, Any]) -> PiecewiseLinear:
    knots = read_vector(values, "knots")
    heights = read_vector(values, "heights", length=len(knots))
    errors = read_vector(values, "errors", length=len(knots))
    falls = (np.diff(knots) <= 0).any() or (np.diff(heights) < 0).any()
    if len(knots) == 0 or falls or np.abs(heights).max() > MAX_LOG_ODDS:
        damaged("knots", "a calibrator that falls or has no knots")
    return PiecewiseLinear(knots=knots, heights=heights, errors=errors)


_READ: Mapping[str, Any] = {"sigmoid": _sigmoid, "beta": _beta, "steps": _piecewise_linear}


def area_offset_values(offset: AreaOffset) -> dict[str, Any]:
    """Return what areas add as JSON data."""
    shifts = None if offset.shifts is None else intercept_values(offset.shifts)
    return {"everywhere": offset.everywhere, "everywhere_error": offset.everywhere_error, "shifts": shifts}


def area_offset_from(values: Mapping[str, Any]) -> AreaOffset:
    """Return what `area_offset_values` described, checked."""
    error = read_number(values, "everywhere_error")
    if error < 0 or "shifts" not in values:
        damaged("local", "an error below zero, or no word of shifts")
    shifts = None if values["shifts"] is None else intercepts_from(read_mapping(values, "shifts"))
    return AreaOffset(everywhere=read_number(values, "everywhere"), everywhere_error=error, shifts=shifts)


def intercept_values(intercepts: RandomIntercepts) -> dict[str, Any]:
    """Return random intercepts as JSON data."""
    levels = [
        {area: [shift, errors[area]] for area, shift in shifts.items()}
        for shifts, errors in zip(intercepts.levels, intercepts.errors, strict=True)
    ]
    return {"levels": levels, "spreads": list(intercepts.spreads)}


def intercepts_from(values: Mapping[str, Any]) -> RandomIntercepts:
    """Return what `intercept_values` described, checked."""
    levels = read_list(values, "levels")
    spreads = read_vector(values, "spreads", length=len(levels))
    named = [read_mapping({"levels": level}, "levels") for level in levels]
    pairs = [{area: read_vector(level, area, length=2) for area in level} for level in named]
    if not levels or (spreads < 0).any() or any(pair[1] < 0 for level in pairs for pair in level.values()):
        damaged("levels", "no levels, or errors below zero")
    return RandomIntercepts(
        levels=tuple({area: float(pair[0]) for area, pair in level.items()} for level in pairs),
        errors=tuple({area: float(pair[1]) for area, pair in level.items()} for level in pairs),
        spreads=tuple(spreads.tolist()),
    )
