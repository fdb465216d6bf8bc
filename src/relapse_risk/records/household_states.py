"""What a household is on a day: poor, out of poverty, fallen back, watched. The one definition; unknown is never no."""

from collections.abc import Collection

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.periods import AsOf
from relapse_risk.records.records import Records

__all__ = ["POOR_STATES", "STATES", "is_of_types", "keeps_types", "states_of"]

STATES = ("never_poor", "near_poor", "poor", "exited", "relapsed", "exited_again")
"""What a household may be."""

POOR_STATES = ("poor", "relapsed")
"""The states of who is poor by the register."""

_OF_TYPE = {
    "exited": ("exited", "exited_again"),
    "poor": POOR_STATES,
    "near_poor": ("near_poor",),
    "general": ("never_poor",),
}
_CALLED = {"exited": "exited", "poor": "poor", "near_poor": "near_poor", "general": "never_poor"}
# Who is watched as unstable has left poverty; who is watched as near-poor was never registered; sudden hardship may
# strike anybody.
_WATCHED = {"unstable": "exited", "near_poor": "near_poor"}
_KIND = pl.String()


def is_of_types(types: Collection[str]) -> pl.Expr:
    """Return whether the state of a row is one of households of some types; null where the state is not known.

    Examples
    --------
    >>> pl.DataFrame({"state": ["exited_again", "relapsed", None]}).select(is_of_types(["exited"]))["state"].to_list()
    [True, False, None]
    """
    return pl.col("state").is_in([state for kind in types for state in _OF_TYPE[kind]])


def keeps_types(known: Records) -> bool:
    """Return whether the register calls any household anything."""
    return known.has("households", "household_type") and known.require("households")["household_type"].count() > 0


def states_of(
    known: Records,
    versions: pl.DataFrame | None,
    entries: pl.DataFrame,
    incomes: pl.DataFrame | None,
    as_of: AsOf,
) -> pl.DataFrame:
    """Return state, monitored, monitoring_type and cleared of every household, see `AsOfView.states`.

    Parameters
    ----------
    known : Records
        The state of the day.
    versions : pl.DataFrame or None
        Every version of households known by then, with recorded_on filled.
    entries : pl.DataFrame
        From `relapse_entries_of`.
    incomes : pl.DataFrame or None
        Current incomes, where the register keeps no types.
    as_of : AsOf
    """
    said = _statements(versions, as_of)
    homes = _homes(known)
    stays = _stays(known, as_of)
    rows = homes.select("household_id")
    for part in (_last_word(homes, said), _relapses(said, stays, entries, incomes), _watch(homes, stays, known)):
        rows = rows.join(part, on="household_id", how="left", maintain_order="left")
    return rows.select("household_id", _state(), "monitored", "monitoring_type", "cleared")


def _homes(known: Records) -> pl.DataFrame:
    """Return every household known, with its own words: household_type, monitoring_type and monitored."""
    table = known.table("households")
    if table is None:
        if not known.has("incomes"):
            raise InputError("nobody_known", missing="households, incomes")
        table = known.require("incomes").select(pl.col("household_id").unique().sort())
    own = {"household_type": _KIND, "monitoring_type": _KIND, "monitored": pl.Boolean()}
    columns = [
        (pl.col(name) if name in table.columns else pl.lit(None, kind)).alias(name) for name, kind in own.items()
    ]
    return table.select("household_id", *columns)


def _statements(versions: pl.DataFrame | None, as_of: AsOf) -> pl.DataFrame:
    """Return what the register said of each household and when: household_type and exit_year, in one order."""
    schema = {"household_id": pl.String, "stated_on": pl.Date, "household_type": pl.String, "exit_year": pl.Int64}
    if versions is None:
        return pl.DataFrame(schema=schema)
    columns = [
        (pl.col(name) if name in versions.columns else pl.lit(None)).cast(schema[name]).alias(name)
        for name in ("household_type", "exit_year")
    ]
    said = versions.select("household_id", *columns, stated_on="recorded_on")
    # An exit that is planned, or mistyped into the future, has not come.
    come = pl.when(pl.col("exit_year") <= as_of.year).then("exit_year")
    return said.with_columns(exit_year=come).sort("household_id", "stated_on", "exit_year", "household_type")


def _last_word(homes: pl.DataFrame, said: pl.DataFrame) -> pl.DataFrame:
    """Return what each household was last called, whether it had left poverty before, and its last exit year."""
    kind, year, day = pl.col("household_type"), pl.col("exit_year"), pl.col("stated_on")
    typed = said.filter(kind.is_not_null())
    earlier = typed.group_by("household_id").agg(called=kind.last(), called_on=day.max())
    before = said.join(earlier, on="household_id", how="left").group_by("household_id").agg(
        was_exited=((kind == "exited") & (day < pl.col("called_on"))).any()
        | (year < pl.col("called_on").dt.year()).any(),
        exit_year=year.max(),
    )  # fmt: skip
    words = homes.select("household_id", newest="household_type")
    rows = words.join(earlier, on="household_id", how="left").join(before, on="household_id", how="left")
    # A blank cell in the newest row takes nothing back.
    return rows.select("household_id", "was_exited", "exit_year", called=pl.coalesce("newest", "called"))


def _stays(known: Records, as_of: AsOf) -> pl.DataFrame | None:
    """Return the identifications by the day: monitoring_type, cleared_on and whether each is open, null if not told.

    None where the register has no entry of anybody: it then does not say who is not watched.
    """
    stays = known.table("monitoring")
    if stays is None or stays.is_empty():
        return None
    clears = "cleared_on" in stays.columns
    rows = stays.filter(pl.col("identified_on") <= as_of.day).with_columns(
        monitoring_type=pl.col("monitoring_type") if "monitoring_type" in stays.columns else pl.lit(None, _KIND),
        cleared_on=pl.col("cleared_on") if clears else pl.lit(None, pl.Date()),
    )
    is_open = pl.col("cleared_on").is_null() if clears else pl.lit(None, pl.Boolean())
    return rows.with_columns(open=is_open).sort("household_id", "identified_on", "monitoring_type")


