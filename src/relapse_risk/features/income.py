"""Income against the line: level, change, trend, volatility."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import change, months_since, wanted
from relapse_risk.periods import AsOf, Window
from relapse_risk.records import AsOfView

__all__ = ["BUILDER", "over_line_log"]

_FLOOR, _CEILING = 0.05, 20.0
_AT_LINE = {
    "zh": "最近一期人均纯收入 {income_per_capita} 元（折合全年），为贫困线的 {income_over_line} 倍",
    "en": "net income per person {income_per_capita} yuan a year, {income_over_line} times the poverty line",
}

FEATURES = (
    Feature(
        name="income_per_capita",
        table="incomes",
        columns=(),
        reason="income",
        unit="yuan",
        role="figure",
        zh="人均纯收入（折合全年）",
        en="net income per person, annualised",
    ),
    Feature(
        name="income_over_line",
        table="incomes",
        columns=(),
        reason="income",
        unit="ratio",
        role="figure",
        zh="人均纯收入与贫困线之比",
        en="net income per person over the line",
        sentence=_AT_LINE,
    ),
    Feature(
        name="income_over_line_log",
        table="incomes",
        columns=(),
        reason="income",
        unit="log",
        sign=-1,
        zh="人均纯收入与贫困线之比（对数）",
        en="log of net income per person over the line, clipped to [0.05, 20]",
        sentence=_AT_LINE,
    ),
    Feature(
        name="income_age",
        table="incomes",
        columns=(),
        reason="income",
        unit="months",
        zh="最近一期收入距今月数",
        en="months since the last income period ended",
        sentence={
            "zh": "已知的最近一期收入截至 {income_age} 个月前",
            "en": "the last income known is that of a period that ended {income_age} months ago",
        },
    ),
    Feature(
        name="income_change",
        table="incomes",
        columns=(),
        reason="income",
        unit="share",
        role="figure",
        zh="人均纯收入与贫困线之比较上期变化",
        en="change of income over the line against the period before",
    ),
    Feature(
        name="income_change_log",
        table="incomes",
        columns=(),
        reason="income",
        unit="log",
        zh="人均纯收入与贫困线之比较上期变化（对数）",
        en="change of the log of income over the line against the period before",
        sentence={
            "zh": "人均纯收入与贫困线之比较上期变化 {income_change:+}，现为 {income_over_line} 倍",
            "en": "income over the poverty line changed by {income_change:+} against the period before, "
            "to {income_over_line} times",
        },
    ),
    Feature(
        name="income_mean_36m",
        table="incomes",
        columns=(),
        reason="income",
        unit="ratio",
        role="figure",
        zh="近36个月人均纯收入与贫困线之比（几何平均）",
        en="geometric mean of income over the line, 36 months",
    ),
    Feature(
        name="income_mean_36m_log",
        table="incomes",
        columns=(),
        reason="income",
        unit="log",
        sign=-1,
        zh="近36个月人均纯收入与贫困线之比（对数平均）",
        en="mean log of income over the line, 36 months",
        sentence={
            "zh": "近36个月人均纯收入平均为贫困线的 {income_mean_36m} 倍",
            "en": "over 36 months, net income per person was {income_mean_36m} times the poverty line on average",
        },
    ),
    Feature(
        name="income_low_36m",
        table="incomes",
        columns=(),
        reason="income",
        unit="ratio",
        role="figure",
        zh="近36个月人均纯收入与贫困线之比最低值",
        en="lowest income over the line, 36 months",
    ),
    Feature(
        name="income_low_36m_log",
        table="incomes",
        columns=(),
        reason="income",
        unit="log",
        sign=-1,
        zh="近36个月人均纯收入与贫困线之比最低值（对数）",
        en="lowest log of income over the line, 36 months",
        sentence={
            "zh": "近36个月人均纯收入最低一期为贫困线的 {income_low_36m} 倍",
            "en": "over 36 months, net income per person was as low as {income_low_36m} times the poverty line",
        },
    ),
    Feature(
        name="income_volatility_36m",
        table="incomes",
        columns=(),
        reason="income",
        unit="index",
        zh="近36个月收入波动（对数标准差）",
        en="standard deviation of the log of income over the line, 36 months",
        sentence={
            "zh": "收入起伏较大，近36个月最低一期为贫困线的 {income_low_36m} 倍，平均 {income_mean_36m} 倍",
            "en": "income varies: over 36 months as low as {income_low_36m} times the poverty line, "
            "{income_mean_36m} times on average",
        },
    ),
    Feature(
        name="income_trend_36m",
        table="incomes",
        columns=(),
        reason="income",
        unit="index",
        zh="近36个月收入趋势（对数，每年）",
        en="yearly trend of the log of income over the line, 36 months, from three periods on",
        sentence={
            "zh": "近36个月人均纯收入平均为贫困线的 {income_mean_36m} 倍，最近一期 {income_over_line} 倍",
            "en": "over 36 months, net income per person was {income_mean_36m} times the poverty line on average, "
            "{income_over_line} times at last",
        },
    ),
)


def over_line_log(ratio: pl.Expr) -> pl.Expr:
    """Return the log of income over the line, clipped to [0.05, 20] so that a zero or a typing error stays finite."""
    return ratio.clip(_FLOOR, _CEILING).log()


def _build(view: AsOfView) -> pl.DataFrame:
    periods = view.yearly_incomes
    log, ratio = pl.col("log"), pl.col("ratio")
    recent = Window(months=36).holds(pl.col("period_end"), view.as_of)
    before = pl.col("change_log")
    return (
        periods.with_columns(over_line_log(ratio).alias("log"), _years(view.as_of).alias("year"))
        .with_columns(change(log).alias("change_log"))
        .group_by("household_id")
        .agg(
            **wanted(
                view,
                FEATURES,
                {
                    "income_per_capita": pl.col("income").last(),
                    "income_over_line": ratio.last(),
                    "income_over_line_log": log.last(),
                    "income_age": months_since(pl.col("period_end").last(), view.as_of),
                    "income_change": before.last().exp() - 1,
                    "income_change_log": before.last(),
                    "income_mean_36m": log.filter(recent).mean().exp(),
                    "income_mean_36m_log": log.filter(recent).mean(),
                    "income_low_36m": ratio.filter(recent).min(),
                    "income_low_36m_log": log.filter(recent).min(),
                    "income_volatility_36m": log.filter(recent).std(),
                    "income_trend_36m": _slope(log.filter(recent), pl.col("year").filter(recent)),
                },
            )
        )
    )


def _years(as_of: AsOf) -> pl.Expr:
    return (pl.col("period_end") - pl.lit(as_of.day)).dt.total_days() / 365.25


def _slope(y: pl.Expr, x: pl.Expr) -> pl.Expr:
    return pl.when(y.len() >= 3).then(pl.cov(y, x) / x.var())


BUILDER = Builder(name="income", features=FEATURES, build=_build)
