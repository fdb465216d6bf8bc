"""The guarantees: safe housing, safe water, insurance, schooling, and what land and rooms there are."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import ADULT, known_count, known_share, wanted
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

_AGE = "birth_date|birth_year"
_STUDENT = "student|student_status"

_HOME = (
    Feature(
        name="unsafe_house",
        table="households",
        columns=("house_grade|dangerous_house",),
        reason="guarantees",
        unit="none",
        kind="flag",
        sign=1,
        zh="危房（C、D级）",
        en="dangerous house (grade C or D)",
        sentence={"zh": "危房（C、D级）{unsafe_house} 处", "en": "dangerous houses (grade C or D): {unsafe_house}"},
    ),
    Feature(
        name="house_grade",
        table="households",
        columns=("house_grade",),
        reason="guarantees",
        unit="none",
        kind="code",
        role="fact",
        zh="房屋危险等级（A至D）",
        en="grade of the house (A to D)",
    ),
    Feature(
        name="unsafe_water",
        table="households",
        columns=("safe_water",),
        reason="guarantees",
        unit="none",
        kind="flag",
        sign=1,
        zh="未解决安全饮用水",
        en="no safe water",
        sentence={
            "zh": "{unsafe_water} 项保障未落实：安全饮用水",
            "en": "guarantees not met: {unsafe_water}, safe water",
        },
    ),
    Feature(
        name="relocated",
        table="households",
        columns=("relocated",),
        reason="guarantees",
        unit="none",
        kind="flag",
        zh="易地扶贫搬迁户",
        en="relocated",
        sentence={"zh": "易地扶贫搬迁户", "en": "relocated"},
    ),
    Feature(
        name="rooms",
        table="households",
        columns=("rooms",),
        reason="guarantees",
        unit="count",
        role="figure",
        zh="住房间数",
        en="rooms",
    ),
    Feature(
        name="rooms_per_person_log",
        table="households",
        columns=("rooms", "size"),
        reason="guarantees",
        unit="log",
        sign=-1,
        zh="人均住房间数（对数）",
        en="log of rooms per person, clipped to [1/8, 8]",
        sentence={
            "zh": "{household_size} 人住 {rooms} 间房",
            "en": "{household_size} persons live in {rooms} rooms",
        },
    ),
    Feature(
        name="tenure",
        table="households",
        columns=("tenure_code",),
        reason="guarantees",
        unit="none",
        kind="code",
        zh="住房产权",
        en="tenure of the home",
        sentence={"zh": "住房产权代码 {tenure}", "en": "tenure of the home: code {tenure}"},
    ),
    Feature(
        name="farmland",
        table="households",
        columns=("farmland_mu",),
        reason="industry",
        unit="count",
        role="figure",
        zh="耕地面积（亩）",
        en="farmland, mu",
    ),
    Feature(
        name="farmland_per_person_log",
        table="households",
        columns=("farmland_mu", "size"),
        reason="industry",
        unit="log1p",
        sign=-1,
        zh="人均耕地亩数（对数）",
        en="log of 1 + mu of farmland per person",
        sentence={"zh": "耕地 {farmland} 亩", "en": "farmland: {farmland} mu"},
        absent={"zh": "没有耕地", "en": "no farmland"},
    ),
)

_INSURANCE = (
    Feature(
        name="uninsured",
        table="members",
        columns=("medical_insured",),
        reason="guarantees",
        unit="persons",
        role="figure",
        zh="未参加医疗保险人数",
        en="persons without medical insurance",
    ),
    Feature(
        name="uninsured_share",
        table="members",
        columns=("medical_insured",),
        reason="guarantees",
        unit="share",
        sign=1,
        zh="未参加医疗保险人口占比",
        en="share of persons without medical insurance",
        sentence={
            "zh": "未参加医疗保险 {uninsured} 人，占家庭人口 {uninsured_share}",
            "en": "persons without medical insurance: {uninsured}, {uninsured_share} of the household",
        },
    ),
    Feature(
        name="no_pension_share",
        table="members",
        columns=("pension_insured", _AGE),
        reason="guarantees",
        unit="share",
        zh="16岁及以上未参加养老保险人口占比",
        en="share of persons of 16 and over without pension insurance",
        sentence={
            "zh": "16岁及以上未参加养老保险占 {no_pension_share}",
            "en": "{no_pension_share} of those of 16 and over have no pension insurance",
        },
    ),
)

_SCHOOL = (
    Feature(
        name="students",
        table="members",
        columns=(_STUDENT,),
        reason="schooling",
        unit="persons",
        role="figure",
        zh="在校生人数",
        en="students",
    ),
    Feature(
        name="students_share",
        table="members",
        columns=(_STUDENT,),
        reason="schooling",
        unit="share",
        zh="在校生占家庭人口比重",
        en="share of students",
        sentence={
            "zh": "在校生 {students} 人，占家庭人口 {students_share}",
            "en": "students: {students}, {students_share} of the household",
        },
    ),
    Feature(
        name="adult_students",
        table="members",
        columns=(_STUDENT, _AGE),
        reason="schooling",
        unit="persons",
        zh="16岁及以上在校生人数",
        en="students of 16 and over",
        sentence={"zh": "16岁及以上在校生 {adult_students} 人", "en": "students of 16 and over: {adult_students}"},
    ),
    Feature(
        name="out_of_school",
        table="members",
        columns=(_STUDENT, _AGE),
        reason="schooling",
        unit="persons",
        sign=1,
        zh="7至15岁未在校人数",
        en="children of 7 to 15 who are not in school",
        sentence={
            "zh": "7至15岁未在校 {out_of_school} 人",
            "en": "children of 7 to 15 who are not in school: {out_of_school}",
        },
    ),
)

# What student_status says of those who do not go to school.
_NO_STUDENT = ("none", "not_student", "dropout")


def _home(view: AsOfView) -> pl.DataFrame:
    expressions = {
        "unsafe_house": _unsafe_house(view.known.require("households")),
        "house_grade": pl.col("house_grade"),
        "unsafe_water": ~pl.col("safe_water"),
        "relocated": pl.col("relocated"),
        "rooms": pl.col("rooms"),
        "rooms_per_person_log": (pl.col("rooms") / pl.col("size")).clip(1 / 8, 8).log(),
        "tenure": pl.col("tenure_code").cast(pl.String),
        "farmland": pl.col("farmland_mu"),
        "farmland_per_person_log": (pl.col("farmland_mu") / pl.col("size")).clip(0).log1p(),
    }
    return view.known.require("households").select("household_id", **wanted(view, _HOME, expressions))


def _unsafe_house(homes: pl.DataFrame) -> pl.Expr:
    """Return the grade's word, and where there is none that of a plain yes or no."""
    conditions = [pl.col("house_grade").is_in(["C", "D"])] if "house_grade" in homes.columns else []
    return pl.coalesce(*conditions, *(["dangerous_house"] if "dangerous_house" in homes.columns else []), None)


