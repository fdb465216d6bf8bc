"""Debt: microcredit that is open, due or overdue, and borrowing to get by."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import current, known_sum, share_of_income, wanted
from relapse_risk.features.lower_bounds import only_partly, partly_feature
from relapse_risk.periods import Horizon
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

_LOANS = (
    Feature(
        name="loan_principal",
        table="loans",
        columns=("principal", "status"),
        reason="debt",
        unit="yuan",
        role="figure",
        empty=0,
        zh="未结清小额信贷本金",
        en="principal of open loans",
    ),
    Feature(
        name="loan_income_share",
        table="loans",
        columns=("principal", "status", "incomes.period_end"),
        reason="debt",
        unit="share",
        role="figure",
        empty=0,
        zh="未结清小额信贷本金占家庭纯收入比重",
        en="principal of open loans over the household's net income",
    ),
    Feature(
        name="loan_burden",
        table="loans",
        columns=("principal", "status", "incomes.period_end"),
        reason="debt",
        unit="log1p",
        empty=0,
        zh="人均未结清小额信贷本金与贫困线之比（对数）",
        en="log of 1 + principal of open loans per person over the line",
        sentence={
            "zh": "未结清小额信贷 {loan_principal} 元，占家庭纯收入 {loan_income_share}",
            "en": "open loans {loan_principal} yuan, {loan_income_share} of the household's net income",
        },
    ),
    Feature(
        name="loan_overdue",
        table="loans",
        columns=("status",),
        reason="debt",
        unit="none",
        kind="flag",
        sign=1,
        empty=0,
        zh="小额信贷逾期",
        en="a loan is overdue",
        sentence={
            "zh": "小额信贷已逾期，未结清本金 {loan_principal} 元",
            "en": "a loan is overdue; principal of open loans {loan_principal} yuan",
        },
    ),
    Feature(
        name="loan_extended",
        table="loans",
        columns=("status",),
        reason="debt",
        unit="none",
        kind="flag",
        sign=1,
        empty=0,
        zh="小额信贷展期",
        en="a loan has been extended",
        sentence={
            "zh": "小额信贷已展期，未结清本金 {loan_principal} 元",
            "en": "a loan has been extended; principal of open loans {loan_principal} yuan",
        },
    ),
    Feature(
        name="loan_due_12m",
        table="loans",
        columns=("principal", "status", "due_on"),
        reason="debt",
        unit="yuan",
        role="figure",
        empty=0,
        zh="未来12个月到期的小额信贷本金",
        en="principal of open loans due within the next 12 months",
    ),
    Feature(
        name="loan_due_burden_12m",
        table="loans",
        columns=("principal", "status", "due_on", "incomes.period_end"),
        reason="debt",
        unit="log1p",
        sign=1,
        empty=0,
        zh="未来12个月到期的人均小额信贷本金与贫困线之比（对数）",
        en="log of 1 + principal of open loans due within the next 12 months, per person over the line",
        sentence={
            "zh": "未来12个月有 {loan_due_12m} 元小额信贷到期",
            "en": "{loan_due_12m} yuan of loans fall due within 12 months",
        },
    ),
    partly_feature(
        "loans_partly",
        "loans",
        ("principal", "status"),
        "debt",
        zh="有未结清贷款本金未知（合计只是下限）",
        en="an open loan without its principal: sums are lower bounds",
    ),
    partly_feature(
        "loans_due_partly_12m",
        "loans",
        ("principal", "status", "due_on"),
        "debt",
        zh="未来12个月到期的贷款有本金或到期日未知（合计只是下限）",
        en="a loan that falls due, or may, within 12 months without its figures: sums are lower bounds",
    ),
)

_COPING = (
    Feature(
        name="borrowed_from_family",
        table="households",
        columns=("borrowed_from_family",),
        reason="debt",
        unit="none",
        kind="flag",
        sign=1,
        zh="近期向亲友借款度日",
        en="borrowed from family or friends to get by",
        sentence={"zh": "近期向亲友借款度日", "en": "borrowed from family or friends to get by"},
    ),
    Feature(
        name="sold_belongings",
        table="households",
        columns=("sold_belongings",),
        reason="debt",
        unit="none",
        kind="flag",
        sign=1,
        zh="近期变卖家产度日",
        en="sold belongings to get by",
        sentence={"zh": "近期变卖家产度日", "en": "sold belongings to get by"},
    ),
)


def _loans(view: AsOfView) -> pl.DataFrame:
    loans = view.known.require("loans").join(current(view), on="household_id", how="left")
    status = pl.col("status")
    is_open = status.fill_null("normal") != "repaid"  # what is lent is owed until it is noted as repaid
    principal = known_sum(pl.col("principal").filter(is_open))
    soon = is_open & (pl.col("due_on") <= Horizon(months=12).end(view.as_of))
    due = pl.when(soon.any() | soon.is_not_null().all()).then(known_sum(pl.col("principal").filter(soon)))
    line, income = (pl.col("line") * pl.col("size")).first(), pl.col("household").first()
    expressions = {
        "loan_principal": principal,
        "loans_partly": only_partly(pl.col("principal").filter(is_open)),
        "loans_due_partly_12m": only_partly(pl.when(soon).then("principal").filter(soon.fill_null(True))),
        "loan_income_share": share_of_income(principal, income),
        "loan_burden": (principal / line).log1p(),
        "loan_overdue": (status == "overdue").any(ignore_nulls=False),
        "loan_extended": (status == "extended").any(ignore_nulls=False),
        "loan_due_12m": due,
        "loan_due_burden_12m": (due / line).log1p(),
    }
    return loans.group_by("household_id").agg(**wanted(view, _LOANS, expressions))


def _coping(view: AsOfView) -> pl.DataFrame:
    expressions = {feature.name: pl.col(feature.name) for feature in _COPING}
    return view.known.require("households").select("household_id", **wanted(view, _COPING, expressions))


BUILDERS = (
    Builder(name="loans", features=_LOANS, build=_loans),
    Builder(name="borrowing to get by", features=_COPING, build=_coping),
)
