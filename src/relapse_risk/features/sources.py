"""Where income comes from: wages, enterprise, property, transfers, and how each has changed."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import change, is_last, signed_log, wanted
from relapse_risk.records import AsOfView

__all__ = ["BUILDER"]

_PARTS = ("wage", "business", "property", "transfer")

FEATURES = (
    Feature(
        name="wage_income",
        table="incomes",
        columns=("wage",),
        reason="employment",
        unit="yuan",
        role="figure",
        zh="全户工资性收入（折合全年）",
        en="household's wage income, annualised",
    ),
    Feature(
        name="wage_share",
        table="incomes",
        columns=_PARTS,
        reason="employment",
        unit="share",
        role="figure",
        zh="工资性收入占总收入比重",
        en="share of wages in gross income",
    ),
    Feature(
        name="wage_over_line_log",
        table="incomes",
        columns=("wage",),
        reason="employment",
        unit="log1p",
        zh="人均工资性收入与贫困线之比（对数）",
        en="log of 1 + wage income per person over the line",
        sentence={
            "zh": "工资性收入 {wage_income} 元（折合全年），占总收入 {wage_share}",
            "en": "wage income {wage_income} yuan a year, {wage_share} of gross income",
        },
        absent={"zh": "没有工资性收入", "en": "no wage income"},
    ),
    Feature(
        name="wage_change",
        table="incomes",
        columns=("wage",),
        reason="employment",
        unit="yuan",
        role="figure",
        zh="全户工资性收入较上期变化",
        en="change of the household's wage income against the period before",
    ),
    Feature(
        name="wage_change_log",
        table="incomes",
        columns=("wage",),
        reason="employment",
        unit="log1p",
        zh="人均工资性收入与贫困线之比较上期变化（对数）",
        en="change of wage_over_line_log against the period before",
        sentence={
            "zh": "工资性收入较上期变化 {wage_change:+} 元（折合全年）",
            "en": "wage income changed by {wage_change:+} yuan a year against the period before",
        },
    ),
    Feature(
        name="business_income",
        table="incomes",
        columns=("business",),
        reason="industry",
        unit="yuan",
        role="figure",
        zh="全户生产经营净收入（折合全年）",
        en="household's income from enterprise less production cost, annualised",
    ),
    Feature(
        name="business_share",
        table="incomes",
        columns=_PARTS,
        reason="industry",
        unit="share",
        role="figure",
        zh="生产经营性收入占总收入比重",
        en="share of enterprise in gross income",
    ),
    Feature(
        name="business_over_line_log",
        table="incomes",
        columns=("business",),
        reason="industry",
        unit="log1p",
        zh="人均生产经营净收入与贫困线之比（对数）",
        en="signed log of 1 + enterprise income after cost per person over the line",
        sentence={
            "zh": "生产经营净收入 {business_income} 元（折合全年），生产经营性收入占总收入 {business_share}",
            "en": "income from enterprise {business_income} yuan a year after cost; "
            "enterprise is {business_share} of gross income",
        },
        absent={"zh": "没有生产经营性收入", "en": "no income from enterprise"},
    ),
    Feature(
        name="business_change",
        table="incomes",
        columns=("business",),
        reason="industry",
        unit="yuan",
        role="figure",
        zh="全户生产经营净收入较上期变化",
        en="change of the household's income from enterprise against the period before",
    ),
    Feature(
        name="business_change_log",
        table="incomes",
        columns=("business",),
        reason="industry",
        unit="log1p",
        zh="人均生产经营净收入与贫困线之比较上期变化（对数）",
        en="change of business_over_line_log against the period before",
        sentence={
            "zh": "生产经营净收入较上期变化 {business_change:+} 元（折合全年）",
            "en": "income from enterprise changed by {business_change:+} yuan a year against the period before",
        },
    ),
    Feature(
        name="production_cost_share",
        table="incomes",
        columns=("business", "production_cost"),
        reason="industry",
        unit="share",
        zh="生产经营支出占生产经营性收入比重",
        en="production cost over income from enterprise, at most 200 %",
        sentence={
            "zh": "生产经营支出占生产经营性收入 {production_cost_share}",
            "en": "production cost takes {production_cost_share} of income from enterprise",
        },
    ),
    Feature(
        name="transfer_income",
        table="incomes",
        columns=("transfer",),
        reason="support",
        unit="yuan",
        role="figure",
        zh="全户转移性收入（折合全年）",
        en="household's transfer income, annualised",
    ),
    Feature(
        name="transfer_share",
        table="incomes",
        columns=_PARTS,
        reason="support",
        unit="share",
        role="figure",
        zh="转移性收入占总收入比重",
        en="share of transfers in gross income",
    ),
    Feature(
        name="transfer_over_line_log",
        table="incomes",
        columns=("transfer",),
        reason="support",
        unit="log1p",
        zh="人均转移性收入与贫困线之比（对数）",
        en="log of 1 + transfer income per person over the line",
        sentence={
            "zh": "转移性收入 {transfer_income} 元（折合全年），占总收入 {transfer_share}",
            "en": "transfers {transfer_income} yuan a year, {transfer_share} of gross income",
        },
        absent={"zh": "没有转移性收入", "en": "no transfer income"},
    ),
)


def _build(view: AsOfView) -> pl.DataFrame:
    periods = view.yearly_incomes
    wage, transfer = pl.col("wage"), pl.col("transfer")
    business = _after_cost(periods)
    expressions = {
        "wage_income": wage,
        "wage_share": _share("wage"),
        "wage_over_line_log": _log(wage),
        "wage_change": change(wage),
        "wage_change_log": change(_log(wage)),
        "business_income": business,
        "business_share": _share("business"),
        "business_over_line_log": _log(business),
        "business_change": change(business),
        "business_change_log": change(_log(business)),
        "production_cost_share": _cost_share(),
        "transfer_income": transfer,
        "transfer_share": _share("transfer"),
        "transfer_over_line_log": _log(transfer),
    }
    return periods.select("household_id", **wanted(view, FEATURES, expressions)).filter(is_last())


def _after_cost(periods: pl.DataFrame) -> pl.Expr:
    if "production_cost" not in periods.columns:
        return pl.col("business")
    return pl.col("business") - pl.col("production_cost").fill_null(0)


def _log(amount: pl.Expr) -> pl.Expr:
    return signed_log(amount / pl.col("household_size") / pl.col("line"))


def _share(part: str) -> pl.Expr:
    gross = pl.sum_horizontal((pl.col(name).clip(0) for name in _PARTS), ignore_nulls=False)
    return pl.when(gross > 0).then(pl.col(part).clip(0) / gross).when(gross == 0).then(0.0)


def _cost_share() -> pl.Expr:
    return pl.when(pl.col("business") > 0).then((pl.col("production_cost") / pl.col("business")).clip(0, 2))


BUILDER = Builder(name="sources", features=FEATURES, build=_build)