def _insurance(view: AsOfView) -> pl.DataFrame:
    uninsured, no_pension = ~pl.col("medical_insured"), ~pl.col("pension_insured")
    expressions = {
        "uninsured": known_count(uninsured),
        "uninsured_share": known_share(uninsured),
        "no_pension_share": known_share(no_pension.filter(pl.col("age") >= ADULT)),
    }
    return view.residents.group_by("household_id").agg(**wanted(view, _INSURANCE, expressions))


def _school(view: AsOfView) -> pl.DataFrame:
    age, student = pl.col("age"), pl.col("is_student")
    expressions = {
        "students": known_count(student),
        "students_share": known_share(student),
        "adult_students": known_count(student & (age >= ADULT)),
        "out_of_school": known_count(~student & age.is_between(7, ADULT, closed="left")),
    }
    members = view.residents
    members = members.with_columns(is_student=_is_student(members))
    return members.group_by("household_id").agg(**wanted(view, _SCHOOL, expressions))


def _is_student(members: pl.DataFrame) -> pl.Expr:
    if "student" in members.columns:
        return pl.col("student")
    return ~pl.col("student_status").is_in(_NO_STUDENT)


BUILDERS = (
    Builder(name="home and land", features=_HOME, build=_home),
    Builder(name="insurance", features=_INSURANCE, build=_insurance),
    Builder(name="schooling", features=_SCHOOL, build=_school),
)
