"""Watch lists, areas and focus lists of exports as a county sends them."""

import polars as pl
import pytest

from relapse_risk.alerts import assess_areas, find_focus, find_people
from relapse_risk.alerts.watch import watch
from relapse_risk.labels import find_cohort
from relapse_risk.records import AsOfView
from tests.alerts.watch.watch_registers import POLICY


@pytest.mark.slow
@pytest.mark.parametrize("dialect", ["registry", "departments"])
def test_exports_are_watched(read_sample, dialect):
    records = read_sample(dialect).records
    day = records.known_until
    view = AsOfView.of(records, day, lines=POLICY.lines)
    found, cohort = watch(view, POLICY), find_cohort(view)
    assert found.missing == {}
    of_nobody = found.counts.filter(pl.col("n_known") + pl.col("unknown") == 0)["state"].to_list()
    assert of_nobody == ["near_poor_unsafe"]  # the samples call nobody near-poor
    assert "near_poor" not in view.states["state"]
    # the civil affairs list holds payments of the insurance only, each of a day: who was not paid may be covered
    insurance = found.counts.filter(list="insurance", state="not_covered").row(0, named=True)
    assert (insurance["n_on"], insurance["unknown"] > 200) == (0, True)
    people = find_people(view, cohort)
    households = view.known.require("households")
    nothing = pl.lit(None, dtype=pl.String)
    risk = cohort.with_columns(
        probability=0.02, tier=nothing, listed_for=nothing, waiting_for=nothing, reason_1=nothing
    )
    areas = assess_areas(risk, households, people, None, largest=20)
    assert areas["households"].to_list()[0] == people.height
    assert found.counts.filter(list="water").select("n_known", "unknown").sum_horizontal().item() == people.height
    focus = find_focus(areas, found.sites, POLICY, found.as_of)
    assert focus.counts["n_on"].sum() == focus.entries.filter(state="on").height
