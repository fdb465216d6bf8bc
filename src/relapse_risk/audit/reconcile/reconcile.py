"""Departments reconciled with the register: matched, only here, only there, in conflict, with amounts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.audit.reconcile.declared import STATES
from relapse_risk.audit.reconcile.states import StateComparison, compared_states, listed_units, register_units
from relapse_risk.ingest import ExportDictionary, Note
from relapse_risk.ingest.event_comparisons import EVENTS
from relapse_risk.ingest.event_pairs import EventComparison, differing, join_sides, paired
from relapse_risk.ingest.sheet_schema import shaped
from relapse_risk.ingest.sides import current, of_department, of_register, stated_columns
from relapse_risk.policy import Policy, ReconcilePolicy, Texts, Tolerances, read_model, read_policy

__all__ = ["COMPARISONS", "OUTCOMES", "Reconciliation", "note_text", "reconcile"]

OUTCOMES = ("matched", "only_register", "only_department", "conflict")

COMPARISONS = tuple(spec.comparison for spec in (*EVENTS, *STATES))
"""Every comparison, in the order it is reported."""

_PLACED = {"source": pl.String, "sheet": pl.String, "row": pl.UInt32}
_PAIRS = pl.Schema(
    {
        **dict.fromkeys(("comparison", "outcome", "household_id", "person_id"), pl.String),
        "year": pl.Int64,
        **{f"register_{name}": dtype for name, dtype in _PLACED.items()},
        **{f"department_{name}": dtype for name, dtype in _PLACED.items()},
        **dict.fromkeys(("columns", "unit"), pl.String),
        **dict.fromkeys(("register_amount", "department_amount", "difference"), pl.Float64),
    }
)
_ACCOUNTS = pl.Schema(
    {
        **dict.fromkeys(("comparison", "side"), pl.String),
        **dict.fromkeys(("read", "replaced", "repeated", "beyond", "compared"), pl.UInt32),
    }
)


@dataclass(frozen=True, kw_only=True, eq=False)
class Reconciliation:
    """What departments say of the same people as the register.

    Attributes
    ----------
    pairs : pl.DataFrame
        A row or unit each that either side speaks of: comparison; outcome (``matched``, ``only_register``,
        ``only_department``, ``conflict``); household_id and person_id, null for who is not in the register;
        year of a unit that is one; source, sheet and row on either side (of a unit its first row's; for
        ``only_department`` what the register left blank); the columns in conflict, joined by ``+``; the amounts of
        both in ``unit`` (yuan or months), and the department's less the register's.
    summary : pl.DataFrame
        By comparison and outcome: rows, households, unit, amount_register, amount_department, and the difference added
        up over pairs of which both amounts are known.
    accounts : pl.DataFrame
        By comparison and side (``register``, ``department``): read = replaced (by a later version) + repeated (by
        another file) + beyond (years and kinds the list does not speak of) + compared, and compared rows are matched,
        in conflict or only there. Of what the register says of a person or household the units are counted.
    notes : tuple of (str, Mapping)
        Comparisons left out for want of tables or columns: a code with a wording in ``reconcile.toml`` under ``notes``,
        and its details.
    """

    pairs: pl.DataFrame
    summary: pl.DataFrame
    accounts: pl.DataFrame
    notes: tuple[Note, ...]


@dataclass(frozen=True, kw_only=True)
class _Found:
    pairs: Sequence[pl.DataFrame] = ()
    accounts: Sequence[Mapping[str, Any]] = ()
    notes: Sequence[Note] = ()


def reconcile(rows: Mapping[str, pl.DataFrame], policy: Policy | None = None) -> Reconciliation:
    """Reconcile the lists of departments with the register.

    Parameters
    ----------
    rows : Mapping of str to pl.DataFrame
        ``Intake.rows``: by table, every row as it was read. `of_register` says which belong to the register.
    policy : Policy, optional
        Codes of diseases; built-in by default. Tolerances are in ``reconcile.toml``.

    Examples
    --------
    >>> households = pl.DataFrame({"household_id": ["h1", "h2"]})
    >>> loans = {"loan_id": ["L1"], "household_id": ["h1"]}
    >>> ours = pl.DataFrame({**loans, "principal": [50000.0], "_source": ["a.xlsx"], "_linked": ["own"]})
    >>> banks = pl.DataFrame({**loans, "principal": [5000.0], "_source": ["bank.csv"], "_linked": ["number"]})
    >>> place = {"_sheet": pl.lit("s"), "_row": pl.lit(2), "_kept": pl.lit(True)}
    >>> rows = {"households": households.with_columns(_source=pl.lit("a.xlsx"), **place)}
    >>> rows["loans"] = pl.concat([ours, banks]).with_columns(**place)
    >>> reconcile(rows).pairs.filter(comparison="loans").select("outcome", "columns", "difference").rows()
    [('conflict', 'principal', -45000.0)]
    """
    shaped_rows = {**rows}
    if "illness" in rows:
        diseases = ExportDictionary.of(policy or read_policy()).codebook.topics["illness_kind_of_disease"]
        shaped_rows["illness"] = shaped("illness", rows["illness"], diseases)
    tolerances = _packaged_policy().tolerances
    found = [_event(shaped_rows, event, tolerances) for event in EVENTS]
    found += [_state(shaped_rows, state, tolerances) for state in STATES]
    pairs = pl.concat([_PAIRS.to_frame(), *(frame for one in found for frame in one.pairs)])
    return Reconciliation(
        pairs=pairs,
        summary=_summary(pairs),
        accounts=pl.DataFrame([account for one in found for account in one.accounts], schema=_ACCOUNTS),
        notes=tuple(note for one in found for note in one.notes),
    )


def note_text(note: Note, texts: Texts) -> str:
    """Return a note of a reconciliation as a sentence.

    Examples
    --------
    >>> note = ("left_out_table", {"comparison": "loans", "side": "department", "table": "loans"})
    >>> note_text(note, Texts("en"))
    'banks: loan by loan: not compared, there is no table loans of a department'
    """
    code, details = note
    comparison = texts("reconcile.comparisons", details["comparison"])
    side = texts("reconcile.sides", details["side"])
    return texts("reconcile.notes", code, **{**details, "comparison": comparison, "side": side})


def _packaged_policy() -> ReconcilePolicy:
    return read_model(ReconcilePolicy, "reconcile")


def _event(rows: Mapping[str, pl.DataFrame], event: EventComparison, tolerances: Tolerances) -> _Found:
    sides = {"register": of_register(rows, event.table), "department": of_department(rows, event.table)}
    if missing := _missing_events(sides, event):
        return _Found(notes=missing)
    names = [*event.compared, *(name for key in event.keys for name in key.columns)]
    kept = {side: current(frame, event.table, names, event.apart) for side, frame in sides.items()}
    register, department = kept["register"].frame, kept["department"].frame
    both = _with_outcomes(register, department, event, tolerances)
    beyond = (pl.col("outcome") == "only_register") & _beyond(department, event)
    asked = both.filter(~beyond)
    unasked = {"register": both.height - asked.height, "department": 0}
    spoken = [
        _account(
            event.comparison, side, sides[side].height, one.frame.height - unasked[side], one.replaced, one.repeated
        )
        for side, one in kept.items()
    ]
    return _Found(pairs=[_as_pairs(asked, event.comparison, "yuan")], accounts=spoken)


def _with_outcomes(
    register: pl.DataFrame, department: pl.DataFrame, event: EventComparison, tolerances: Tolerances
) -> pl.DataFrame:
    pairs = paired(register, department, event, tolerances).with_row_index("_pair")
    here = register.with_row_index("_at").join(
        pairs.select("_pair", "_at"), on="_at", how="left", maintain_order="left"
    )
    there = department.with_row_index("_at").join(
        pairs.select("_pair", pl.col("_at_listed").alias("_at")), on="_at", how="left", maintain_order="left"
    )
    spoken = {
        side: stated_columns(frame, event.compared)
        for side, frame in (("register", register), ("department", department))
    }
    by_both = [name for name in spoken["register"] if name in spoken["department"]]
    names = [*by_both, *spoken["register"], *spoken["department"]]
    amount = next((name for name in names if department.schema[name].is_float()), None)
    both = join_sides(
        here.with_columns(_amount=_column(amount)),
        there.with_columns(_amount=_column(amount)),
        on=("_pair",),
        how="full",
    )
    columns = differing(event.compared, both, tolerances)
    outcome = (
        pl.when(pl.col("_at_listed").is_null())
        .then(pl.lit("only_register"))
        .when(pl.col("_at").is_null())
        .then(pl.lit("only_department"))
        .when(columns.is_null())
        .then(pl.lit("matched"))
        .otherwise(pl.lit("conflict"))
    )
    return both.with_columns(columns=columns, outcome=outcome)


def _column(amount: str | None) -> pl.Expr:
    return pl.lit(None, dtype=pl.Float64) if amount is None else pl.col(amount)


def _beyond(department: pl.DataFrame, event: EventComparison) -> pl.Expr:
    """Return whether a row of the register is of a year or kind that the department's list does not speak of."""
    years = department[event.day].dt.year() if event.day in department.columns else pl.Series([], dtype=pl.Int32)
    year = pl.col(event.day).dt.year() if event.day in department.columns else pl.lit(None, dtype=pl.Int32)
    other_year = ~year.is_between(pl.lit(years.min()), pl.lit(years.max())).fill_null(True)
    if event.kind is None:
        return other_year
    return other_year | ~pl.col(event.kind).is_in(department[event.kind].unique().implode())


