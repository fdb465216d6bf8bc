"""What the household has been through: poor periods, exit, causes, earlier relapses."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import cause_code, months_since, recency, wanted
from relapse_risk.periods import Window
from relapse_risk.records import AsOfView
from relapse_risk.records.residents import known_year

__all__ = ["BUILDERS"]

_PERIODS = (
    Feature(
        name="below_line_count_36m",
        table="incomes",
        columns=(),
        reason="history",
        unit="count",
        role="figure",
        zh="近36个月低于贫困线的期数",
        en="income periods below the line, 36 months",
    ),
    Feature(
        name="income_periods_36m",
        table="incomes",
        columns=(),
        reason="history",
        unit="count",
        role="figure",
        zh="近36个月有收入记录的期数",
        en="income periods known, 36 months",
    ),
    Feature(
        name="below_line_share_36m",
        table="incomes",
        columns=(),
        reason="history",
        unit="share",
        sign=1,
        zh="近36个月低于贫困线的期数占比",
        en="share of income periods below the line, 36 months",
        sentence={
            "zh": "近36个月有收入记录的 {income_periods_36m} 期中 {below_line_count_36m} 期低于贫困线",
            "en": "income below the poverty line in {below_line_count_36m} of {income_periods_36m} periods "
            "over 36 months",
        },
    ),
    Feature(
        name="below_line_recency",
        table="incomes",
        columns=(),
        reason="history",
        unit="index",
        sign=1,
        zh="距上次低于贫困线的远近（1为当日，0为从未）",
        en="how recently income was below the line (1 today, 1/2 a year ago, 0 never)",
        sentence={
            "zh": "上次收入低于贫困线距今 {months_since_below_line} 个月",
            "en": "income was last below the poverty line {months_since_below_line} months ago",
        },
    ),
    Feature(
        name="months_since_below_line",
        table="incomes",
        columns=(),
        reason="history",
        unit="months",
        role="figure",
        zh="距上次低于贫困线的月数",
        en="months since income was last below the line",
    ),
    Feature(
        name="income_lowest",
        table="incomes",
        columns=(),
        reason="history",
        unit="ratio",
        role="fact",
        zh="历年人均纯收入与贫困线之比最低值",
        en="lowest income over the line, all periods known",
    ),
    Feature(
        name="below_line_count",
        table="incomes",
        columns=(),
        reason="history",
        unit="count",
        role="fact",
        zh="历年低于贫困线的期数",
        en="income periods below the line, all periods known",
    ),
)

_STATUS = (
    Feature(
        name="household_type",
        table="households",
        columns=("household_type",),
        reason="history",
        unit="none",
        kind="code",
        zh="户类型",
        en="household type",
        words="household_types",
        sentence={"zh": "户类型为{household_type}", "en": "registered as {household_type}"},
    ),
    Feature(
        name="poverty_cause",
        table="households",
        columns=("poverty_cause",),
        reason="history",
        unit="none",
        kind="code",
        zh="主要致贫原因",
        en="main cause of poverty",
        words="reasons",
        sentence={"zh": "主要致贫原因：{poverty_cause}", "en": "main cause of poverty: {poverty_cause}"},
    ),
    Feature(
        name="exit_year",
        table="households",
        columns=("exit_year",),
        reason="history",
        unit="year",
        role="figure",
        zh="脱贫年度",
        en="year of exit",
    ),
    Feature(
        name="years_since_exit",
        table="households",
        columns=("exit_year",),
        reason="history",
        unit="years",
        zh="脱贫至今年数",
        en="years since exit",
        sentence={
            "zh": "{exit_year} 年脱贫，至今 {years_since_exit} 年",
            "en": "left poverty in {exit_year}, {years_since_exit} years ago",
        },
        absent={"zh": "{exit_year} 年刚脱贫", "en": "left poverty only in {exit_year}"},
    ),
)

_RELAPSES = (
    Feature(
        name="relapses_before",
        table="relapses",
        columns=(),
        reason="history",
        unit="count",
        sign=1,
        empty=0,
        zh="以往返贫次数",
        en="earlier relapses",
        sentence={"zh": "以往返贫 {relapses_before} 次", "en": "earlier relapses: {relapses_before}"},
    ),
    Feature(
        name="relapse_recency",
        table="relapses",
        columns=(),
        reason="history",
        unit="index",
        sign=1,
        empty=0,
        zh="距上次返贫的远近（1为当日，0为从未）",
        en="how recently the household relapsed (1 today, 1/2 a year ago, 0 never)",
        sentence={
            "zh": "上次返贫距今 {months_since_relapse} 个月",
            "en": "last relapsed {months_since_relapse} months ago",
        },
    ),
    Feature(
        name="months_since_relapse",
        table="relapses",
        columns=(),
        reason="history",
        unit="months",
        role="figure",
        zh="距上次返贫的月数",
        en="months since the last relapse",
    ),
)


def _periods(view: AsOfView) -> pl.DataFrame:
    recent = Window(months=36).holds(pl.col("period_end"), view.as_of)
    ratio = pl.col("ratio")
    below = (ratio < 1).filter(recent)
    last_below = pl.col("period_end").filter(ratio < 1).max()
    expressions = {
        "below_line_count_36m": below.sum(),
        "income_periods_36m": below.len(),
        "below_line_share_36m": below.mean(),
        "below_line_recency": recency(last_below, view.as_of).fill_null(0.0),
        "months_since_below_line": months_since(last_below, view.as_of),
        "income_lowest": ratio.min(),
        "below_line_count": (ratio < 1).sum(),
    }
    return view.yearly_incomes.group_by("household_id").agg(**wanted(view, _PERIODS, expressions))


def _status(view: AsOfView) -> pl.DataFrame:
    exit_year = known_year("exit_year")
    exited = pl.when(exit_year <= view.as_of.year).then(exit_year)
    expressions = {
        "household_type": pl.col("household_type"),
        "poverty_cause": cause_code(pl.col("poverty_cause")),
        "exit_year": exited,
        "years_since_exit": view.as_of.year - exited,
    }
    return view.known.require("households").select("household_id", **wanted(view, _STATUS, expressions))


def _relapses(view: AsOfView) -> pl.DataFrame:
    last = pl.col("relapsed_on").max()
    expressions = {
        "relapses_before": pl.len(),
        "relapse_recency": recency(last, view.as_of),
        "months_since_relapse": months_since(last, view.as_of),
    }
    return view.happened("relapses", "relapsed_on").group_by("household_id").agg(**wanted(view, _RELAPSES, expressions))


BUILDERS = (
    Builder(name="income history", features=_PERIODS, build=_periods),
    Builder(name="status", features=_STATUS, build=_status),
    Builder(name="relapses", features=_RELAPSES, build=_relapses),
)
