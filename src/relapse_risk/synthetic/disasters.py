"""Disasters: one hits a village, and some of its households have losses."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import Array, Days, RegisterSpec, chance, day_number, pick, total
from relapse_risk.synthetic.parameters import parameters
from relapse_risk.synthetic.places import Places

__all__ = ["DISASTERS", "Disasters", "strike"]

DISASTERS = ("drought", "flood", "hail", "pest", "landslide", "epidemic", "earthquake")


@dataclass(frozen=True, kw_only=True)
class Disasters:
    """The kind of disaster.

    Attributes
    ----------
    village : array of int, shape (D,)
    day : Days, shape (D,)
    kind : array of int, shape (D,)
        Index into `DISASTERS`.
    event, household : array of int, shape (L,)
        Of each loss: which disaster, which household.
    share : array, shape (L,)
        What part of a year's farm income is lost.
    """

    village: NDArray[np.int64]
    day: Days
    kind: NDArray[np.int64]
    event: NDArray[np.int64]
    household: NDArray[np.int64]
    share: Array

    def of_year(self, plan: RegisterSpec, place: int) -> NDArray[np.bool_]:
        """Return which losses fall into a year."""
        first, last = day_number(plan.years[place], 1, 1), day_number(plan.years[place], 12, 31)
        inside: NDArray[np.bool_] = (self.day[self.event] >= first) & (self.day[self.event] <= last)
        return inside

    def shares(self, plan: RegisterSpec) -> Array:
        """Return the part of each year's farm income each household loses, shape (H, Y), at most nine tenths."""
        yearly = [
            total(self.household[hit], self.share[hit], plan.households)
            for hit in (self.of_year(plan, place) for place in range(len(plan.years)))
        ]
        return np.asarray(np.minimum(np.stack(yearly, axis=1), 0.9))


def strike(plan: RegisterSpec, places: Places) -> Disasters:
    """Draw the disasters of the years and whom they hit."""
    rng, law = plan.stream("disasters"), parameters().disasters
    counts = rng.poisson(law.number, (places.villages.height, len(plan.years)))
    village, place = np.nonzero(counts)
    times = counts[village, place]
    village, place = np.repeat(village, times), np.repeat(place, times)
    starts = np.array([day_number(year, 1, 1) for year in plan.years])
    # Storms, floods and droughts come with the growing season.
    season = np.floor(rng.beta(5.0, 4.0, village.size) * 364).astype(np.int64)
    severity = rng.gamma(3.0, 1.0 / 3.0, village.size)
    event, household = _hit(rng, places, village, severity)
    share = law.loss * severity[event] * np.exp(law.std_dev * rng.standard_normal(event.size))
    return Disasters(
        village=village,
        day=(starts[place] + season).astype(np.int32),
        kind=pick(rng, [law.kind[name] for name in DISASTERS], village.size),
        event=event,
        household=household,
        share=np.minimum(share, 0.9),
    )


def _hit(
    rng: np.random.Generator, places: Places, village: NDArray[np.int64], severity: Array
) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Return the pairs of disaster and household hit; households stand village by village."""
    first = np.searchsorted(places.village, village)
    size = np.searchsorted(places.village, village, side="right") - first
    event = np.repeat(np.arange(village.size), size)
    household = np.arange(event.size) - np.repeat(np.cumsum(size) - size, size) + first[event]
    hit = chance(rng, np.minimum(parameters().disasters.hit * severity[event], 0.9), event.size)
    return event[hit], household[hit]
