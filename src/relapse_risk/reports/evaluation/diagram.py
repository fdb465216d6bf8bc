"""The reliability diagram: predicted against observed, in bands of about equal size."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import isnan

from relapse_risk.evaluation.model_report import BinReport
from relapse_risk.metrics import CurvePoint
from relapse_risk.reports.figures import per_cent

__all__ = ["SIDE", "Diagram", "Mark", "Tick", "draw_bands"]

SIDE = 100.0
"""Both axes run from 0 to this many units of the drawing."""

_STEPS = (0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.25, 0.5)
_MOST_TICKS = 5


@dataclass(frozen=True, kw_only=True)
class Mark:
    """One band: its place, and the reach of the interval of what happened; upwards is downwards on a screen."""

    x: float
    y: float
    low: float
    high: float


@dataclass(frozen=True, kw_only=True)
class Tick:
    """A mark on both axes."""

    place: float
    label: str


@dataclass(frozen=True, kw_only=True)
class Diagram:
    """Marks and ticks in units of the drawing; the curve and what its band encloses as points of a drawing."""

    marks: tuple[Mark, ...]
    ticks: tuple[Tick, ...]
    curve: str = ""
    band: str = ""


def draw_bands(bands: Sequence[BinReport], curve: Sequence[CurvePoint] = ()) -> Diagram:
    """Return the diagram of some bands and of the curve; both axes reach as far as any band or interval does.

    Examples
    --------
    >>> from relapse_risk.metrics import Interval
    >>> observed = Interval(estimate=0.1, lower=0.05, upper=0.2)
    >>> band = BinReport(low=0.0, high=0.2, predicted=0.1, observed=observed, rows=10, events=1)
    >>> draw_bands([band]).marks
    (Mark(x=50.0, y=50.0, low=75.0, high=0.0),)
    """
    reached = [one for band in bands for one in (band.predicted, band.observed.estimate, band.observed.upper)]
    top = max((one for one in reached if one > 0), default=1.0)  # what is not a number is not above zero
    step = next((step for step in _STEPS if top / step <= _MOST_TICKS), 0.5)

    def up(value: float) -> float:
        return round(SIDE * (1 - value / top), 2)

    marks = tuple(
        Mark(
            x=round(SIDE * band.predicted / top, 2),
            y=up(band.observed.estimate),
            low=up(_known(band.observed.lower, band.observed.estimate)),
            high=up(_known(band.observed.upper, band.observed.estimate)),
        )
        for band in bands
    )
    inside = [one for one in curve if one.probability <= top]

    def line(name: str, points: Sequence[CurvePoint]) -> str:
        return " ".join(f"{SIDE * one.probability / top:.2f},{max(up(getattr(one, name)), 0.0):.2f}" for one in points)

    ticks = [step * number for number in range(int(top / step) + 1)]
    return Diagram(
        marks=marks,
        ticks=tuple(Tick(place=round(SIDE * t / top, 2), label=per_cent(t)) for t in ticks),
        curve=line("observed", inside),
        band=f"{line('lower', inside)} {line('upper', inside[::-1])}".strip(),
    )


def _known(value: float, otherwise: float) -> float:
    return otherwise if isnan(value) else value
