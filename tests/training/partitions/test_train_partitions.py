"""A model trained on counties read one by one is the one of a training on the records of all together."""

from types import SimpleNamespace

import polars as pl
import pytest
from polars.testing import assert_frame_equal

import relapse_risk as rr
from relapse_risk.bundle import read_bundle
from relapse_risk.errors import InputError
from relapse_risk.models import LogisticClassifier
from relapse_risk.partitions import find_counties
from relapse_risk.records import Records
from relapse_risk.training import TrainRequest
from relapse_risk.training.partitions import CountyBounds, CountyReading, CountyRows, plan_of
from relapse_risk.training.sample import gather
from tests.training.partitions.invented_lake import COUNTIES, county_tables, write_lake

DAYS = ("2018-12-31", "2019-12-31")
QUICK = {"model": LogisticClassifier(n_folds=2, penalty=30.0), "baselines": ()}


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    counties = {county: county_tables(county, seed) for county, seed in COUNTIES.items()}
    whole = {name: pl.concat([tables[name] for tables in counties.values()]) for name in counties["甲县"]}
    return SimpleNamespace(
        counties=counties,
        lake=write_lake(tmp_path_factory.mktemp("lake") / "lake", counties),
        records=Records(whole),
    )


@pytest.mark.parametrize("controls", [1.0, 0.3])
def test_it_is_the_model_of_all_records_together_byte_for_byte(world, controls):
    asked = {**QUICK, "as_of": DAYS, "controls": controls}
    together, by_county = rr.train(world.records, **asked), rr.train_partitions(world.lake, **asked)
    assert by_county.bundle.digest == together.digest
    assert by_county.counties["rows"].sum() == together.rows
    assert by_county.counties["labelled"].sum() > together.rows or controls == 1
    assert by_county.failed == ()


@pytest.mark.slow
@pytest.mark.parametrize("label", ["auto", "income"])
def test_so_it_is_on_days_it_chooses_and_with_the_default_model(world, label):
    asked = {"label": label, "baselines": ("income",), "controls": 0.5}
    assert rr.train_partitions(world.lake, **asked).bundle.digest == rr.train(world.records, **asked).digest


def test_a_bundle_says_what_share_it_was_trained_on(world, tmp_path):
    bundle = rr.train(world.records, as_of=DAYS[:1], controls=0.3, **QUICK)
    bundle.save(tmp_path / "some.rrb")
    read = read_bundle(tmp_path / "some.rrb")
    assert read.controls == 0.3
    assert 0 < read.reference.score.rows < read.rows
    every = rr.train(world.records, as_of=DAYS[:1], **QUICK)
    assert read.relapses == every.relapses
    assert every.controls == 1


def test_other_counties_have_no_part_in_which_rows_are_kept(world):
    request = TrainRequest(as_of=DAYS, label="recorded")
    whole = gather(world.records, request).thinned(0.3).sample.frame
    alone = gather(Records(world.counties["甲县"]), request).thinned(0.3).sample.frame
    of_county = whole.join(alone.select("household_id").unique(), on="household_id", how="semi")
    names = ["household_id", "as_of", "relapsed", "income_over_line_log"]
    assert_frame_equal(of_county.select(names), alone.select(names), check_row_order=False)
    ids = world.counties["甲县"]["households"]["household_id"].implode()
    assert whole.filter(pl.col("household_id").is_in(ids)).height == alone.height


def test_the_work_on_a_county_travels_and_is_the_same_again(world):
    request = TrainRequest(as_of=DAYS, controls=0.3)
    how = CountyReading.of(request, None, hidden_sheets=False)
    first, _ = find_counties(world.lake)
    bounds = CountyBounds(how=how)(first)[1]
    unit = CountyRows(how=how, plan=plan_of(request, [bounds]))
    cloudpickle = pytest.importorskip("cloudpickle")  # as a cluster sends it
    travelled = cloudpickle.loads(cloudpickle.dumps(unit))
    assert travelled(first) == unit(first)
    assert travelled.digest == unit.digest
    half = CountyReading.of(TrainRequest(as_of=DAYS, controls=0.5), None, hidden_sheets=False)
    assert CountyRows(how=half, plan=unit.plan).digest != unit.digest


@pytest.mark.slow
def test_a_poisoned_county_is_told_and_what_is_finished_is_used_again(world, tmp_path):
    lake = write_lake(tmp_path / "lake", world.counties)
    poisoned = lake / "county=甲县" / "households.parquet"
    whole = poisoned.read_bytes()
    poisoned.write_bytes(b"")
    asked = {**QUICK, "as_of": DAYS, "work": tmp_path / "work"}
    found = rr.train_partitions(lake, **asked)
    assert [one.county for one in found.failed] == ["county=甲县"]
    told = found.counties.filter(state="failed")
    assert told["county"].to_list() == ["county=甲县"]
    assert told["zh"].count() == told["en"].count() == 1
    assert found.bundle.households == rr.train(Records(world.counties["乙县"]), as_of=DAYS, **QUICK).households
    poisoned.write_bytes(whole)
    mended = rr.train_partitions(lake, **asked)
    assert mended.failed == ()
    assert mended.counties.select("county", "reused").rows() == [("county=乙县", True), ("county=甲县", False)]
    assert mended.bundle.digest == rr.train(world.records, as_of=DAYS, **QUICK).digest
    assert not (tmp_path / "work").exists()


def test_what_cannot_be_trained_on_is_refused_as_by_train(world, tmp_path):
    for asked, code in (({"as_of": "2030-12-31"}, "train_day_open"), ({"as_of": "1990-12-31"}, "counties_all_failed")):
        with pytest.raises(InputError) as caught:
            rr.train_partitions(world.lake, label="recorded", **asked, **QUICK)
        assert caught.value.code == code
    with pytest.raises(InputError) as caught:
        rr.train_partitions(world.lake, as_of=DAYS, controls=0.001, **QUICK)
    assert caught.value.code == "train_too_few"
    (tmp_path / "empty").mkdir()
    with pytest.raises(InputError) as caught:
        rr.train_partitions(tmp_path / "empty", **QUICK)
    assert caught.value.code == "counties_none"
