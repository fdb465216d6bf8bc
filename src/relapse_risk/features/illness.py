"""Illness: bills paid, and the health the register notes of each member."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import (
    current,
    known_count,
    known_share,
    known_sum,
    months_since,
    recency,
    share_of_income,
    wanted,
)
from relapse_risk.features.lower_bounds import only_partly, partly_feature
from relapse_risk.periods import AsOf, Window
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

_PAID = {
    "zh": "近12个月自付医疗费 {illness_self_paid_12m} 元，占人均纯收入 {illness_self_paid_income_share_12m}",
    "en": "self-paid medical cost {illness_self_paid_12m} yuan over 12 months, "
    "{illness_self_paid_income_share_12m} of net income per person",
}
_SERIOUS = {
    "zh": "上次大病就医距今 {months_since_serious_illness} 个月",
    "en": "last bill for serious illness {months_since_serious_illness} months ago",
}

_BILLS = (
    Feature(
        name="illness_self_paid_12m",
        table="illness",
        columns=("self_paid",),
        reason="illness",
        unit="yuan",
        role="figure",
        empty=0,
        zh="近12个月自付医疗费",
        en="self-paid medical cost, 12 months",
    ),
    Feature(
        name="illness_self_paid_income_share_12m",
        table="illness",
        columns=("self_paid", "incomes.period_end"),
        reason="illness",
        unit="share",
        role="figure",
        empty=0,
        zh="近12个月自付医疗费占人均纯收入比重",
        en="self-paid medical cost, 12 months, over net income per person",
        sentence=_PAID,
    ),
    Feature(
        name="illness_burden_12m",
        table="illness",
        columns=("self_paid", "incomes.period_end"),
        reason="illness",
        unit="log1p",
        sign=1,
        empty=0,
        zh="近12个月自付医疗费占家庭纯收入比重（对数）",
        en="log of 1 + self-paid medical cost, 12 months, over the household's net income (at least half its line; "
        "at most 500 %)",
        sentence=_PAID,
    ),
    Feature(
        name="illness_self_paid_36m",
        table="illness",
        columns=("self_paid",),
        reason="illness",
        unit="yuan",
        role="figure",
        empty=0,
        zh="近36个月自付医疗费",
        en="self-paid medical cost, 36 months",
    ),
    Feature(
        name="illness_over_line_36m",
        table="illness",
        columns=("self_paid", "incomes.period_end"),
        reason="illness",
        unit="log1p",
        sign=1,
        empty=0,
        zh="近36个月人均自付医疗费与贫困线之比（对数）",
        en="log of 1 + self-paid medical cost, 36 months, per person over the line",
        sentence={
            "zh": "近36个月自付医疗费 {illness_self_paid_36m} 元",
            "en": "self-paid medical cost {illness_self_paid_36m} yuan over 36 months",
        },
    ),
    Feature(
        name="illness_self_paid_share_12m",
        table="illness",
        columns=("self_paid", "total_cost"),
        reason="illness",
        unit="share",
        empty=0,
        zh="近12个月医疗费自付比例",
        en="self-paid share of medical cost, 12 months",
        sentence={
            "zh": "近12个月医疗费自付比例 {illness_self_paid_share_12m}",
            "en": "{illness_self_paid_share_12m} of medical cost over 12 months was self-paid",
        },
    ),
    Feature(
        name="illness_serious_recency",
        table="illness",
        columns=("kind",),
        reason="illness",
        unit="index",
        sign=1,
        empty=0,
        zh="距上次大病就医的远近（1为当日，0为从未）",
        en="how recently there was a bill for serious illness (1 today, 1/2 a year ago, 0 never)",
        sentence=_SERIOUS,
    ),
    Feature(
        name="months_since_serious_illness",
        table="illness",
        columns=("kind",),
        reason="illness",
        unit="months",
        role="figure",
        zh="距上次大病就医的月数",
        en="months since the last bill for serious illness",
        sentence=_SERIOUS,
    ),
    partly_feature(
        "bills_partly_12m",
        "illness",
        ("self_paid",),
        "illness",
        zh="近12个月有就医费用未知（合计只是下限）",
        en="a bill of 12 months without what was paid: sums are lower bounds",
    ),
    partly_feature(
        "bills_partly_36m",
        "illness",
        ("self_paid",),
        "illness",
        zh="近36个月有就医费用未知（合计只是下限）",
        en="a bill of 36 months without what was paid: sums are lower bounds",
    ),
)

_HEALTH = (
    Feature(
        name="serious_members",
        table="members",
        columns=("health_status",),
        reason="illness",
        unit="persons",
        sign=1,
        zh="患有大病人数",
        en="members with a serious illness",
        sentence={"zh": "患有大病 {serious_members} 人", "en": "members with a serious illness: {serious_members}"},
    ),
    Feature(
        name="chronic_members",
        table="members",
        columns=("health_status",),
        reason="illness",
        unit="persons",
        role="figure",
        zh="长期慢性病人数",
        en="members with a chronic illness",
    ),
    Feature(
        name="ill_share",
        table="members",
        columns=("health_status",),
        reason="illness",
        unit="share",
        sign=1,
        zh="患大病或慢性病人口占比",
        en="share of members with a serious or chronic illness",
        sentence={
            "zh": "[患大病 {serious_members} 人，][长期慢性病 {chronic_members} 人，]患病人口占 {ill_share}",
            "en": "[seriously ill: {serious_members}; ][chronically ill: {chronic_members}; ]"
            "{ill_share} of the household is ill",
        },
    ),
)


def _bills(view: AsOfView) -> pl.DataFrame:
    bills = view.happened("illness", "occurred_on").join(current(view), on="household_id", how="left")
    day, serious = pl.col("occurred_on"), pl.col("kind") == "serious"
    year, three_years = (Window(months=months).holds(day, view.as_of) for months in (12, 36))
    paid, paid_36m = (known_sum(pl.col("self_paid").filter(within)) for within in (year, three_years))
    line = (pl.col("line") * pl.col("size")).first()
    # Half the line as a floor, lest a household that reported next to no income has any burden whatever.
    income = pl.max_horizontal(pl.col("household").first(), line / 2)
    last_serious = day.filter(serious).max()
    expressions = {
        "illness_self_paid_12m": paid,
        "illness_self_paid_income_share_12m": share_of_income(paid, pl.col("per_person").first()),
        "illness_burden_12m": _over(paid, income).clip(0, 5).log1p(),
        "illness_self_paid_36m": paid_36m,
        "bills_partly_12m": only_partly(pl.col("self_paid").filter(year)),
        "bills_partly_36m": only_partly(pl.col("self_paid").filter(three_years)),
        "illness_over_line_36m": _over(paid_36m, line).clip(0).log1p(),
        "illness_self_paid_share_12m": _paid_share(year),
        "illness_serious_recency": _recency(last_serious, serious, view.as_of),
        "months_since_serious_illness": months_since(last_serious, view.as_of),
    }
    return bills.group_by("household_id").agg(**wanted(view, _BILLS, expressions))


def _paid_share(within: pl.Expr) -> pl.Expr:
    """Return the share of the bills that was paid by the sick, of those of which both is known; unknown if none is."""
    paid, cost = pl.col("self_paid"), pl.col("total_cost")
    both = within & paid.is_not_null() & cost.is_not_null()
    share = _over(paid.filter(both).sum(), cost.filter(both).sum()).clip(0, 1)
    return pl.when(both.any() | ~within.any()).then(share)


def _recency(last: pl.Expr, serious: pl.Expr, as_of: AsOf) -> pl.Expr:
    """Return how recent the last serious bill is, 0 for never; unknown where only bills of no kind could be one."""
    return pl.coalesce(recency(last, as_of), pl.when(serious.is_not_null().all()).then(0.0))


def _over(amount: pl.Expr, income: pl.Expr) -> pl.Expr:
    """Return an amount over an income: 0 of nothing, unknown over an income that is not positive."""
    return pl.when(amount == 0).then(0.0).when(income > 0).then(amount / income)


def _health(view: AsOfView) -> pl.DataFrame:
    status = pl.col("health_status")
    serious, chronic = status.str.contains("serious", literal=True), status.str.contains("chronic", literal=True)
    expressions = {
        "serious_members": known_count(serious),
        "chronic_members": known_count(chronic),
        "ill_share": known_share(serious | chronic),
    }
    return view.residents.group_by("household_id").agg(**wanted(view, _HEALTH, expressions))


BUILDERS = (
    Builder(name="medical bills", features=_BILLS, build=_bills),
    Builder(name="health", features=_HEALTH, build=_health),
)