def _watch(homes: pl.DataFrame, stays: pl.DataFrame | None, known: Records) -> pl.DataFrame:
    """Return whether each household is watched (monitored), as what (monitoring_type), and whether it was cleared."""
    tells = stays is not None or homes["monitoring_type"].count() > 0
    said = pl.when(pl.col("own").is_not_null()).then(True).otherwise("flag")
    others = said.fill_null(pl.lit(False if tells else None, dtype=pl.Boolean))
    rows = homes.select("household_id", own="monitoring_type", flag="monitored")
    if stays is None:
        cleared = pl.lit(None, dtype=pl.Boolean)
        return rows.select("household_id", monitored=others, monitoring_type="own", cleared=cleared)
    states = stays.group_by("household_id", maintain_order=True).agg(
        identified=pl.lit(True),
        open=pl.col("open").any(ignore_nulls=False),
        kind=pl.col("monitoring_type").filter(pl.col("open") | pl.col("open").is_null()).drop_nulls().last(),
    )
    rows = rows.join(states, on="household_id", how="left", maintain_order="left")
    monitored = pl.when("identified").then("open").otherwise(others)
    kind = pl.when(monitored.fill_null(True)).then(pl.coalesce("kind", "own"))
    cleared = pl.when("identified").then(~pl.col("open")).otherwise(False)
    return rows.select("household_id", monitored=monitored, monitoring_type=kind, cleared=cleared)


def _relapses(
    said: pl.DataFrame, stays: pl.DataFrame | None, entries: pl.DataFrame, incomes: pl.DataFrame | None
) -> pl.DataFrame:
    """Return whether the relapse of each household that has one is over: ended."""
    last = entries.group_by("household_id").agg(pl.col("entered_on").max(), relapsed_on=pl.col("happened_on").max())
    rows = last
    for part in (_said_since(said, last), _cleared_since(stays, last), _earned_since(incomes, last)):
        rows = rows.join(part, on="household_id", how="left")
    over = pl.any_horizontal("exited_since", "cleared_since", "earned_since")
    return rows.select("household_id", ended=over.fill_null(False))  # the entry stands until something else is said


def _said_since(said: pl.DataFrame, last: pl.DataFrame) -> pl.DataFrame:
    """Return whom the register has called exited since the entry, by an exit that is not one of before."""
    kind, year, day = pl.col("household_type"), pl.col("exit_year"), pl.col("stated_on")
    since = day > pl.col("entered_on")
    exited = since & (kind == "exited")
    found = said.join(last, on="household_id", maintain_order="left").group_by("household_id").agg(
        fell=pl.col("relapsed_on").first().dt.year(),
        exit_year=year.filter(exited).drop_nulls().last(),
        exit_before=year.filter(~since).max(),
        exited_on=day.filter(exited).max(),
        poor_on=day.filter((day >= pl.col("entered_on")) & (kind == "poor")).min(),
    )  # fmt: skip
    exit_year, fell = pl.col("exit_year"), pl.col("fell")
    again = (exit_year > fell) | ((exit_year == fell) & (pl.col("exit_before") < fell))
    turned = exit_year.is_null() & (pl.col("poor_on") < pl.col("exited_on"))
    return found.select("household_id", exited_since=again.fill_null(False) | turned.fill_null(False))


def _cleared_since(stays: pl.DataFrame | None, last: pl.DataFrame) -> pl.DataFrame:
    """Return who was identified on or after the relapse, and whose risk was cleared after its entry; nobody is open."""
    if stays is None:
        return pl.DataFrame(schema={"household_id": pl.String, "cleared_since": pl.Boolean})
    own = (pl.col("identified_on") >= pl.col("relapsed_on")) & (pl.col("cleared_on") > pl.col("entered_on"))
    of_home = stays.join(last, on="household_id").group_by("household_id")
    return of_home.agg(cleared_since=own.any() & pl.col("cleared_on").is_not_null().all())


def _earned_since(incomes: pl.DataFrame | None, last: pl.DataFrame) -> pl.DataFrame:
    """Return whose income was above the line since, where the register keeps no types and incomes decide."""
    if incomes is None:
        return pl.DataFrame(schema={"household_id": pl.String, "earned_since": pl.Boolean})
    since = (pl.col("period_end") >= pl.col("relapsed_on")) & (pl.col("ratio") > 1)
    return incomes.join(last, on="household_id").select("household_id", earned_since=since)


def _state() -> pl.Expr:
    """Return the state: a relapse that is not over counts before any type, and who left poverty and is poor fell."""
    called, ended = pl.col("called"), pl.col("ended")
    poor = called == "poor"
    watched = pl.when("monitored").then(pl.col("monitoring_type").replace_strict(_WATCHED, default=None))
    by_word = pl.coalesce(
        called.replace_strict(_CALLED, default=None),
        pl.when(pl.col("exit_year").is_not_null()).then(pl.lit("exited")),
        watched,
    )
    fell = (poor & (ended.is_not_null() | pl.col("was_exited"))).fill_null(False)
    return (
        pl.when(fell | ~ended.fill_null(True))
        .then(pl.lit("relapsed"))
        .when(ended.is_not_null())
        .then(pl.lit("exited_again"))
        .otherwise(by_word)
        .alias("state")
    )
