"""Who lives in the household: size, ages, schooling, labour, the head."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import ADULT, ELDERLY, known_count, known_share, wanted, years_of_schooling
from relapse_risk.periods import Window
from relapse_risk.records import ABLE, AsOfView

__all__ = ["BUILDERS"]

_AGE = ("birth_date|birth_year",)
_HEAD = ("relation", *_AGE)

_SIZE = (
    Feature(
        name="household_size",
        table="households",
        columns=("size",),
        reason="labour",
        unit="persons",
        zh="家庭人口数",
        en="household size",
        sentence={"zh": "家庭人口 {household_size} 人", "en": "persons in the household: {household_size}"},
    ),
)

_RESIDENTS = (
    Feature(
        name="children",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="persons",
        zh="16岁以下人数",
        en="children under 16",
        sentence={"zh": "有16岁以下儿童 {children} 人", "en": "children under 16: {children}"},
    ),
    Feature(
        name="elderly",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="persons",
        role="figure",
        zh="60岁及以上人数",
        en="persons of 60 and over",
    ),
    Feature(
        name="children_share",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="share",
        zh="16岁以下人口占比",
        en="share of children under 16",
        sentence={
            "zh": "普通或技能劳动力 {workers_able} 人，16岁以下儿童 {children} 人，占家庭人口 {children_share}",
            "en": "persons of full labour capacity: {workers_able}; children under 16: {children}, "
            "{children_share} of the household",
        },
    ),
    Feature(
        name="elderly_share",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="share",
        zh="60岁及以上人口占比",
        en="share of persons of 60 and over",
        sentence={
            "zh": "普通或技能劳动力 {workers_able} 人，60岁及以上老人 {elderly} 人，占家庭人口 {elderly_share}",
            "en": "persons of full labour capacity: {workers_able}; of 60 and over: {elderly}, "
            "{elderly_share} of the household",
        },
    ),
    Feature(
        name="small_children",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="persons",
        zh="6岁以下人数",
        en="children under 6",
        sentence={"zh": "有6岁以下幼儿 {small_children} 人", "en": "children under 6: {small_children}"},
    ),
    Feature(
        name="teenagers",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="persons",
        zh="11至17岁人数",
        en="persons of 11 to 17, who may soon work",
        sentence={"zh": "有11至17岁少年 {teenagers} 人", "en": "persons of 11 to 17: {teenagers}"},
    ),
    Feature(
        name="youngest_age",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="years",
        zh="最小成员年龄",
        en="age of the youngest member",
        sentence={"zh": "家中最小成员 {youngest_age} 岁", "en": "age of the youngest member: {youngest_age}"},
        absent={"zh": "家中有未满1岁婴儿", "en": "an infant in the household"},
    ),
    Feature(
        name="lone_adult",
        table="members",
        columns=_AGE,
        reason="labour",
        unit="none",
        kind="flag",
        zh="仅一名成年人抚养儿童",
        en="one adult alone with children",
        sentence={"zh": "仅一名成年人抚养 {children} 名儿童", "en": "one adult alone with {children} children"},
    ),
    Feature(
        name="workers_able",
        table="members",
        columns=("labour_capacity",),
        reason="labour",
        unit="persons",
        role="figure",
        zh="普通或技能劳动力人数",
        en="persons of ordinary or skilled labour capacity",
    ),
    Feature(
        name="able_of_working_age",
        table="members",
        columns=("labour_capacity", *_AGE),
        reason="labour",
        unit="persons",
        role="fact",
        zh="16至59岁普通或技能劳动力人数",
        en="persons of 16 to 59 of ordinary or skilled labour capacity",
    ),
    Feature(
        name="workers_able_share",
        table="members",
        columns=("labour_capacity",),
        reason="labour",
        unit="share",
        sign=-1,
        zh="普通或技能劳动力占比",
        en="share of persons of ordinary or skilled labour capacity",
        sentence={
            "zh": "普通或技能劳动力 {workers_able} 人，占家庭人口 {workers_able_share}",
            "en": "persons of full labour capacity: {workers_able}, {workers_able_share} of the household",
        },
        absent={"zh": "普通或技能劳动力 {workers_able} 人", "en": "persons of full labour capacity: {workers_able}"},
    ),
    Feature(
        name="education_mean",
        table="members",
        columns=("education", *_AGE),
        reason="labour",
        unit="years",
        sign=-1,
        zh="成年人平均受教育年限",
        en="mean years of schooling of persons of 16 and over",
        sentence={
            "zh": "成年人平均受教育 {education_mean} 年",
            "en": "schooling of adults: {education_mean} years on average",
        },
        absent={"zh": "成年人均未受学校教育", "en": "no adult has been to school"},
    ),
    Feature(
        name="education_best",
        table="members",
        columns=("education", *_AGE),
        reason="labour",
        unit="years",
        sign=-1,
        zh="成年人最高受教育年限",
        en="most years of schooling among persons of 16 and over",
        sentence={
            "zh": "成年人最高受教育 {education_best} 年",
            "en": "schooling of adults: {education_best} years at most",
        },
        absent={"zh": "成年人均未受学校教育", "en": "no adult has been to school"},
    ),
    Feature(
        name="head_age",
        table="members",
        columns=_HEAD,
        reason="labour",
        unit="years",
        zh="户主年龄",
        en="age of the head",
        sentence={"zh": "户主 {head_age} 岁", "en": "age of the head: {head_age}"},
    ),
    Feature(
        name="head_female",
        table="members",
        columns=("relation", "sex"),
        reason="labour",
        unit="none",
        kind="flag",
        zh="户主为女性",
        en="the head is a woman",
        sentence={"zh": "户主为女性", "en": "the head is a woman"},
    ),
    Feature(
        name="head_education",
        table="members",
        columns=("relation", "education"),
        reason="labour",
        unit="years",
        sign=-1,
        zh="户主受教育年限",
        en="years of schooling of the head",
        sentence={"zh": "户主受教育 {head_education} 年", "en": "schooling of the head: {head_education} years"},
        absent={"zh": "户主未受学校教育", "en": "the head has not been to school"},
    ),
    Feature(
        name="has_spouse",
        table="members",
        columns=("relation",),
        reason="labour",
        unit="none",
        kind="flag",
        zh="户主有配偶同住",
        en="the head's spouse lives in the household",
        sentence={"zh": "户主有配偶同住", "en": "the head's spouse lives in the household"},
        absent={"zh": "户主无配偶同住", "en": "no spouse of the head in the household"},
    ),
)

_DEATHS = (
    Feature(
        name="deaths_24m",
        table="members",
        columns=("left_on", "left_reason"),
        reason="labour",
        unit="persons",
        sign=1,
        empty=0,
        zh="近24个月去世人数",
        en="deaths in the household, 24 months",
        sentence={"zh": "近24个月有 {deaths_24m} 人去世", "en": "deaths in the household over 24 months: {deaths_24m}"},
    ),
)


def _size(view: AsOfView) -> pl.DataFrame:
    expressions = {"household_size": pl.col("size")}
    return view.known.require("households").select("household_id", **wanted(view, _SIZE, expressions))


def _residents(view: AsOfView) -> pl.DataFrame:
    expressions = _ages() | _labour() | _schooling() | _head()
    people = view.residents.join(view.able_to_work, on="household_id", how="left", maintain_order="left")
    return people.group_by("household_id").agg(**wanted(view, _RESIDENTS, expressions))


def _ages() -> dict[str, pl.Expr]:
    age = pl.col("age")
    child, elderly = age < ADULT, age >= ELDERLY
    return {
        "children": known_count(child),
        "elderly": known_count(elderly),
        "children_share": known_share(child),
        "elderly_share": known_share(elderly),
        "small_children": known_count(age < 6),
        "teenagers": known_count(age.is_between(11, 17)),
        "youngest_age": age.min(),
        "lone_adult": _is_one(age >= ADULT) & child.any(ignore_nulls=False),
    }


def _is_one(of_person: pl.Expr) -> pl.Expr:
    """Return whether it holds for exactly one person; unknown where those not known of decide."""
    surely, perhaps = of_person.sum(), of_person.fill_null(True).sum()
    return pl.when(surely > 1).then(False).when(perhaps == surely).then(surely == 1).when(perhaps < 1).then(False)


def _labour() -> dict[str, pl.Expr]:
    return {
        "workers_able": pl.col("able").first(),
        "able_of_working_age": known_count(
            pl.col("labour_capacity").is_in(ABLE) & pl.col("age").is_between(ADULT, ELDERLY, closed="left")
        ),
        "workers_able_share": known_share(pl.col("labour_capacity").is_in(ABLE)),
    }


def _schooling() -> dict[str, pl.Expr]:
    years = years_of_schooling()
    adults = years.filter(pl.col("age") >= ADULT)
    return {"education_mean": adults.mean(), "education_best": adults.max()}


def _head() -> dict[str, pl.Expr]:
    def of_head(value: pl.Expr) -> pl.Expr:
        # a register with two heads in a household: the mean, so that the order of rows decides nothing
        return value.filter(pl.col("relation") == "head").cast(pl.Float64).mean()

    age = of_head(pl.col("age"))
    return {
        "head_age": age,
        "head_female": of_head(pl.col("sex") == "female"),
        "head_education": of_head(years_of_schooling()),
        "has_spouse": (pl.col("relation") == "spouse").any(ignore_nulls=False),
    }


def _deaths(view: AsOfView) -> pl.DataFrame:
    lately = pl.col("left_on").is_not_null() & Window(months=24).holds(pl.col("left_on"), view.as_of)
    died = lately & (pl.col("left_reason") == "death")
    members = view.known.require("members")
    return members.group_by("household_id").agg(**wanted(view, _DEATHS, {"deaths_24m": known_count(died)}))


BUILDERS = (
    Builder(name="size", features=_SIZE, build=_size),
    Builder(name="residents", features=_RESIDENTS, build=_residents),
    Builder(name="deaths", features=_DEATHS, build=_deaths),
)
