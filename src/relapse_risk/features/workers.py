"""Work: what the register or the survey says that each member does."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import (
    ADULT,
    ELDERLY,
    known_count,
    known_share,
    known_sum,
    wanted,
    years_of_schooling,
)
from relapse_risk.features.lower_bounds import only_partly, partly_feature
from relapse_risk.records import AsOfView

__all__ = ["BUILDER"]

_AGE = "birth_date|birth_year"

FEATURES = (
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
        absent={"zh": "家中就业 {workers} 人", "en": "persons in work: {workers}"},
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
        absent={
            "zh": "16至59岁人口就业比例 {adults_working_share}",
            "en": "of those of 16 to 59, {adults_working_share} are in work",
        },
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
        name="elderly_idle",
        table="members",
        columns=("work_status", _AGE),
        reason="labour",
        unit="persons",
        role="figure",
        zh="60岁及以上未就业人数",
        en="persons of 60 and over out of work",
    ),
    Feature(
        name="elderly_idle_share",
        table="members",
        columns=("work_status", _AGE),
        reason="labour",
        unit="share",
        zh="60岁及以上未就业人口占比",
        en="share of persons of 60 and over who are out of work",
        sentence={
            "zh": "60岁及以上未就业 {elderly_idle} 人，占家庭人口 {elderly_idle_share}",
            "en": "persons of 60 and over out of work: {elderly_idle}, {elderly_idle_share} of the household",
        },
    ),
    Feature(
        name="workers_education",
        table="members",
        columns=("work_status", "education"),
        reason="employment",
        unit="years",
        sign=-1,
        zh="就业者最高受教育年限",
        en="most years of schooling among persons in work",
        sentence={
            "zh": "就业者最高受教育 {workers_education} 年",
            "en": "schooling of those in work: {workers_education} years at most",
        },
        absent={"zh": "就业者均未受学校教育", "en": "nobody in work has been to school"},
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
        absent={"zh": "正规就业 {formal_workers} 人", "en": "persons in a formal job: {formal_workers}"},
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
        absent={
            "zh": "全户一年务工 {work_months} 个月",
            "en": "months of work away from the farm in the year: {work_months}",
        },
    ),
    partly_feature(
        "work_months_partly",
        "members",
        ("work_months",),
        "employment",
        zh="有成员务工月数未知（合计只是下限）",
        en="a member whose months of work are not known: sums are lower bounds",
    ),
)


def _build(view: AsOfView) -> pl.DataFrame:
    working = pl.col("work_status") == "employed"
    formal = _of_work(view, pl.col("formal_job"))
    unemployed = pl.col("work_status") == "unemployed"
    active = (unemployed | working).sum()
    employee, own = (_works_as(view, types) for types in (["employee"], ["self_employed", "employer"]))
    informal = employee & ~formal
    idle = (pl.col("age") >= ELDERLY) & ~working
    months = pl.col("work_months").cast(pl.Float64)
    is_head, adult = pl.col("relation") == "head", pl.col("age").is_between(ADULT, ELDERLY, closed="left")
    expressions = {
        "workers": known_count(working),
        "workers_share": known_share(working),
        "adults_working_share": known_share(working.filter(adult)),
        "unemployed": known_count(unemployed),
        "unemployed_share": pl.when(active > 0)
        .then(known_count(unemployed) / active)
        .otherwise(known_count(unemployed)),
        "elderly_idle": known_count(idle),
        "elderly_idle_share": known_share(idle),
        "workers_education": years_of_schooling().filter(working).max(),
        "head_working": working.filter(is_head).cast(pl.Float64).mean(),
        "formal_workers": known_count(formal),
        "formal_workers_share": known_share(formal),
        "head_formal_job": formal.filter(is_head).cast(pl.Float64).mean(),
        "informal_workers": known_count(informal),
        "informal_workers_share": known_share(informal),
        "self_employed": known_count(own),
        "self_employed_share": known_share(own),
        "work_months": known_sum(months),
        "work_months_per_person": known_sum(months) / pl.len(),
        "work_months_partly": only_partly(months),
    }
    return view.residents.group_by("household_id").agg(**wanted(view, FEATURES, expressions))


def _works_as(view: AsOfView, types: list[str]) -> pl.Expr:
    """Return whether a person works in one of these ways."""
    return _of_work(view, pl.col("worker_type").is_in(types))


def _of_work(view: AsOfView, known: pl.Expr) -> pl.Expr:
    """Return what is known of a person's work: it does not hold of who is known not to work, whatever is blank."""
    if not view.known.has("members", "work_status"):
        return known
    return pl.when(known.is_null() & (pl.col("work_status") != "employed")).then(False).otherwise(known)


BUILDER = Builder(name="workers", features=FEATURES, build=_build)
