"""A small invented register with everything in it, and its risk without a trained model."""

from datetime import date
from functools import cache

import polars as pl

from relapse_risk.features import build_features
from relapse_risk.labels import find_cohort
from relapse_risk.policy import read_policy
from relapse_risk.records import AsOfView, Records
from relapse_risk.synthetic import synthesise

POLICY = read_policy()
DAY = date(2019, 12, 31)
LATER = date(2020, 3, 1)
_TYPES = {"household_type": pl.String, "safe_water": pl.Boolean, "house_grade": pl.String}


@cache
def invented():
    population = synthesise(households=600, seed=3)
    return Records(dict(population.tables), exported_on=population.exported_on)


def risk_of(records):
    """Return a risk that goes by a fixed rule, so that tests need no model: who is below twice the line is yellow."""
    cohort = find_cohort(records, DAY)
    at_risk, low = pl.col("population") == "at_risk", pl.col("ratio") < 2
    tier = pl.when(at_risk).then(pl.when(low).then(pl.lit("yellow")).otherwise(pl.lit("none")))
    return cohort.select(
        *("household_id", "population", "exclusion_reason"),
        tier=tier,
        reason_1=pl.when(at_risk).then(pl.lit("income")),
        reason_2=pl.lit(None, dtype=pl.String),
    )


@cache
def arguments(records=None):
    """Return what `assess` and its like are called with; of the invented register unless of another."""
    records = records or invented()
    view = AsOfView.of(records, DAY, lines=POLICY.lines)
    return view, build_features(view), risk_of(records), POLICY


def household(**columns):
    row = {"household_id": "h1", "recorded_on": date(2018, 1, 1), "household_type": "exited"} | columns
    return pl.DataFrame([row], schema_overrides={n: t for n, t in _TYPES.items() if n in row})


def beside(tables, **others):
    """Add another household, of whom everything is known that these columns and tables say."""
    homes = tables["households"]
    other = homes.with_columns(household_id=pl.lit("h2"), **{name: pl.lit(value) for name, value in others.items()})
    return tables | {"households": pl.concat([homes, other])}


def incomes(per_person, year=2019, size=4, **columns):
    period = {"period_start": date(year, 1, 1), "period_end": date(year, 12, 31), "recorded_on": date(year, 12, 31)}
    row = {"household_id": "h1", **period, "household_size": size, "net_income_per_capita": float(per_person)}
    return pl.DataFrame([row | columns])


def complete(tables):
    """Add what is not there, and another household of whom every table says something: then no row is nothing."""
    other, day = {"household_id": "h9", "recorded_on": date(2018, 1, 1)}, date(2019, 3, 1)
    filled: dict[str, dict[str, object]] = {
        "households": {"household_type": "exited", "house_grade": "A", "safe_water": True},
        "incomes": {"wage": 9000.0, "business": 0.0, "property": 0.0, "transfer": 0.0},
        "members": {"birth_date": date(2009, 1, 1), "student_status": "primary", "medical_insured": True},
    }
    rows = {
        "households": [other],
        "incomes": pl.concat(incomes(20000, year, household_id="h9") for year in (2018, 2019)).to_dicts(),
        "members": [other | {"person_id": "p9", "labour_capacity": "ordinary"}],
        "illness": [other | {"occurred_on": day, "kind": "ordinary", "self_paid": 1.0}],
        "disasters": [other | {"occurred_on": day, "loss": 1.0}],
        "assistance": [other | {"kind": "industry", "started_on": day}],
        "monitoring": [other | {"identified_on": day, "monitoring_type": "unstable", "cleared_on": day}],
    }
    of_other = {name: pl.DataFrame(several) for name, several in rows.items()}
    whole = tables | {
        name: pl.concat([tables[name], frame], how="diagonal_relaxed") if name in tables else frame
        for name, frame in of_other.items()
    }
    for name, values in filled.items():
        columns = {
            column: pl.when(pl.col("household_id") == "h9").then(pl.lit(value)).otherwise(column)
            if column in whole[name].columns
            else pl.lit(value)
            for column, value in values.items()
        }
        whole[name] = whole[name].with_columns(**columns)
    return whole


def one(tables):
    """Return the arguments for a register of one household, the tables it does not have left out."""
    return arguments(Records(tables, exported_on=LATER))
