"""Groups of households, for evaluating a model on each of them; no model uses them."""

from collections.abc import Sequence

import polars as pl

from relapse_risk.features.known_frames import ELDERLY
from relapse_risk.periods import AsOf
from relapse_risk.records import AsOfView, AsOfViews, Records

__all__ = ["GROUPS", "describe_households"]

GROUPS = ("ethnicity", "elderly", "disabled", "female_headed", "relocated", "county", "household_type")
"""What households are judged by."""

_BLANK = pl.lit("", dtype=pl.String)


def describe_households(records: Records | AsOfViews, days: Sequence[AsOf]) -> pl.DataFrame:
    """Return who each household known on each day is, by what was known on the day.

    Parameters
    ----------
    records : Records or AsOfViews
        All versions of the records, or the views of the days.
    days : sequence of AsOf

    Returns
    -------
    pl.DataFrame
        as_of, household_id, each of `GROUPS` and ``village`` as text, the empty text where it is not known;
        ``weight``, null where it is not known or no weight. Flags read ``yes`` and ``no``. ``ethnicity`` and
        ``female_headed`` are the head's; ``elderly``: somebody of 60 or more lives there; ``disabled``: somebody who
        lives there holds a certificate or is noted as disabled; a village is its code, else county, town and village.

    Examples
    --------
    >>> from datetime import date
    >>> homes = pl.DataFrame({"household_id": ["h1"], "recorded_on": [date(2019, 1, 1)], "county": ["A"]})
    >>> found = describe_households(Records({"households": homes}), [AsOf.of("2019-12-31")])
    >>> found["county"].to_list(), found["elderly"].to_list(), found["weight"].to_list()
    (['A'], [''], [None])
    """
    views = AsOfViews.of(records)
    areas = views.areas(day.day for day in days)
    return pl.concat([_on(views.on(day), areas.filter(as_of=day.day)) for day in days])


def _on(view: AsOfView, areas: pl.DataFrame) -> pl.DataFrame:
    known = view.known
    frame = _homes(known)
    for more in (areas.select("household_id", "village"), _people(view), _certified(view)):
        frame = frame if more is None else frame.join(more, on="household_id", how="left")
    flags = {name: _worded(_flag(frame, name, known)) for name in ("elderly", "disabled", "female_headed", "relocated")}
    texts = {name: _text(frame, name) for name in ("ethnicity", "county", "household_type", "village")}
    found = {**flags, **texts}
    return frame.select(
        pl.lit(view.as_of.day).alias("as_of"),
        "household_id",
        *(found[name].alias(name) for name in (*GROUPS, "village")),
        "weight",
    )


def _homes(known: Records) -> pl.DataFrame:
    homes = known.require("households")
    there = set(homes.columns)
    weight = pl.col("weight").cast(pl.Float64, strict=False) if "weight" in there else pl.lit(None, dtype=pl.Float64)
    return homes.select(
        "household_id",
        *(pl.col(name).cast(pl.String) for name in ("county", "household_type") if name in there),
        *([pl.col("relocated").cast(pl.Boolean)] if "relocated" in there else []),
        pl.when(weight.is_finite() & (weight >= 0)).then(weight).alias("weight"),
    )


def _people(view: AsOfView) -> pl.DataFrame | None:
    if not view.known.has("members"):
        return None
    people = view.residents
    there = set(people.columns)
    found = {"elderly": _any(pl.col("age") >= ELDERLY)}
    if "health_status" in there:
        found["noted"] = _any(pl.col("health_status").str.contains("disabled", literal=True))
    if "relation" in there:
        head = pl.col("relation") == "head"
        if "sex" in there:
            found["female_headed"] = (pl.col("sex") == "female").filter(head).first()
        if "ethnicity" in there:
            found["ethnicity"] = pl.col("ethnicity").filter(head).first()
    return people.group_by("household_id").agg(**found)


def _certified(view: AsOfView) -> pl.DataFrame | None:
    holders = view.known.table("disabilities")
    if holders is None:
        return None
    if view.known.has("members"):
        living_here = view.residents.select("person_id", "household_id")
        holders = holders.join(living_here, on=["person_id", "household_id"], how="semi")
    return holders.group_by("household_id").agg(certified=pl.len() > 0)


def _flag(frame: pl.DataFrame, name: str, known: Records) -> pl.Expr:
    if name == "disabled":
        # Who holds a certificate is in the table; who is not in it holds none.
        signs = [pl.col("certified").fill_null(False)] if "certified" in frame.columns else []
        noted = pl.col("noted").fill_null(False) if signs else pl.col("noted")
        signs += [noted] if "noted" in frame.columns else []
        return pl.any_horizontal(signs) if signs else pl.lit(None, dtype=pl.Boolean)
    return pl.col(name) if name in frame.columns else pl.lit(None, dtype=pl.Boolean)


def _any(holds: pl.Expr) -> pl.Expr:
    """Return true where it holds for somebody, false where it is known to hold for nobody, else null."""
    return pl.when(holds.any()).then(True).when(holds.is_not_null().all()).then(False)


def _worded(flag: pl.Expr) -> pl.Expr:
    return pl.when(flag).then(pl.lit("yes")).when(~flag).then(pl.lit("no")).otherwise(_BLANK)


def _text(frame: pl.DataFrame, name: str) -> pl.Expr:
    return pl.col(name).str.strip_chars().fill_null("") if name in frame.columns else _BLANK