def _state(rows: Mapping[str, pl.DataFrame], state: StateComparison, tolerances: Tolerances) -> _Found:
    sides = {"register": of_register(rows, state.claimed_in), "department": of_department(rows, state.listed_in)}
    if missing := _missing_states(sides, state):
        return _Found(notes=missing)
    register = register_units(sides["register"], state)
    department = listed_units(sides["department"], state, register)
    if department.is_empty():
        return _Found(notes=[_left_out_table(state.comparison, "department", state.listed_in)])
    both = compared_states(register, department, state, tolerances)
    asked = both.filter(~_beyond_years(department, state))
    spoken = [_account(state.comparison, "register", register["_claims"].count(), asked["_claims"].count())]
    spoken += [_account(state.comparison, "department", department.height, department.height)]
    return _Found(pairs=[_as_pairs(asked, state.comparison, state.unit)], accounts=spoken)


def _beyond_years(department: pl.DataFrame, state: StateComparison) -> pl.Expr:
    years = department["_when"]
    alone = pl.col("outcome") == "only_register"
    return alone & ~pl.col("_when").is_between(pl.lit(years.min()), pl.lit(years.max())).fill_null(True)


def _account(
    comparison: str, side: str, read: int, compared: int, replaced: int = 0, repeated: int = 0
) -> dict[str, Any]:
    beyond = read - compared - replaced - repeated
    return dict(zip(_ACCOUNTS, (comparison, side, read, replaced, repeated, beyond, compared), strict=True))


