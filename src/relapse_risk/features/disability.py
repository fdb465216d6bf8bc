"""Disability: certificates, and the health the register notes."""

import polars as pl

from relapse_risk.features.declare import Builder, Feature
from relapse_risk.features.known_frames import known_share, wanted
from relapse_risk.periods import Window
from relapse_risk.records import AsOfView

__all__ = ["BUILDERS"]

_CERTIFIED = (
    Feature(
        name="disabled_persons",
        table="disabilities",
        columns=(),
        reason="disability",
        unit="persons",
        sign=1,
        empty=0,
        zh="持证残疾人数",
        en="persons with a disability certificate",
        sentence={
            "zh": "持证残疾 {disabled_persons} 人",
            "en": "persons with a disability certificate: {disabled_persons}",
        },
    ),
    Feature(
        name="severely_disabled",
        table="disabilities",
        columns=("grade",),
        reason="disability",
        unit="persons",
        sign=1,
        empty=0,
        zh="一、二级重度残疾人数",
        en="persons of disability grade 1 or 2",
        sentence={
            "zh": "一、二级重度残疾 {severely_disabled} 人",
            "en": "persons with a severe disability (grade 1 or 2): {severely_disabled}",
        },
    ),
    Feature(
        name="disabled_12m",
        table="disabilities",
        columns=("certified_on",),
        reason="disability",
        unit="persons",
        sign=1,
        empty=0,
        zh="近12个月新办残疾证人数",
        en="disability certificates issued within 12 months",
        sentence={
            "zh": "近12个月新办残疾证 {disabled_12m} 人",
            "en": "disability certificates issued over 12 months: {disabled_12m}",
        },
    ),
)

_NOTED = (
    Feature(
        name="disabled_share",
        table="members",
        columns=("health_status",),
        reason="disability",
        unit="share",
        sign=1,
        zh="健康状况为残疾的人口占比",
        en="share of members noted as disabled",
        sentence={
            "zh": "健康状况登记为残疾的人口占 {disabled_share}",
            "en": "{disabled_share} of the household is noted as disabled",
        },
    ),
)


def _certified(view: AsOfView) -> pl.DataFrame:
    certificates = view.known.require("disabilities")
    if view.known.tells("members"):
        living_here = view.residents.select("person_id", "household_id")
        certificates = certificates.join(living_here, on=["person_id", "household_id"], how="semi")
    expressions = {
        "disabled_persons": pl.col("person_id").n_unique(),
        "severely_disabled": _persons(pl.col("grade") <= 2),
        "disabled_12m": _persons(Window(months=12).holds(pl.col("certified_on"), view.as_of)),
    }
    return certificates.group_by("household_id").agg(**wanted(view, _CERTIFIED, expressions))


def _persons(within: pl.Expr) -> pl.Expr:
    is_known = within.any(ignore_nulls=True) | within.is_not_null().all()
    return pl.when(is_known).then(pl.col("person_id").filter(within).n_unique())


def _noted(view: AsOfView) -> pl.DataFrame:
    disabled = pl.col("health_status").str.contains("disabled", literal=True)
    expressions = {"disabled_share": known_share(disabled)}
    return view.residents.group_by("household_id").agg(**wanted(view, _NOTED, expressions))


BUILDERS = (
    Builder(name="disability certificates", features=_CERTIFIED, build=_certified),
    Builder(name="disability noted", features=_NOTED, build=_noted),
)
