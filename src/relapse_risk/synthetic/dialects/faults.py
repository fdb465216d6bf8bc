"""Faults planted at random cells of what is held, each remembered."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.synthetic.dialects.holdings import Holdings, item
from relapse_risk.synthetic.dialects.layouts import dialect_data
from relapse_risk.synthetic.draws import stream

__all__ = ["PLANTED", "RAW", "ROW", "plant"]

PLANTED = pl.Schema({"holding": pl.String, "item": pl.UInt32, "column": pl.String, "kind": pl.String})
"""One line a fault: the row of which holding, the column, the kind."""

RAW = "raw_"
"""Begins the name of a column that holds what stands in a cell of days instead of a day."""

ROW = "(row)"
"""The column of a fault that is the whole row."""

_RARE = 0.15  # the largest share of the rows that a rare fault can befall
_AMOUNTS = ("wage", "business", "property", "transfer", "production_cost", "net_income", "net_income_per_capita")
_SLIPS = (10_000.0, 0.0001, 10.0, 0.1)
_NO_DAYS = ("-02-30", "-04-31", "-13-05", "-00-00")
_CHECKS = "0123456789X"

Change = Callable[[pl.DataFrame, np.random.Generator], Mapping[str, pl.Series | pl.Expr]]
"""Returns what some columns of rows hold instead."""


@dataclass(frozen=True, kw_only=True)
class _Fault:
    kind: str
    holding: str
    column: str
    change: Change
    where: pl.Expr


def plant(held: Holdings, exported_on: date, share: float, *seed: int | str) -> tuple[Holdings, pl.DataFrame]:
    """Plant faults of every kind.

    Parameters
    ----------
    held : Holdings
    exported_on : date
        The day of the export: nothing happens after it, except a birth that is planted there.
    share : float
        How many faults of each kind, of the rows of their holding; fewer where few rows can have it.
    *seed : int, then str
        The seed of the population, and a name for these holdings.

    Returns
    -------
    Holdings
        With the columns ``again`` (rows that are to stand twice) and ``raw_<column>`` (what stands instead of a day).
    pl.DataFrame
        What was planted (``PLANTED``); no row of a holding has two faults.
    """
    first, *names = seed
    held, planted = _ready(held), [PLANTED.to_frame()]
    taken: dict[str, np.ndarray] = {name: np.zeros(frame.height, dtype=bool) for name, frame in held.items()}
    for fault in _faults(exported_on):
        rng = stream(int(first), "planted", *names, fault.holding, fault.column, fault.kind)
        rows = _befallen(held[fault.holding], taken[fault.holding], fault.where, share, rng)
        taken[fault.holding][rows] = True
        held[fault.holding] = _changed(held[fault.holding], rows, fault.change, rng)
        planted.append(_remembered(fault, held[fault.holding][item(fault.holding)].gather(rows)))
    return held, pl.concat(planted)


def _ready(held: Holdings) -> Holdings:
    no_day = pl.lit(None, dtype=pl.String)
    columns: Mapping[str, Mapping[str, pl.Expr]] = {
        "households": {"again": pl.lit(False)},
        "loans": {"again": pl.lit(False)},
        "members": {f"{RAW}birth_date": no_day},
        "illness": {f"{RAW}occurred_on": no_day},
        "disasters": {f"{RAW}occurred_on": no_day},
        "employment": {f"{RAW}started_on": no_day},
    }
    return {name: frame.with_columns(**columns.get(name, {})) for name, frame in held.items()}


def _befallen(
    frame: pl.DataFrame, taken: np.ndarray, where: pl.Expr, share: float, rng: np.random.Generator
) -> np.ndarray:
    """Draw rows that can have a fault and have none; as many as the share of all rows, where there are enough."""
    fit = frame.select(where.fill_null(False)).to_series().to_numpy() & ~taken
    wanted = share * frame.height / max(int(fit.sum()), 1)
    chance = min(wanted, max(share, _RARE if share > 0 else 0.0))
    return np.nonzero(fit & (rng.random(frame.height) < chance))[0]


def _changed(frame: pl.DataFrame, rows: np.ndarray, change: Change, rng: np.random.Generator) -> pl.DataFrame:
    if not rows.size:
        return frame
    befallen = frame[rows]
    values = befallen.select(**change(befallen, rng))
    return frame.with_columns(
        frame[name].scatter(rows, values[name].cast(frame.schema[name])) for name in values.columns
    )


def _remembered(fault: _Fault, items: pl.Series) -> pl.DataFrame:
    told = {"holding": fault.holding, "column": fault.column, "kind": fault.kind}
    lines = pl.DataFrame({"item": items}, schema_overrides={"item": pl.UInt32})
    return lines.with_columns(pl.lit(said).alias(name) for name, said in told.items()).select(PLANTED.names())


def _faults(exported_on: date) -> Sequence[_Fault]:
    """Return every fault, those that few rows can have first within their holding."""
    def fault(kind: str, holding: str, column: str, change: Change, where: pl.Expr | None = None) -> _Fault:
        fits = pl.col(column).is_not_null() if column != ROW else pl.lit(True)
        return _Fault(
            kind=kind, holding=holding, column=column, change=change, where=fits if where is None else fits & where
        )

    gone = pl.col("died_on") < pl.lit(exported_on).dt.offset_by("-30d")
    soon_again = pl.col("is_last") & (pl.col("relapse_year") < pl.col("year"))
    return (
        fault("duplicate_household", "households", ROW, _again),
        fault("mojibake", "households", "village", _garbled("village")),
        fault("exit_year_after_relapse", "household_years", "exit_year", _exit_after, soon_again),
        fault("unknown_category", "household_years", "household_type", _unknown("household_type")),
        fault("wrong_check_digit", "members", "id_number", _wrong_check),
        fault("id_as_float", "members", "id_number", _through_float),
        fault("impossible_date", "members", "birth_date", _no_day("birth_date")),
        fault("birth_in_future", "members", "birth_date", _born_later(exported_on)),
        fault("orphan_member", "members", "household_id", _orphaned),
        fault("mojibake", "members", "name", _garbled("name")),
        *(
            fault("unknown_category", "member_years", column, _unknown(column))
            for column in ("relation", "health_status", "labour_capacity")
        ),
        fault("unit_slip", "incomes", "net_income", _slipped(*_AMOUNTS), pl.col("net_income") != 0),
        fault("negative_income", "incomes", "business", _negative, pl.col("business") > 0),
        fault("component_sum", "incomes", "net_income", _wrong_sum, pl.col("net_income").abs() > 100),
        fault("per_capita_mismatch", "incomes", "net_income_per_capita", _wrong_share, pl.col("net_income").abs() > 100),
        fault("member_count_mismatch", "incomes", "household_size", _miscounted),
        fault("event_after_death", "illness", "occurred_on", _after_death(exported_on), gone),
        fault("event_before_birth", "illness", "occurred_on", _before_birth, pl.col("birth_date").is_not_null()),
        fault("impossible_date", "illness", "occurred_on", _no_day("occurred_on")),
        fault("reimbursement_over_total", "illness", "reimbursed", _paid_over, pl.col("total_cost") > 1),
        fault("mojibake", "illness", "disease", _garbled("disease")),
        fault("grade_without_category", "disabilities", "category", _nothing("category")),
        fault("unknown_category", "disabilities", "grade", _unknown("disabilities.grade", "grade")),
        fault("unknown_category", "disasters", "kind", _unknown("disasters.kind", "kind")),
        fault("impossible_date", "disasters", "occurred_on", _no_day("occurred_on")),
        fault("unit_slip", "disasters", "loss", _slipped("loss")),
        fault("unknown_category", "employment", "channel", _unknown("channel")),
        fault("impossible_date", "employment", "started_on", _no_day("started_on")),
        fault("unit_slip", "employment", "monthly_wage", _slipped("monthly_wage")),
        fault("loan_twice", "loans", ROW, _again),
        fault("unit_slip", "loans", "principal", _slipped("principal")),
        fault("unknown_category", "assistance", "kind", _unknown("assistance.kind", "kind")),
        fault("unit_slip", "assistance", "amount", _slipped("amount"), pl.col("amount") > 0),
    )


def _again(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    return {"again": pl.repeat(True, rows.height)}


def _garbled(column: str) -> Change:
    """Return text that was read in another encoding: some of it is lost for good."""

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
        seen = [text.encode().decode("gb18030", errors="replace") for text in rows[column]]
        return {column: pl.Series([text if "\ufffd" in text else text[:-1] + "\ufffd" for text in seen])}

    return change


def _unknown(entry: str, column: str | None = None) -> Change:
    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
        return {column or entry: pl.Series(rng.choice(dialect_data()["unknown"][entry], rows.height))}

    return change


def _no_day(column: str) -> Change:
    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr | pl.Series]:
        return {RAW + column: pl.col(column).dt.strftime("%Y") + pl.Series(rng.choice(_NO_DAYS, rows.height))}

    return change


def _slipped(*columns: str) -> Change:
    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        factor = pl.Series(rng.choice(_SLIPS, rows.height))
        return {column: (pl.col(column) * factor).round(6) for column in columns}

    return change


def _nothing(column: str) -> Change:
    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        return {column: pl.repeat(None, rows.height, dtype=pl.String)}

    return change


def _exit_after(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    return {"exit_year": pl.col("relapse_year") + 1}


def _wrong_check(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
    further = rng.integers(1, len(_CHECKS), rows.height)
    numbers = zip(rows["id_number"], further, strict=True)
    wrong = [number[:-1] + _CHECKS[(_CHECKS.index(number[-1]) + step) % len(_CHECKS)] for number, step in numbers]
    return {"id_number": pl.Series(wrong)}


def _through_float(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Series]:
    digits = rows["id_number"].str.slice(0, 17).cast(pl.Float64) * 10
    return {"id_number": pl.Series([f"{number:.5E}" for number in digits])}


def _born_later(exported_on: date) -> Change:
    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        return {"birth_date": pl.lit(exported_on) + pl.duration(days=pl.Series(rng.integers(60, 9000, rows.height)))}

    return change


def _orphaned(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    """Return the number of a household that is not there: no village has a nine thousandth."""
    return {"household_id": pl.col("household_id").str.slice(0, 12) + "9" + pl.col("household_id").str.slice(13)}


def _negative(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    return {"business": -(pl.col("business") + 800).round(2)}


def _wrong_sum(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    off = pl.Series(rng.choice((-1, 1), rows.height) * rng.uniform(0.1, 0.4, rows.height))
    net = (pl.col("net_income") * (1 + off)).round(2)
    return {"net_income": net, "net_income_per_capita": (net / pl.col("household_size")).round(2)}


def _wrong_share(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    off = pl.Series(rng.uniform(1.2, 1.8, rows.height))
    return {"net_income_per_capita": (pl.col("net_income_per_capita") * off).round(2)}


def _miscounted(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    fewer = (pl.col("household_size") > 1) & pl.Series(rng.random(rows.height) < 0.5)
    size = pl.col("household_size") + pl.when(fewer).then(-1).otherwise(1)
    return {"household_size": size, "net_income_per_capita": (pl.col("net_income") / size).round(2)}


def _after_death(exported_on: date) -> Change:
    last = pl.lit(exported_on)

    def change(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
        later = pl.duration(days=pl.Series(rng.integers(10, 400, rows.height)))
        happened = pl.min_horizontal(pl.col("died_on") + later, last)
        entered = pl.min_horizontal(happened.dt.offset_by("5d"), last)
        return {"occurred_on": happened, "recorded_on": pl.max_horizontal("recorded_on", entered)}

    return change


def _before_birth(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    return {"occurred_on": pl.col("birth_date") - pl.duration(days=pl.Series(rng.integers(30, 3000, rows.height)))}


def _paid_over(rows: pl.DataFrame, rng: np.random.Generator) -> Mapping[str, pl.Expr]:
    return {"reimbursed": (pl.col("total_cost") * pl.Series(rng.uniform(1.3, 3.0, rows.height))).round(2)}

