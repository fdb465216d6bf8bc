"""Villages of towns of counties, and which household lives where."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.synthetic.draws import Array, RegisterSpec
from relapse_risk.synthetic.parameters import parameters

__all__ = ["Places", "settle"]


@dataclass(frozen=True, kw_only=True)
class Places:
    """Where households live.

    Attributes
    ----------
    villages : pl.DataFrame
        One row a village: province, prefecture, county, town, village, village_code.
    village : array of int, shape (H,)
        Row of each household's village; households are in the order of their villages.
    effect : array, shape (V,)
        What a village adds to the log-odds of relapse.
    land : array, shape (V,)
        Log yield of its land.
    """

    villages: pl.DataFrame
    village: NDArray[np.int64]
    effect: Array
    land: Array

    @cached_property
    def households(self) -> pl.DataFrame:
        """One row a household, in order: household_id and where it lives."""
        number = np.arange(self.village.size) - np.searchsorted(self.village, self.village) + 1
        lives = self.villages[self.village].with_columns(number=pl.Series(number))
        return lives.select(
            household_id=pl.col("village_code") + pl.col("number").cast(pl.String).str.zfill(4),
            **{name: pl.col(name) for name in self.villages.columns},
            group_name=(pl.col("number") % 11 + 1).cast(pl.String) + "组",
        )


def settle(plan: RegisterSpec) -> Places:
    """Lay out the villages and let every household live in one."""
    rng, law = plan.stream("places"), parameters().places
    count = max(2, round(plan.households / law.village_households))
    sizes = rng.gamma(6.0, 1.0, count)
    village = np.sort(rng.choice(count, plan.households, p=sizes / sizes.sum()))
    return Places(
        villages=_villages(count),
        village=village,
        effect=rng.normal(0.0, law.effect_std_dev, count),
        land=rng.normal(0.0, law.land_std_dev, count),
    )


def _villages(count: int) -> pl.DataFrame:
    law = parameters().places
    counties = min(law.most_counties, max(min(2, count), round(count / law.county_villages)))
    index = np.arange(count)
    county = index * counties // count
    in_county = index - np.searchsorted(county, county)
    town, in_town = np.divmod(in_county, law.town_villages)
    code = ((law.county_first + county) * 1000 + 101 + town) * 1000 + 201 + in_town
    return pl.DataFrame(
        {
            "province": [law.province] * count,
            "prefecture": [law.prefecture] * count,
            "county": [f"虚拟{law.county_names[i]}县" for i in county],
            "town": [_named(law.town_names, i) + "乡" for i in town],
            "village": [_named(law.village_names, i) + "村" for i in in_county],
            "village_code": code.astype(str),
        }
    )


def _named(names: tuple[str, ...], index: int) -> str:
    again, first = divmod(int(index), len(names))
    return names[first] + (str(again + 1) if again else "")
