"""Whether and how the register has been watching the household."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import cause_code, months_since, recency, wanted
from relapse_risk.periods import Window
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

_NOW = (
    Feature(
        name="monitored",
        table="monitoring",
        columns=("cleared_on",),
        reason="history",
        unit="none",
        kind="flag",
        sign=1,
        zh="监测对象（风险未消除）",
        en="under monitoring, not cleared",
        sentence={
            "zh": "现为监测对象，识别至今 {months_since_identified} 个月",
            "en": "under monitoring, identified {months_since_identified} months ago",
        },
    ),
)

FEATURES = (
    Feature(
        name="monitored_recency",
        table="monitoring",
        columns=(),
        reason="history",
        unit="index",
        sign=1,
        empty=0,
        zh="距上次识别为监测对象的远近（1为当日，0为从未）",
        en="how recently the household was identified for monitoring (1 today, 1/2 a year ago, 0 never)",
        sentence={
            "zh": "上次识别为监测对象距今 {months_since_identified} 个月",
            "en": "last identified for monitoring {months_since_identified} months ago",
        },
    ),
    Feature(
        name="months_since_identified",
        table="monitoring",
        columns=(),
        reason="history",
        unit="months",
        role="figure",
        zh="距上次识别为监测对象的月数",
        en="months since last identified for monitoring",
    ),
    Feature(
        name="cleared_24m",
        table="monitoring",
        columns=("cleared_on",),
        reason="history",
        unit="none",
        kind="flag",
        empty=0,
        zh="近24个月内消除风险",
        en="cleared from monitoring within 24 months",
        sentence={
            "zh": "近24个月内消除监测风险，识别至今 {months_since_identified} 个月",
            "en": "cleared from monitoring within 24 months, identified {months_since_identified} months ago",
        },
    ),
    Feature(
        name="monitoring_risk",
        table="monitoring",
        columns=("risk",),
        reason="history",
        unit="none",
        kind="code",
        zh="监测风险（最近一次）",
        en="risk noted at the last identification",
        words="reasons",
        sentence={"zh": "识别时的风险：{monitoring_risk}", "en": "risk noted at identification: {monitoring_risk}"},
    ),
)


def _now(view: AsOfView) -> pl.DataFrame:
    return view.states.select("household_id", "monitored")


def _build(view: AsOfView) -> pl.DataFrame:
    last = pl.col("identified_on").max()
    cleared = Window(months=24).holds(pl.col("cleared_on"), view.as_of)
    expressions = {
        "monitored_recency": recency(last, view.as_of),
        "months_since_identified": months_since(last, view.as_of),
        "cleared_24m": cleared.any(),
        "monitoring_risk": cause_code(pl.col("risk").last()),
    }
    # household_id and identified_on are the key, so the last row is one and the same in whatever order rows come
    stays = view.happened("monitoring", "identified_on").sort("household_id", "identified_on")
    return stays.group_by("household_id").agg(**wanted(view, FEATURES, expressions))


BUILDERS = (
    Builder(name="monitored", features=_NOW, build=_now),
    Builder(name="monitoring", features=FEATURES, build=_build),
)
