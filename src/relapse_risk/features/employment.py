"""Work: what members do, and the spells of work away from the farm."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.frames import ADULT, DAYS_A_MONTH, ELDERLY, current, happened, known_sum, residents, wanted
from relapse_risk.periods import AsOf, Window, add_months
from relapse_risk.policy import Lines
from relapse_risk.records import Records

__all__ = ["BUILDERS"]

_AGE = "birth_date|birth_year"

_WORKERS = (
    Feature(
        name="workers",
        table="members",
        columns=("work_status",),
        reason="employment",
        unit="persons",
        role="figure",
        zh="就业人数",
        en="persons in work",
    ),
    Feature(
        name="workers_share",
        table="members",
        columns=("work_status",),
        reason="employment",
        unit="share",
        sign=-1,
        zh="就业人数占家庭人口比重",
        en="persons in work over persons in the household",
        sentence={
            "zh": "就业 {workers} 人，占家庭人口 {workers_share}",
            "en": "persons in work: {workers}, {workers_share} of the household",
        },
        absent={"zh": "家中无人就业", "en": "nobody in work"},
    ),
    Feature(
        name="adults_working_share",
        table="members",
        columns=("work_status", _AGE),
        reason="employment",
        unit="share",
        sign=-1,
        zh="16至59岁就业比例",
        en="share of persons of 16 to 59 in work",
        sentence={
            "zh": "16至59岁人口就业比例 {adults_working_share}",
            "en": "of those of 16 to 59, {adults_working_share} are in work",
        },
        absent={"zh": "16至59岁无人就业", "en": "nobody of 16 to 59 in work"},
    ),
    Feature(
        name="unemployed",
        table="members",
        columns=("work_status",),
        reason="employment",
        unit="persons",
        role="figure",
        zh="失业人数",
        en="unemployed persons",
    ),
    Feature(
        name="unemployed_share",
        table="members",
        columns=("work_status",),
        reason="employment",
        unit="share",
        sign=1,
        zh="失业人数占劳动者比重",
        en="unemployed persons over persons in work or unemployed",
        sentence={"zh": "失业 {unemployed} 人", "en": "unemployed: {unemployed}"},
    ),
    Feature(
        name="head_working",
        table="members",
        columns=("relation", "work_status"),
        reason="employment",
        unit="none",
        kind="flag",
        sign=-1,
        zh="户主就业",
        en="the head is in work",
        absent={"zh": "户主未就业", "en": "the head is out of work"},
    ),
    Feature(
        name="formal_workers",
        table="members",
        columns=("formal_job",),
        reason="employment",
        unit="persons",
        role="figure",
        zh="正规就业人数",
        en="persons in a formal job",
    ),
    Feature(
        name="formal_workers_share",
        table="members",
        columns=("formal_job",),
        reason="employment",
        unit="share",
        sign=-1,
        zh="正规就业人数占家庭人口比重",
        en="persons in a formal job over persons in the household",
        sentence={
            "zh": "正规就业 {formal_workers} 人，占家庭人口 {formal_workers_share}",
            "en": "persons in a formal job: {formal_workers}, {formal_workers_share} of the household",
        },
        absent={"zh": "家中无人有正规工作", "en": "nobody in a formal job"},
    ),
    Feature(
        name="head_formal_job",
        table="members",
        columns=("relation", "formal_job"),
        reason="employment",
        unit="none",
        kind="flag",
        sign=-1,
        zh="户主有正规工作",
        en="the head has a formal job",
        absent={"zh": "户主没有正规工作", "en": "the head has no formal job"},
    ),
    Feature(
        name="informal_workers",
        table="members",
        columns=("formal_job", "worker_type"),
        reason="employment",
        unit="persons",
        role="figure",
        zh="无正规合同的受雇人数",
        en="employees without a formal job",
    ),
    Feature(
        name="informal_workers_share",
        table="members",
        columns=("formal_job", "worker_type"),
        reason="employment",
        unit="share",
        sign=1,
        zh="无正规合同的受雇人数占家庭人口比重",
        en="employees without a formal job over persons in the household",
        sentence={
            "zh": "受雇但无正规合同 {informal_workers} 人",
            "en": "employees without a formal job: {informal_workers}",
        },
    ),
    Feature(
        name="self_employed",
        table="members",
        columns=("worker_type",),
        reason="industry",
        unit="persons",
        role="figure",
        zh="自营就业人数",
        en="self-employed persons",
    ),
    Feature(
        name="self_employed_share",
        table="members",
        columns=("worker_type",),
        reason="industry",
        unit="share",
        zh="自营就业人数占家庭人口比重",
        en="self-employed persons over persons in the household",
        sentence={
            "zh": "自营就业 {self_employed} 人，占家庭人口 {self_employed_share}",
            "en": "self-employed persons: {self_employed}, {self_employed_share} of the household",
        },
    ),
    Feature(
        name="work_months",
        table="members",
        columns=("work_months",),
        reason="employment",
        unit="months",
        role="figure",
        zh="全户一年务工月数",
        en="months of work away from the farm in the year, household",
    ),
    Feature(
        name="work_months_per_person",
        table="members",
        columns=("work_months",),
        reason="employment",
        unit="months",
        sign=-1,
        zh="人均务工月数",
        en="months of work away from the farm in the year, per person",
        sentence={
            "zh": "全户一年务工 {work_months} 个月",
            "en": "months of work away from the farm in the year: {work_months}",
        },
        absent={"zh": "全户一年无人务工", "en": "no work away from the farm in the year"},
    ),
)

_SPELLS = (
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
        absent={"zh": "当前无人在岗务工", "en": "nobody in a spell of work on the day"},
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
        absent={"zh": "近12个月无人务工", "en": "no work over 12 months"},
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
            "zh": "近12个月全户务工 {months_worked_12m} 个月，较前12个月变化 {months_worked_change} 个月",
            "en": "months of work over 12 months: {months_worked_12m}, "
            "{months_worked_change} against the 12 months before",
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
        zh="近12个月务工中公益性岗位和扶贫车间占比",
        en="share of months of work in public posts and workshops, 12 months",
        sentence={
            "zh": "近12个月务工 {public_post_share} 为公益性岗位或扶贫车间",
            "en": "{public_post_share} of the work over 12 months was in public posts or workshops",
        },
    ),
)


def _workers(known: Records, as_of: AsOf, lines: Lines) -> pl.DataFrame:
    working = pl.col("work_status") == "employed"
    formal = pl.col("formal_job")
    unemployed = pl.col("work_status") == "unemployed"
    active = (unemployed | working).sum()
    informal = (pl.col("worker_type") == "employee") & ~formal.fill_null(False)
    own = pl.col("worker_type").is_in(["self_employed", "employer"])
    months = pl.col("work_months").cast(pl.Float64)
    is_head, adult = pl.col("relation") == "head", pl.col("age").is_between(ADULT, ELDERLY, closed="left")
    expressions = {
        "workers": known_sum(working),
        "workers_share": working.mean(),
        "adults_working_share": working.filter(adult).mean(),
        "unemployed": known_sum(unemployed),
        "unemployed_share": pl.when(active > 0).then(unemployed.sum() / active).otherwise(0.0),
        "head_working": working.filter(is_head).cast(pl.Float64).mean(),
        "formal_workers": known_sum(formal),
        "formal_workers_share": known_sum(formal) / pl.len(),
        "head_formal_job": formal.filter(is_head).cast(pl.Float64).mean(),
        "informal_workers": informal.sum(),
        "informal_workers_share": informal.sum() / pl.len(),
        "self_employed": own.sum(),
        "self_employed_share": own.sum() / pl.len(),
        "work_months": known_sum(months),
        "work_months_per_person": known_sum(months) / pl.len(),
    }
    return residents(known, as_of).group_by("household_id").agg(**wanted(known, _WORKERS, expressions))


def _spells(known: Records, as_of: AsOf, lines: Lines) -> pl.DataFrame:
    persons = _persons(happened(known, "employment", "started_on", as_of), as_of)
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
        "spell_wage_over_line_log": (12 * wage / (pl.col("size") * pl.col("line")).first()).log1p(),
        "outside_share": _share_of_months("outside"),
        "public_post_share": _share_of_months("public"),
    }
    return (
        persons.join(current(known, as_of, lines), on="household_id", how="left")
        .group_by("household_id")
        .agg(**wanted(known, _SPELLS, expressions))
    )


def _persons(spells: pl.DataFrame, as_of: AsOf) -> pl.DataFrame:
    """Return one row per person and household; spells side by side never make more than twelve months of a year."""
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
        columns["outside"] = months.filter(pl.col("region") == "outside").sum().clip(0, 12)
    if "channel" in spells.columns:
        columns["public"] = months.filter(pl.col("channel").is_in(["public_post", "workshop"])).sum().clip(0, 12)
    return spells.group_by("household_id", "person_id").agg(**columns)


def _months_within(as_of: AsOf) -> pl.Expr:
    """Return the months of a spell that lie in the year that ends with a day."""
    begin = pl.lit(Window(months=12).begin(as_of))
    first = pl.max_horizontal(pl.col("started_on").dt.offset_by("-1d"), begin)
    last = pl.min_horizontal(pl.col("ended_on").fill_null(as_of.day), pl.lit(as_of.day))
    return (last - first).dt.total_days().clip(0) / DAYS_A_MONTH


def _share_of_months(part: str) -> pl.Expr:
    months = pl.col("months").sum()
    return pl.when(months > 0).then(pl.col(part).sum() / months).otherwise(0.0)


BUILDERS = (
    Builder(name="workers", features=_WORKERS, build=_workers),
    Builder(name="spells of work", features=_SPELLS, build=_spells),
)
