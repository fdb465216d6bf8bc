"""Work: the spells of work away from the farm."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import DAYS_A_MONTH, current, known_sum, wanted
from relapse_risk.features.lower_bounds import only_partly, partly_feature
from relapse_risk.periods import AsOf, Window, add_months
from relapse_risk.records import AsOfView

__all__ = ["BUILDER"]

FEATURES = (
    Feature(
        name="in_spells",
        table="employment",
        columns=("ended_on",),
        reason="employment",
        unit="persons",
        role="figure",
        empty=0,
        zh="在岗务工人数",
        en="persons in a spell of work on the day",
    ),
    Feature(
        name="in_spells_log",
        table="employment",
        columns=("ended_on",),
        reason="employment",
        unit="log1p",
        sign=-1,
        empty=0,
        zh="在岗务工人数（对数）",
        en="log of 1 + persons in a spell of work on the day",
        sentence={"zh": "在岗务工 {in_spells} 人", "en": "persons at work on the day: {in_spells}"},
        absent={"zh": "当前在岗务工 {in_spells} 人", "en": "persons at work on the day: {in_spells}"},
    ),
    Feature(
        name="spells_lost_12m",
        table="employment",
        columns=("ended_on",),
        reason="employment",
        unit="persons",
        empty=0,
        zh="近12个月离岗后未再就业人数",
        en="persons whose last spell of work ended within 12 months and who have none now",
        sentence={
            "zh": "近12个月离岗后未再务工 {spells_lost_12m} 人",
            "en": "out of work after a spell that ended within 12 months: {spells_lost_12m}",
        },
    ),
    Feature(
        name="months_worked_12m",
        table="employment",
        columns=("ended_on",),
        reason="employment",
        unit="months",
        role="figure",
        empty=0,
        zh="近12个月务工人月数",
        en="person-months of work, 12 months",
    ),
    Feature(
        name="months_worked_12m_log",
        table="employment",
        columns=("ended_on",),
        reason="employment",
        unit="log1p",
        sign=-1,
        empty=0,
        zh="近12个月务工人月数（对数）",
        en="log of 1 + person-months of work, 12 months",
        sentence={
            "zh": "近12个月全户务工 {months_worked_12m} 个月",
            "en": "months of work over 12 months, all members: {months_worked_12m}",
        },
        absent={
            "zh": "近12个月全户务工 {months_worked_12m} 个月",
            "en": "months of work over 12 months, all members: {months_worked_12m}",
        },
    ),
    Feature(
        name="months_worked_change",
        table="employment",
        columns=("ended_on",),
        reason="employment",
        unit="months",
        sign=-1,
        empty=0,
        zh="务工人月数较前12个月变化",
        en="person-months of work, 12 months, less those of the 12 months before",
        sentence={
            "zh": "近12个月全户务工 {months_worked_12m} 个月，较前12个月变化 {months_worked_change:+} 个月",
            "en": "months of work over 12 months: {months_worked_12m}, "
            "{months_worked_change:+} against the 12 months before",
        },
    ),
    Feature(
        name="spell_wage",
        table="employment",
        columns=("ended_on", "monthly_wage"),
        reason="employment",
        unit="yuan",
        role="figure",
        empty=0,
        zh="在岗务工月工资合计",
        en="monthly wages of the spells of work on the day",
    ),
    Feature(
        name="spell_wage_over_line_log",
        table="employment",
        columns=("ended_on", "monthly_wage", "incomes.period_end"),
        reason="employment",
        unit="log1p",
        sign=-1,
        empty=0,
        zh="在岗务工年工资（人均）与贫困线之比（对数）",
        en="log of 1 + wages of the spells on the day, per person-year over the line",
        sentence={
            "zh": "在岗务工月工资合计 {spell_wage} 元",
            "en": "wages of those at work: {spell_wage} yuan a month",
        },
    ),
    Feature(
        name="outside_share",
        table="employment",
        columns=("ended_on", "region"),
        reason="employment",
        unit="share",
        empty=0,
        zh="近12个月务工中省外占比",
        en="share of months of work outside the province, 12 months",
        sentence={
            "zh": "近12个月务工 {outside_share} 在省外",
            "en": "{outside_share} of the work over 12 months was outside the province",
        },
    ),
    Feature(
        name="public_post_share",
        table="employment",
        columns=("ended_on", "channel"),
        reason="employment",
        unit="share",
        empty=0,
        zh="近12个月务工中公益性岗位和就业帮扶车间占比",
        en="share of months of work in public posts and workshops, 12 months",
        sentence={
            "zh": "近12个月务工 {public_post_share} 为公益性岗位或就业帮扶车间",
            "en": "{public_post_share} of the work over 12 months was in public posts or workshops",
        },
    ),
    partly_feature(
        "spell_wage_partly",
        "employment",
        ("monthly_wage",),
        "employment",
        zh="有在岗人员工资未知（合计只是下限）",
        en="somebody at work without a wage: sums are lower bounds",
    ),
)


def _build(view: AsOfView) -> pl.DataFrame:
    persons = _persons(view.happened("employment", "started_on"), view.as_of)
    now, before = pl.col("months").sum(), pl.col("months_before").sum()
    wage = known_sum(pl.col("wage").filter(pl.col("working")))
    expressions = {
        "in_spells": pl.col("working").sum(),
        "in_spells_log": pl.col("working").sum().log1p(),
        "spells_lost_12m": pl.col("lost").sum(),
        "months_worked_12m": now,
        "months_worked_12m_log": now.log1p(),
        "months_worked_change": now - before,
        "spell_wage": wage,
        "spell_wage_partly": only_partly(pl.col("wage").filter(pl.col("working"))),
        "spell_wage_over_line_log": (12 * wage / (pl.col("size") * pl.col("line")).first()).log1p(),
        "outside_share": _share_of_months("outside"),
        "public_post_share": _share_of_months("public"),
    }
    return (
        persons.join(current(view), on="household_id", how="left")
        .group_by("household_id")
        .agg(**wanted(view, FEATURES, expressions))
    )


def _persons(spells: pl.DataFrame, as_of: AsOf) -> pl.DataFrame:
    """Return one row per person and household; spells side by side never make more than twelve months of a year."""
    if "ended_on" not in spells.columns:  # then no feature of work is made, see their columns
        spells = spells.with_columns(ended_on=pl.lit(None, dtype=pl.Date))
    year_ago = AsOf(add_months(as_of.day, -12))
    months, before = _months_within(as_of), _months_within(year_ago)
    working, last = pl.col("ended_on").is_null(), pl.col("ended_on").max()
    columns = {
        "working": working.any(),
        "lost": ~working.any() & Window(months=12).holds(last, as_of),
        "months": months.sum().clip(0, 12),
        "months_before": before.sum().clip(0, 12),
    }
    if "monthly_wage" in spells.columns:
        columns["wage"] = pl.col("monthly_wage").filter(working).max()
    if "region" in spells.columns:
        columns["outside"] = _months_where(pl.col("region") == "outside", months)
    if "channel" in spells.columns:
        columns["public"] = _months_where(pl.col("channel").is_in(["public_post", "workshop"]), months)
    # Sorted, as months are fractions: their sum over a household must not hang on the order persons come in.
    return spells.group_by("household_id", "person_id").agg(**columns).sort("household_id", "person_id")


def _months_where(holds: pl.Expr, months: pl.Expr) -> pl.Expr:
    """Return the months of spells of a kind; unknown where months were worked of no known kind."""
    unknown = holds.is_null() & (months > 0)
    return pl.when(~unknown.any()).then(months.filter(holds).sum().clip(0, 12))


def _months_within(as_of: AsOf) -> pl.Expr:
    """Return the months of a spell that lie in the year that ends with a day."""
    begin = pl.lit(Window(months=12).begin(as_of))
    first = pl.max_horizontal(pl.col("started_on").dt.offset_by("-1d"), begin)
    last = pl.min_horizontal(pl.col("ended_on").fill_null(as_of.day), pl.lit(as_of.day))
    return (last - first).dt.total_days().clip(0) / DAYS_A_MONTH


def _share_of_months(part: str) -> pl.Expr:
    months = pl.col("months").sum()
    all_known = pl.col(part).is_not_null().all()
    return pl.when(months == 0).then(0.0).when(all_known).then(pl.col(part).sum() / months)


BUILDER = Builder(name="spells of work", features=FEATURES, build=_build)
