"""Disasters: those that hit the household, and those that hit its village."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import current, known_sum, months_since, recency, share_of_income, wanted
from relapse_risk.features.lower_bounds import only_partly, partly_feature
from relapse_risk.periods import Window
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

_OWN = (
    Feature(
        name="disasters_12m",
        table="disasters",
        columns=("household_id",),
        reason="disaster",
        unit="count",
        sign=1,
        empty=0,
        zh="近12个月受灾次数",
        en="disasters, 12 months",
        sentence={"zh": "近12个月受灾 {disasters_12m} 次", "en": "disasters over 12 months: {disasters_12m}"},
    ),
    Feature(
        name="disaster_recency",
        table="disasters",
        columns=("household_id",),
        reason="disaster",
        unit="index",
        sign=1,
        empty=0,
        zh="距上次受灾的远近（1为当日，0为从未）",
        en="how recently a disaster hit (1 today, 1/2 a year ago, 0 never)",
        sentence={
            "zh": "上次受灾距今 {months_since_disaster} 个月",
            "en": "last disaster {months_since_disaster} months ago",
        },
    ),
    Feature(
        name="months_since_disaster",
        table="disasters",
        columns=("household_id",),
        reason="disaster",
        unit="months",
        role="figure",
        zh="距上次受灾的月数",
        en="months since the last disaster",
    ),
    Feature(
        name="disaster_loss_12m",
        table="disasters",
        columns=("household_id", "loss"),
        reason="disaster",
        unit="yuan",
        role="figure",
        empty=0,
        zh="近12个月灾害损失",
        en="loss from disasters, 12 months",
    ),
    Feature(
        name="disaster_loss_income_share_12m",
        table="disasters",
        columns=("household_id", "loss", "incomes.period_end"),
        reason="disaster",
        unit="share",
        role="figure",
        empty=0,
        zh="近12个月灾害损失占家庭纯收入比重",
        en="loss from disasters, 12 months, over the household's net income",
    ),
    Feature(
        name="disaster_burden_12m",
        table="disasters",
        columns=("household_id", "loss", "incomes.period_end"),
        reason="disaster",
        unit="log1p",
        sign=1,
        empty=0,
        zh="近12个月人均灾害损失与贫困线之比（对数）",
        en="log of 1 + loss from disasters, 12 months, per person over the line",
        sentence={
            "zh": "近12个月灾害损失 {disaster_loss_12m} 元，占家庭纯收入 {disaster_loss_income_share_12m}",
            "en": "loss from disasters {disaster_loss_12m} yuan over 12 months, "
            "{disaster_loss_income_share_12m} of the household's net income",
        },
    ),
    partly_feature(
        "losses_partly_12m",
        "disasters",
        ("loss",),
        "disaster",
        zh="近12个月有受灾损失未知（合计只是下限）",
        en="a disaster of 12 months without its loss: sums are lower bounds",
    ),
)

_OF_VILLAGE = (
    Feature(
        name="village_disasters_12m",
        table="disasters",
        columns=("village_code", "households.village_code"),
        reason="disaster",
        unit="count",
        sign=1,
        empty=0,
        zh="近12个月所在村受灾次数",
        en="disasters that hit the village, 12 months",
        sentence={
            "zh": "近12个月所在村受灾 {village_disasters_12m} 次",
            "en": "disasters in the village over 12 months: {village_disasters_12m}",
        },
    ),
)


def _own(view: AsOfView) -> pl.DataFrame:
    disasters = (
        view.happened("disasters", "occurred_on")
        .filter(pl.col("household_id").is_not_null())
        .join(current(view), on="household_id", how="left")
    )
    day = pl.col("occurred_on")
    year = Window(months=12).holds(day, view.as_of)
    loss = known_sum(pl.col("loss").filter(year))
    line, income = (pl.col("line") * pl.col("size")).first(), pl.col("household").first()
    expressions = {
        "disasters_12m": year.sum(),
        "disaster_recency": recency(day.max(), view.as_of),
        "months_since_disaster": months_since(day.max(), view.as_of),
        "disaster_loss_12m": loss,
        "losses_partly_12m": only_partly(pl.col("loss").filter(year)),
        "disaster_loss_income_share_12m": share_of_income(loss, income),
        "disaster_burden_12m": (loss / line).clip(0).log1p(),
    }
    return disasters.group_by("household_id").agg(**wanted(view, _OWN, expressions))


def _of_village(view: AsOfView) -> pl.DataFrame:
    year = Window(months=12).holds(pl.col("occurred_on"), view.as_of)
    villages = (
        view.happened("disasters", "occurred_on")
        .filter(pl.col("household_id").is_null() if view.known.has("disasters", "household_id") else pl.lit(True))
        .group_by("village_code")
        .agg(village_disasters_12m=year.sum())
    )
    homes = view.known.require("households").select("household_id", "village_code")
    return homes.join(villages, on="village_code").select("household_id", "village_disasters_12m")


BUILDERS = (
    Builder(name="disasters", features=_OWN, build=_own),
    Builder(name="disasters of the village", features=_OF_VILLAGE, build=_of_village),
)
