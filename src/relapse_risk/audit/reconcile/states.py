"""Status of a person or household in the register, compared with a department's list."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import polars as pl

from relapse_risk.ingest.event_pairs import agree, differing, join_sides
from relapse_risk.ingest.sides import PLACE
from relapse_risk.policy import Tolerances

__all__ = ["StateComparison", "compared_states", "listed_units", "register_units", "spells_of_work"]

_WHO, _WHEN = "_who", "_when"
_STATEMENTS = ("households", "members")  # of which the newest counts; other tables are lists, added up
_DAYS_A_MONTH = 365.25 / 12


@dataclass(frozen=True, kw_only=True)
class StateComparison:
    """A comparison of what the register says of somebody with a list that a department keeps.

    The unit is a person or household, or one of them in a year. The register claims it, denies it or is silent; the
    list holds it or not.

    Attributes
    ----------
    comparison : str
        Its wording is in ``reconcile.toml``.
    who : str
        ``person_id`` or ``household_id``.
    claimed_in : str
        The register's table.
    claims : pl.Expr
        What the register says: true or false; null is silence.
    listed_in : str
        The department's table.
    where : pl.Expr
        Which of its rows count.
    denied_column : str
        The column that is in conflict where the register denies what the list holds.
    when : str
        ``ever``: the register's newest word against the whole list. ``year``: its newest word of a year against the
        rows of that year. ``next``: each row against the register's first word after the row was recorded.
    day : str
        The column of the list's day.
    register_amount, listed_amount : pl.Expr or None
        Amounts; null where there is none. Those of a list are added up.
    unit : str
        ``yuan`` or ``months``.
    compared : tuple of str
        Further columns that both have.
    one_way : bool
        Whether a list that is silent says nothing against the register.
    made : callable or None
        Makes the units' rows of those of the list.
    """

    comparison: str
    who: str
    claimed_in: str
    claims: pl.Expr
    listed_in: str
    where: pl.Expr
    denied_column: str
    when: Literal["ever", "year", "next"]
    day: str
    register_amount: pl.Expr | None = None
    listed_amount: pl.Expr | None = None
    unit: Literal["yuan", "months"] = "yuan"
    compared: tuple[str, ...] = ()
    one_way: bool = False
    made: Callable[[pl.DataFrame], pl.DataFrame] | None = None

    @property
    def claimed_by(self) -> list[str]:
        """The columns the register must have."""
        return _roots(self.claims, self.register_amount)

    @property
    def listed_by(self) -> list[str]:
        """The columns the list must have."""
        return _roots(self.where, pl.col(self.day) if self.when != "ever" else None)


def register_units(frame: pl.DataFrame, state: StateComparison) -> pl.DataFrame:
    """Return what the register says: a row a unit, with ``_claims``, ``_amount``, ``recorded_on`` and its place.

    Its newest word counts; silence only where it never spoke.
    """
    stated = frame.with_columns(
        pl.col(state.who).alias(_WHO),
        _day_stated(frame, state).alias(_WHEN),
        state.claims.alias("_claims"),
        _amount(state.register_amount).alias("_amount"),
    ).drop_nulls(_WHO)
    if state.claimed_in not in _STATEMENTS:
        return _added_up(stated.filter("_claims"), state)
    silent = pl.col("_claims").is_null()
    newest_first = stated.sort(
        silent, "recorded_on", *PLACE, descending=[False, True, False, False, False], nulls_last=True
    )
    newest = newest_first.unique([_WHO, _WHEN], keep="first", maintain_order=True)
    return newest.select(*_columns(stated, state), "_claims", "recorded_on")


def listed_units(frame: pl.DataFrame, state: StateComparison, register: pl.DataFrame) -> pl.DataFrame:
    """Return what the list holds: a row a unit, with ``_amount`` and the place of its first row.

    Who is not in the register is known by the hash of the number.
    """
    rows = frame.filter(state.where)
    if state.made is not None:
        rows = state.made(rows)
    stranger = pl.concat_str(pl.lit("?"), pl.coalesce("_id", "_certificate", "_head_id"))
    stated = rows.with_columns(
        pl.coalesce(state.who, stranger, pl.concat_str(pl.lit("?"), *PLACE, separator="/", ignore_nulls=True)).alias(
            _WHO
        ),
        _amount(state.listed_amount).alias("_amount"),
    )
    return _added_up(_dated(stated, state, register), state)


def compared_states(
    register: pl.DataFrame, listed: pl.DataFrame, state: StateComparison, tolerances: Tolerances
) -> pl.DataFrame:
    """Return every unit that either side speaks of, with its ``outcome`` and the ``columns`` in conflict."""
    both = join_sides(register, listed.with_columns(_listed=pl.lit(True)), on=(_WHO, _WHEN), how="full")
    same = _amounts_agree(state, tolerances).fill_null(pl.col("_claims"))
    denied = pl.when(~same).then(pl.lit(state.denied_column))
    columns = pl.concat_str(denied, differing(state.compared, both, tolerances), separator="+", ignore_nulls=True)
    there, stated_columns = pl.col("_listed_listed").is_not_null(), pl.col("_claims").is_not_null()
    outcome = (
        pl.when(there & ~stated_columns)
        .then(pl.lit("only_department"))
        .when(there & (columns == ""))
        .then(pl.lit("matched"))
        .when(there)
        .then(pl.lit("conflict"))
        .when(pl.col("_claims") & pl.lit(not state.one_way))
        .then(pl.lit("only_register"))
    )
    stated = both.with_columns(outcome=outcome, columns=columns).drop_nulls("outcome")
    return stated.with_columns(pl.when(pl.col("outcome") == "conflict").then("columns"))


def spells_of_work(rows: pl.DataFrame) -> pl.DataFrame:
    """Make a row a spell and year it reaches into, with its ``_months`` in that year and its ``work_region``.

    Days of two spells at once count once. Posts paid by the public purse are left out: registers keep them apart from
    the months of work. A spell without an end goes on to the end of the list's last year.
    """
    market = rows.filter(pl.col("channel").ne_missing("public_post")) if "channel" in rows.columns else rows
    ended_on = pl.col("ended_on") if "ended_on" in rows.columns else pl.lit(None, dtype=pl.Date)
    years = [market[name].dt.year().max() for name in ("started_on", "ended_on", "recorded_on") if name in rows.columns]
    last = pl.date(max([year for year in years if isinstance(year, int)], default=1), 12, 31)
    spans = market.drop_nulls("started_on").with_columns(ended_on=ended_on.fill_null(last))
    years_touched = pl.int_ranges(pl.col("started_on").dt.year(), pl.col("ended_on").dt.year() + 1)
    in_year = spans.with_columns(_year=years_touched).explode("_year").drop_nulls("_year")
    pieces = in_year.with_columns(
        started_on=pl.max_horizontal("started_on", pl.date("_year", 1, 1)),
        ended_on=pl.min_horizontal("ended_on", pl.date("_year", 12, 31)),
        work_region=pl.col("region") if "region" in rows.columns else pl.lit(None, dtype=pl.String),
    ).sort("started_on", "ended_on", *PLACE)
    before = pl.col("ended_on").cum_max().shift().over("person_id", "_id", "_year")
    days = (pl.col("ended_on") - pl.max_horizontal("started_on", before + pl.duration(days=1))).dt.total_days() + 1
    months = (pl.max_horizontal(days, 0) / _DAYS_A_MONTH).alias("_months")
    return pieces.with_columns(months).sort("_months", *PLACE, descending=[True, False, False, False])


def _roots(*expressions: pl.Expr | None) -> list[str]:
    found = [name for expression in expressions if expression is not None for name in expression.meta.root_names()]
    return list(dict.fromkeys(found))


def _amount(expression: pl.Expr | None) -> pl.Expr:
    return pl.lit(None, dtype=pl.Float64) if expression is None else expression.cast(pl.Float64)


def _day_stated(frame: pl.DataFrame, state: StateComparison) -> pl.Expr:
    if state.when == "ever":
        return pl.lit(0, dtype=pl.Int64)
    if state.claimed_in not in _STATEMENTS:
        return pl.col(state.day).dt.year().cast(pl.Int64)
    own = [pl.col("year")] if "year" in frame.columns else []
    return pl.coalesce(*own, pl.col("recorded_on").dt.year()).cast(pl.Int64)


def _dated(stated: pl.DataFrame, state: StateComparison, register: pl.DataFrame) -> pl.DataFrame:
    if state.when == "ever":
        return stated.with_columns(pl.lit(0, dtype=pl.Int64).alias(_WHEN))
    if state.when == "year":
        return stated.with_columns(pl.col(state.day).dt.year().cast(pl.Int64).alias(_WHEN))
    known = stated.with_columns(_known_on=pl.coalesce("recorded_on", state.day)).drop("recorded_on")
    words = register.select(_WHO, _WHEN, "recorded_on").drop_nulls().sort("recorded_on", _WHEN)
    return known.sort("_known_on", *PLACE, nulls_last=True).join_asof(
        words, left_on="_known_on", right_on="recorded_on", by=_WHO, strategy="forward", check_sortedness=False
    )


def _added_up(stated: pl.DataFrame, state: StateComparison) -> pl.DataFrame:
    amount = pl.when(pl.col("_amount").count() > 0).then(pl.col("_amount").sum()).alias("_amount")
    kept = [name for name in _columns(stated, state) if name not in (_WHO, _WHEN, "_amount")]
    firsts = [pl.col(name).first() for name in kept]
    return stated.group_by(_WHO, _WHEN, maintain_order=True).agg(amount, *firsts, _claims=pl.lit(True))


def _columns(stated: pl.DataFrame, state: StateComparison) -> list[str]:
    wanted = (_WHO, _WHEN, "_amount", *PLACE, "household_id", "person_id", *state.compared)
    return [name for name in wanted if name in stated.columns]


def _amounts_agree(state: StateComparison, tolerances: Tolerances) -> pl.Expr:
    if state.unit == "months":
        return (pl.col("_amount") - pl.col("_amount_listed")).abs() <= tolerances.months
    return agree("_amount", pl.Float64(), tolerances)
