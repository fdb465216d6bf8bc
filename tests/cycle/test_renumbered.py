"""A household that goes by another number keeps its alert, and is compared with itself."""

import polars as pl
import pytest

from relapse_risk.cycle import monitor
from relapse_risk.ingest import read_records

JANUARY, FEBRUARY = "2019-01-31", "2019-02-28"


@pytest.mark.slow
def test_a_renumbered_household_is_neither_new_nor_gone(population, run_month, bundle, ledger):
    first = run_month(JANUARY)
    old = first.listings.filter(listed_for="model")["household_id"][0]
    new = f"{old}-2"
    tables = {
        name: frame.with_columns(pl.col("household_id").replace({old: new}))
        if "household_id" in frame.columns
        else frame
        for name, frame in population.tables.items()
    }
    renumbered = pl.DataFrame({"household_id": [old], "became": [new]})
    second = monitor(
        read_records(tables).records, bundle, ledger, as_of=FEBRUARY, capacity=40, lang="en", renumbered=renumbered
    )
    alert = dict(first.alerts.select("household_id", "alert_id").iter_rows())[old]
    assert second.account.renumbered == 1
    assert dict(second.alerts.select("household_id", "alert_id").iter_rows())[new] == alert
    assert old not in second.alerts["household_id"]
    assert second.changes.filter(household_id=new)["state"].to_list() not in (["new"], ["gone"])
    assert second.changes.filter(household_id=old).is_empty()
    assert second.summary["alerts"]["unknown"] == 0
