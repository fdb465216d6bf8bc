"""Support: measures in force, given and ended."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import current, known_sum, share_of_income, wanted
from relapse_risk.features.lower_bounds import only_partly, partly_feature
from relapse_risk.periods import Window
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

FEATURES = (
    Feature(
        name="support_12m",
        table="assistance",
        columns=("amount",),
        reason="support",
        unit="yuan",
        role="figure",
        empty=0,
        zh="近12个月帮扶资金",
        en="support received, 12 months",
    ),
    Feature(
        name="support_income_share_12m",
        table="assistance",
        columns=("amount", "incomes.period_end"),
        reason="support",
        unit="share",
        role="figure",
        empty=0,
        zh="近12个月帮扶资金占家庭纯收入比重",
        en="support received, 12 months, over the household's net income",
    ),
    Feature(
        name="support_over_line_12m",
        table="assistance",
        columns=("amount", "incomes.period_end"),
        reason="support",
        unit="log1p",
        empty=0,
        zh="近12个月人均帮扶资金与贫困线之比（对数）",
        en="log of 1 + support received, 12 months, per person over the line",
        sentence={
            "zh": "近12个月帮扶资金 {support_12m} 元，占家庭纯收入 {support_income_share_12m}",
            "en": "support of {support_12m} yuan over 12 months, "
            "{support_income_share_12m} of the household's net income",
        },
    ),
    Feature(
        name="support_ended_12m",
        table="assistance",
        columns=("ended_on",),
        reason="support_ended",
        unit="count",
        sign=1,
        empty=0,
        zh="近12个月终止且未续的帮扶措施种数",
        en="kinds of support that ended within 12 months and were not renewed",
        sentence={
            "zh": "近12个月有 {support_ended_12m} 种帮扶措施终止",
            "en": "kinds of support ended over 12 months: {support_ended_12m}",
        },
    ),
    partly_feature(
        "support_partly_12m",
        "assistance",
        ("amount",),
        "support",
        zh="近12个月有帮扶金额未知（合计只是下限）",
        en="support begun within 12 months without an amount: sums are lower bounds",
    ),
)

# Of a kind that no list notes nobody knows who has none, see `AsOfView.notes_help`.
_KINDS = (
    Feature(
        name="on_subsistence",
        table="assistance",
        columns=(),
        reason="support",
        unit="none",
        kind="flag",
        zh="享受低保",
        en="on subsistence allowance",
        sentence={"zh": "正在享受低保", "en": "on subsistence allowance"},
    ),
    Feature(
        name="industry_support",
        table="assistance",
        columns=(),
        reason="industry",
        unit="none",
        kind="flag",
        zh="享受产业帮扶",
        en="support for enterprise in force",
        sentence={"zh": "正在享受产业帮扶", "en": "support for enterprise in force"},
        absent={"zh": "没有产业帮扶", "en": "no support for enterprise"},
    ),
    Feature(
        name="job_support",
        table="assistance",
        columns=(),
        reason="employment",
        unit="none",
        kind="flag",
        zh="享受就业帮扶",
        en="support for work in force",
        sentence={"zh": "正在享受就业帮扶", "en": "support for work in force"},
        absent={"zh": "没有就业帮扶", "en": "no support for work"},
    ),
)

_COVER = (
    Feature(
        name="relapse_insured",
        table="assistance",
        columns=(),
        reason="guarantees",
        unit="none",
        kind="flag",
        zh="参加防贫保",
        en="covered by relapse insurance",
        sentence={"zh": "已参加防贫保", "en": "covered by relapse insurance"},
        absent={"zh": "未参加防贫保", "en": "not covered by relapse insurance"},
    ),
)


def _build(view: AsOfView) -> pl.DataFrame:
    measures = view.assistance.join(current(view), on="household_id", how="left")
    kind, in_force = pl.col("kind"), pl.col("in_force")
    year = Window(months=12)
    begun = year.holds(pl.col("started_on"), view.as_of)
    ended = year.holds(pl.col("ended_on"), view.as_of).fill_null(False) & ~pl.col("renewed")
    amount = known_sum(pl.col("amount").filter(begun))
    line, income = (pl.col("line") * pl.col("size")).first(), pl.col("household").first()
    expressions = {
        "support_12m": amount,
        "support_partly_12m": only_partly(pl.col("amount").filter(begun)),
        "support_income_share_12m": share_of_income(amount, income),
        "support_over_line_12m": (amount / line).clip(0).log1p(),
        "support_ended_12m": kind.filter(ended).n_unique(),
    }
    measures = measures.with_columns(renewed=in_force.any().over("household_id", "kind"))
    return measures.group_by("household_id").agg(**wanted(view, FEATURES, expressions))


def _kinds(view: AsOfView) -> pl.DataFrame:
    measures = view.assistance
    homes = view.known.require("households").select("household_id")
    kind_of = {"on_subsistence": "subsistence", "industry_support": "industry", "job_support": "job"}
    of_kind = {name: measures.filter(kind=kind) for name, kind in kind_of.items()}
    have = {name: of.filter("in_force")["household_id"].implode() for name, of in of_kind.items()}
    # Measures that are all still to come: nobody has one. An empty table says nothing of anybody.
    none_begun = measures.is_empty() and not view.known.require("assistance").is_empty()
    others = {name: False if none_begun or view.notes_help(kind) else None for name, kind in kind_of.items()}
    return homes.with_columns(
        pl.when(pl.col("household_id").is_in(have[name]))
        .then(True)
        .otherwise(pl.lit(others[name], pl.Boolean()))
        .alias(name)
        for name in kind_of
    )


def _cover(view: AsOfView) -> pl.DataFrame:
    return view.relapse_cover.select("household_id", relapse_insured="covered")


BUILDERS = (
    Builder(name="assistance", features=FEATURES, build=_build),
    Builder(name="assistance_kinds", features=_KINDS, build=_kinds),
    Builder(name="cover", features=_COVER, build=_cover),
)
