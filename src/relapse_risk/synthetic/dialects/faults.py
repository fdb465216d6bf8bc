"""Faults planted in random cells of the holdings, each recorded."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from relapse_risk.synthetic.dialects.cell_changes import (
    RAW,
    Change,
    after_death,
    again,
    before_birth,
    born_later,
    exit_after,
    garbled,
    miscounted,
    negative,
    no_day,
    nothing,
    orphaned,
    paid_over,
    slipped,
    through_float,
    unknown,
    wrong_check,
    wrong_share,
    wrong_sum,
)
from relapse_risk.synthetic.dialects.holdings import Holdings, item
from relapse_risk.synthetic.draws import stream

__all__ = ["PLANTED", "ROW", "plant"]

PLANTED = pl.Schema({"holding": pl.String, "item": pl.UInt32, "column": pl.String, "kind": pl.String})
"""One line a fault: the row of which holding, the column, the kind."""

ROW = "(row)"
"""The column of a fault that is the whole row."""

_RARE = 0.15  # the largest share of the rows that a rare fault can befall
_AMOUNTS = ("wage", "business", "property", "transfer", "production_cost", "net_income", "net_income_per_capita")


@dataclass(frozen=True, kw_only=True)
class _Fault:
    kind: str
    holding: str
    column: str
    change: Change
    where: pl.Expr


def plant(holdings: Holdings, exported_on: date, share: float, seed: int, place: str) -> tuple[Holdings, pl.DataFrame]:
    """Plant faults of every kind.

    Parameters
    ----------
    holdings : Holdings
    exported_on : date
        The day of the export: nothing happens after it, except a birth that is planted there.
    share : float
        How many faults of each kind, of the rows of their holding; fewer where few rows can have it.
    seed : int
    place : str
        Whose holdings they are: under one seed every place has faults of its own.

    Returns
    -------
    Holdings
        With the columns ``again`` (rows that are to appear twice) and ``raw_<column>`` (what is written instead of a
        day).
    pl.DataFrame
        What was planted (``PLANTED``); no row of a holding has two faults.
    """
    holdings, planted = _ready(holdings), [PLANTED.to_frame()]
    taken: dict[str, np.ndarray] = {name: np.zeros(frame.height, dtype=bool) for name, frame in holdings.items()}
    for fault in _faults(exported_on):
        rng = stream(seed, "planted", place, fault.holding, fault.column, fault.kind)
        rows = _befallen(holdings[fault.holding], taken[fault.holding], fault.where, share, rng)
        taken[fault.holding][rows] = True
        holdings[fault.holding] = _changed(holdings[fault.holding], rows, fault.change, rng)
        planted.append(_remembered(fault, holdings[fault.holding][item(fault.holding)].gather(rows)))
    return holdings, pl.concat(planted)


def _ready(holdings: Holdings) -> Holdings:
    no_raw = pl.lit(None, dtype=pl.String)
    columns: Mapping[str, Mapping[str, pl.Expr]] = {
        "households": {"again": pl.lit(False)},
        "loans": {"again": pl.lit(False)},
        "members": {f"{RAW}birth_date": no_raw},
        "illness": {f"{RAW}occurred_on": no_raw},
        "disasters": {f"{RAW}occurred_on": no_raw},
        "employment": {f"{RAW}started_on": no_raw},
    }
    return {name: frame.with_columns(**columns.get(name, {})) for name, frame in holdings.items()}


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
    constants = {"holding": fault.holding, "column": fault.column, "kind": fault.kind}
    lines = pl.DataFrame({"item": items}, schema_overrides={"item": pl.UInt32})
    return lines.with_columns(pl.lit(said).alias(name) for name, said in constants.items()).select(PLANTED.names())


def _faults(exported_on: date) -> Sequence[_Fault]:
    """Return every fault, those that few rows can have first within their holding."""

    def fault(kind: str, holding: str, column: str, change: Change, where: pl.Expr | None = None) -> _Fault:
        fits = pl.col(column).is_not_null() if column != ROW else pl.lit(True)
        return _Fault(
            kind=kind, holding=holding, column=column, change=change, where=fits if where is None else fits & where
        )

    gone = pl.col("died_on") < pl.lit(exported_on).dt.offset_by("-30d")
    fell_long_ago = pl.col("household_type") == "poor/again"
    fell_long_ago &= pl.col("is_last") & (pl.col("relapse_year") < pl.col("year"))
    return (
        fault("duplicate_household", "households", ROW, again),
        fault("mojibake", "households", "village", garbled("village")),
        fault("exit_year_after_relapse", "household_years", "exit_year", exit_after, fell_long_ago),
        fault("unknown_category", "household_years", "household_type", unknown("household_type")),
        fault("wrong_check_digit", "members", "id_number", wrong_check),
        fault("id_as_float", "members", "id_number", through_float),
        fault("impossible_date", "members", "birth_date", no_day("birth_date")),
        fault("birth_in_future", "members", "birth_date", born_later(exported_on)),
        fault("orphan_member", "members", "household_id", orphaned),
        fault("mojibake", "members", "name", garbled("name")),
        *(
            fault("unknown_category", "member_years", column, unknown(column))
            for column in ("relation", "health_status", "labour_capacity")
        ),
        fault("unit_slip", "incomes", "net_income", slipped(*_AMOUNTS), pl.col("net_income") != 0),
        fault("negative_income", "incomes", "business", negative, pl.col("business") > 0),
        fault("component_sum", "incomes", "net_income", wrong_sum, pl.col("net_income").abs() > 100),
        fault("per_capita_mismatch", "incomes", "net_income_per_capita", wrong_share, pl.col("net_income").abs() > 100),
        fault("member_count_mismatch", "incomes", "household_size", miscounted),
        fault("event_after_death", "illness", "occurred_on", after_death(exported_on), gone),
        fault("event_before_birth", "illness", "occurred_on", before_birth, pl.col("birth_date").is_not_null()),
        fault("impossible_date", "illness", "occurred_on", no_day("occurred_on")),
        fault("reimbursement_over_total", "illness", "reimbursed", paid_over, pl.col("total_cost") > 1),
        fault("mojibake", "illness", "disease", garbled("disease")),
        fault("grade_without_category", "disabilities", "category", nothing("category")),
        fault("unknown_category", "disabilities", "grade", unknown("disabilities.grade", "grade")),
        fault("unknown_category", "disasters", "kind", unknown("disasters.kind", "kind")),
        fault("impossible_date", "disasters", "occurred_on", no_day("occurred_on")),
        fault("unit_slip", "disasters", "loss", slipped("loss")),
        fault("unknown_category", "employment", "channel", unknown("channel")),
        fault("impossible_date", "employment", "started_on", no_day("started_on")),
        fault("unit_slip", "employment", "monthly_wage", slipped("monthly_wage")),
        fault("loan_twice", "loans", ROW, again),
        fault("unit_slip", "loans", "principal", slipped("principal")),
        fault("unknown_category", "assistance", "kind", unknown("assistance.kind", "kind")),
        fault("unit_slip", "assistance", "amount", slipped("amount"), pl.col("amount") > 0),
    )
