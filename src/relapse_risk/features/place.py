"""Place: the areas a household lies in, and how its neighbours fare."""

from dataclasses import dataclass
from typing import Self

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.income import over_line_log
from relapse_risk.features.known_frames import wanted
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

_NEIGHBOURS_NEED = ("village_code|village", "incomes.period_end")

_AREAS = (
    Feature(
        name="province",
        table="households",
        columns=("province",),
        reason="place",
        unit="none",
        kind="code",
        zh="省",
        en="province",
        sentence={"zh": "所在省份：{province}", "en": "province: {province}"},
    ),
    Feature(
        name="prefecture",
        table="households",
        columns=("prefecture",),
        reason="place",
        unit="none",
        kind="code",
        zh="市（州）",
        en="prefecture",
        sentence={"zh": "所在市州：{prefecture}", "en": "prefecture: {prefecture}"},
    ),
    Feature(
        name="county",
        table="households",
        columns=("county",),
        reason="place",
        unit="none",
        kind="code",
        zh="县",
        en="county",
        sentence={"zh": "所在县：{county}", "en": "county: {county}"},
    ),
)

_NEIGHBOURS = (
    Feature(
        name="village_below_line_share",
        table="households",
        columns=_NEIGHBOURS_NEED,
        reason="place",
        unit="share",
        role="figure",
        zh="所在村其他户低于贫困线的占比",
        en="share of the village's other households below the line",
    ),
    Feature(
        name="village_below_line_excess",
        table="households",
        columns=_NEIGHBOURS_NEED,
        reason="place",
        unit="index",
        sign=1,
        zh="所在村其他户低于贫困线的占比与全县之差",
        en="share of the village's other households below the line, less that of the county's",
        sentence={
            "zh": "所在村其他户约 {village_below_line_share} 低于贫困线",
            "en": "about {village_below_line_share} of the other households of the village are below the poverty line",
        },
    ),
    Feature(
        name="village_income_over_county",
        table="households",
        columns=_NEIGHBOURS_NEED,
        reason="place",
        unit="ratio",
        role="figure",
        zh="所在村其他户人均纯收入与全县之比（几何平均）",
        en="geometric mean of income over the line, the village's other households, over that of the county's",
    ),
    Feature(
        name="village_income_over_county_log",
        table="households",
        columns=_NEIGHBOURS_NEED,
        reason="place",
        unit="log",
        sign=-1,
        zh="所在村其他户人均纯收入与全县之比（对数）",
        en="mean log of income over the line, the village's other households, less that of the county's",
        sentence={
            "zh": "所在村其他户人均纯收入约为全县的 {village_income_over_county} 倍",
            "en": "net income per person of the village's other households is about {village_income_over_county} times "
            "that of the county's",
        },
    ),
)

# As many households of the county's mean are added to a village's: a handful of neighbours is no rate.
_WEIGHT_OF_COUNTY = 20


def _areas(view: AsOfView) -> pl.DataFrame:
    expressions = {feature.name: pl.col(feature.name) for feature in _AREAS}
    return view.known.require("households").select("household_id", **wanted(view, _AREAS, expressions))


def _neighbours(view: AsOfView) -> pl.DataFrame:
    homes = view.known.require("households")
    county = ["county"] if "county" in homes.columns else []
    incomes = view.current_incomes.filter(~pl.col("stale") & pl.col("ratio").is_not_null())
    below, log = pl.col("_below"), pl.col("_log")
    with_incomes = (
        homes.select("household_id", *county)
        .join(view.areas.select("household_id", "village"), on="household_id", maintain_order="left")
        .join(incomes.select("household_id", "ratio"), on="household_id", how="left")
        .with_columns(_below=(pl.col("ratio") < 1).cast(pl.Float64), _log=over_line_log(pl.col("ratio")))
    )
    share, log_income = (_Neighbours.of(value, county) for value in (below, log))
    expressions = {
        "village_below_line_share": share.of_county + share.over_county,
        "village_below_line_excess": share.over_county,
        "village_income_over_county": log_income.over_county.exp(),
        "village_income_over_county_log": log_income.over_county,
    }
    return with_incomes.select("household_id", **wanted(view, _NEIGHBOURS, expressions))


@dataclass(frozen=True, kw_only=True)
class _Neighbours:
    """A figure of the other households of an area.

    Attributes
    ----------
    of_county : pl.Expr
        Mean of the county's.
    over_county : pl.Expr
        By how much the mean of the village's, drawn towards the county's, is above that; 0 where it is not known in
        which village a household lives. The level of a county moves with the calendar and would tell the year; what
        sets a village apart from its county on the same day does not. Of other counties nothing need be known.
    """

    of_county: pl.Expr
    over_county: pl.Expr

    @classmethod
    def of(cls, value: pl.Expr, county: list[str]) -> Self:
        known = (pl.col("village") != "").cast(pl.Int64)
        total, count = (of_village * known for of_village in _others(value, ["village"]))
        county_total, county_count = _others(value, county)
        of_county = county_total / county_count
        return cls(of_county=of_county, over_county=(total - count * of_county) / (count + _WEIGHT_OF_COUNTY))


def _others(value: pl.Expr, area: list[str]) -> tuple[pl.Expr, pl.Expr]:
    total, count = value.sum(), value.count()
    if area:
        total, count = total.over(area), count.over(area)
    return total - value.fill_null(0), count - value.is_not_null().cast(pl.Int64)


BUILDERS = (
    Builder(name="areas", features=_AREAS, build=_areas),
    Builder(name="neighbours", features=_NEIGHBOURS, build=_neighbours),
)