def _missing_events(sides: Mapping[str, pl.DataFrame], event: EventComparison) -> list[Note]:
    absent = [side for side, frame in sides.items() if frame.is_empty()]
    if absent:
        return [_left_out_table(event.comparison, side, event.table) for side in absent]
    spoken = [
        {*stated_columns(frame, [name for key in event.keys for name in key.columns])} for frame in sides.values()
    ]
    if any(set(key.columns) <= spoken[0] & spoken[1] for key in event.keys):
        return []
    wanted = {*event.keys[-1].columns}
    missing = {side: sorted(wanted - there) for side, there in zip(sides, spoken, strict=True)}
    return [_left_out_columns(event.comparison, side, event.table, names) for side, names in missing.items() if names]


def _missing_states(sides: Mapping[str, pl.DataFrame], state: StateComparison) -> list[Note]:
    tables = {"register": state.claimed_in, "department": state.listed_in}
    absent = [side for side, frame in sides.items() if frame.is_empty()]
    if absent:
        return [_left_out_table(state.comparison, side, tables[side]) for side in absent]
    wanted = {"register": state.claimed_by, "department": state.listed_by}
    missing = {
        side: [name for name in names if name not in stated_columns(sides[side], names)]
        for side, names in wanted.items()
    }
    return [_left_out_columns(state.comparison, side, tables[side], names) for side, names in missing.items() if names]


def _left_out_table(comparison: str, side: str, table: str) -> Note:
    return "left_out_table", {"comparison": comparison, "side": side, "table": table}


def _left_out_columns(comparison: str, side: str, table: str, names: Sequence[str]) -> Note:
    return "left_out_columns", {"comparison": comparison, "side": side, "table": table, "columns": ", ".join(names)}


def _as_pairs(both: pl.DataFrame, comparison: str, unit: str) -> pl.DataFrame:
    years = pl.coalesce("_when", "_when_listed") if "_when" in both.columns else pl.lit(None, dtype=pl.Int64)
    conflict = pl.col("outcome") == "conflict"
    places = {f"register_{name}": pl.col(f"_{name}") for name in _PLACED}
    places |= {f"department_{name}": pl.col(f"_{name}_listed") for name in _PLACED}
    return (
        both.with_columns(
            comparison=pl.lit(comparison),
            year=pl.when(years > 0).then(years),
            household_id=_either(both, "household_id"),
            person_id=_either(both, "person_id"),
            columns=pl.when(conflict).then("columns"),
            unit=pl.when(pl.coalesce("_amount", "_amount_listed").is_not_null()).then(pl.lit(unit)),
            register_amount=pl.col("_amount"),
            department_amount=pl.col("_amount_listed"),
            difference=(pl.col("_amount_listed") - pl.col("_amount")).round(2),
            **places,
        )
        .select(_PAIRS.names())
        .cast(_PAIRS)
        .sort(*places, "year", "household_id", "person_id", nulls_last=True)
    )


def _either(both: pl.DataFrame, name: str) -> pl.Expr:
    found = [pl.col(one) for one in (name, f"{name}_listed") if one in both.columns]
    return pl.coalesce(*found, pl.lit(None, dtype=pl.String))


def _summary(pairs: pl.DataFrame) -> pl.DataFrame:
    """Return every outcome of every comparison that was made, also those that did not come up."""
    compared = [name for name in COMPARISONS if name in pairs["comparison"].implode().item()]
    grid = pl.DataFrame({"comparison": compared}, schema={"comparison": pl.String}).join(
        pl.DataFrame({"outcome": OUTCOMES}), how="cross", maintain_order="left_right"
    )
    counted = pairs.group_by("comparison", "outcome").agg(
        pl.len().alias("rows"),
        pl.col("household_id").drop_nulls().n_unique().alias("households"),
        pl.col("unit").drop_nulls().first(),
        pl.col("register_amount").sum().round(2).alias("amount_register"),
        pl.col("department_amount").sum().round(2).alias("amount_department"),
        pl.col("difference").sum().round(2),
    )
    whole = grid.join(counted, on=["comparison", "outcome"], how="left", maintain_order="left")
    return whole.with_columns(pl.exclude("comparison", "outcome", "unit").fill_null(0))
