"""Counties scored one by one are listed as one run over all of them would list them."""

import json

import polars as pl
import polars.selectors as cs
import pytest
from polars.testing import assert_frame_equal

import relapse_risk as rr
from relapse_risk.alerts import Capacity
from relapse_risk.errors import InputError
from tests.scoring.partitions.lakes import COUNTIES, DAY, as_one, county_tables, make_counties, write_lake
from tests.scoring.scored_registers import make_bundle


@pytest.fixture(scope="module")
def counties():
    return make_counties()


@pytest.fixture(scope="module")
def lake(tmp_path_factory, counties):
    return write_lake(tmp_path_factory.mktemp("lake") / "lake", counties, without=["county"])


def scored(lake, out, **asked):
    return rr.score_partitions(lake, make_bundle(), out=out, as_of=DAY, **asked)


def risk_of(scores):
    """Return the rows of all counties as one run has them."""
    return scores.scan().drop("county").sort("household_id").collect()


def assert_same(found, expected):
    """Whatever is decided or counted is the same to the last bit.

    So are the figures of the default model (`test_default_model`); a plain logistic one multiplies matrices, where the
    last digit of a row depends on where it stands.
    """
    exact = ~cs.float()
    assert_frame_equal(found.select(exact), expected.select(exact), check_exact=True)
    assert_frame_equal(found.select(~exact), expected.select(~exact), rel_tol=1e-9, abs_tol=1e-12)


def files_of(folder):
    return {path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(
    "asked",
    [
        {},
        {"capacity": 30},
        pytest.param({"capacity": 30, "rules_beyond_capacity": True, "key": "secret"}, marks=pytest.mark.slow),
        pytest.param({"capacity": Capacity(visits=9, per="county", min_per_village=1)}, marks=pytest.mark.slow),
        {"capacity": Capacity(visits=0.1, per="town")},
    ],
    ids=["share", "number", "beyond", "county", "town"],
)
def test_households_areas_and_rules_are_those_of_one_run(lake, counties, tmp_path, asked):
    scores, whole = (
        scored(lake, tmp_path / "out", **asked),
        rr.score(as_one(counties), make_bundle(), as_of=DAY, **asked),
    )
    assert_same(risk_of(scores), whole.frame)
    assert_same(scores.areas, whole.areas)
    assert scores.rules.equals(whole.content.rules)
    summed = {"expected_relapses", "expected_relapses_listed", "sharing"}  # in another order
    told = scores.summary.keys() & whole.summary.keys() - {"remarks", *summed}
    assert {"listed", "red", "plan", "rules"} <= told
    assert {name: scores.summary[name] for name in told} == {name: whole.summary[name] for name in told}
    assert scores.summary["expected_relapses"] == pytest.approx(whole.summary["expected_relapses"], rel=1e-12)
    assert _rounded(scores.summary["sharing"]) == _rounded(whole.summary["sharing"])


def _rounded(told):
    """Return figures to twelve digits: counties are summed in another order."""
    return {name: float(f"{one:.12g}") if isinstance(one, float) else one for name, one in (told or {}).items()}


def test_a_lake_is_left_that_polars_scans_and_nothing_else(lake, tmp_path):
    scores = scored(lake, tmp_path / "out", capacity=30)
    parts = {f"county={county}/risk.parquet" for county in COUNTIES}
    assert files_of(tmp_path / "out").keys() == parts | {
        *("areas.parquet", "rejected.parquet", "summary.json", "twice.parquet")
    }
    by_county = scores.scan().group_by("county").len().sort("county").collect()
    assert by_county.rows() == [(county, 120) for county in sorted(COUNTIES)]
    summary = json.loads((tmp_path / "out" / "summary.json").read_text(encoding="utf-8"))
    assert [one["households"] for one in summary["counties"]] == [120] * 3
    assert summary == json.loads(json.dumps(scores.summary, default=str))


def test_a_poisoned_county_is_told_and_mended_alone(lake, counties, tmp_path):
    broken = tmp_path / "lake"
    write_lake(broken, counties)
    poisoned = broken / "county=乙县" / "households.parquet"
    whole = poisoned.read_bytes()
    poisoned.write_bytes(b"PAR1 no table")
    scores = scored(broken, tmp_path / "out", capacity=30)
    (failure,) = scores.failed
    assert "county=乙县" in failure.line("zh") and "county=乙县" in failure.line("en")
    assert "\n" not in failure.line("zh")
    assert scores.counties.select("county", "state").rows() == [
        *(("county=丙县", "done"), ("county=乙县", "failed"), ("county=甲县", "done"))
    ]
    others = {county: tables for county, tables in counties.items() if county != "乙县"}
    expected = rr.score(as_one(others), make_bundle(), as_of=DAY, capacity=30)
    assert_same(risk_of(scores), expected.frame)

    poisoned.write_bytes(whole)
    again = scored(broken, tmp_path / "out", capacity=30)
    assert again.counties["reused"].to_list() == [True, False, True]
    clean = scored(broken, tmp_path / "clean", capacity=30)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "clean")
    assert not clean.failed


class Stopped(BaseException):
    """As Ctrl-C."""


def test_a_run_that_was_killed_goes_on(lake, tmp_path):
    def stop(stage, share):
        if stage == "counties" and share > 0.5:
            raise Stopped

    with pytest.raises(Stopped):
        scored(lake, tmp_path / "out", progress=stop)
    again = scored(lake, tmp_path / "out", capacity=30)  # a capacity has no part in what is finished
    assert again.counties["reused"].sum() == 2
    scored(lake, tmp_path / "clean", capacity=30)
    assert files_of(tmp_path / "out") == files_of(tmp_path / "clean")


@pytest.mark.parametrize("damage", ["input", "finished", pytest.param("lang", marks=pytest.mark.slow)])
def test_what_is_finished_is_used_only_where_it_is_the_same(lake, counties, tmp_path, damage):
    own, work = write_lake(tmp_path / "lake", counties), tmp_path / "work"

    def stop(stage, share):
        if stage == "listing":
            raise Stopped

    with pytest.raises(Stopped):
        scored(own, tmp_path / "out", work=work, progress=stop)
    if damage == "input":
        counties["甲县"]["incomes"].head(300).write_parquet(own / "county=甲县" / "incomes.parquet")
    if damage == "finished":
        work.joinpath("county=甲县", "listing.parquet").write_bytes(b"")
    again = scored(own, tmp_path / "out", work=work, lang="en" if damage == "lang" else "zh")
    assert again.counties["reused"].to_list() == ([False] * 3 if damage == "lang" else [True, True, False])


def test_a_number_of_two_counties_is_told_and_stays_two_households(counties, tmp_path):
    twice = counties["甲县"]["households"]["household_id"][7]
    other = {
        name: table.with_columns(pl.col("household_id").replace({counties["乙县"][name]["household_id"][9]: twice}))
        if name == "households"
        else table
        for name, table in counties["乙县"].items()
    }
    lake = write_lake(tmp_path / "lake", {"甲县": counties["甲县"], "乙县": other})
    scores = scored(lake, tmp_path / "out", capacity=30)
    assert scores.twice.rows() == [(twice, ["county=乙县", "county=甲县"])]
    assert scores.summary["twice"] == 1
    rows = scores.scan().filter(pl.col("household_id") == twice).sort("county").collect()
    assert rows["county"].to_list() == ["乙县", "甲县"]
    assert scores.scan().select(pl.col("rank").drop_nulls().is_duplicated().any()).collect().item() is False
    assert scores.areas.filter(level="all")["households"].item() == scores.summary["households"] == 240


def test_several_prefectures_are_counted_each_and_together(tmp_path):
    counties = {
        **{"甲县": county_tables(1, "甲县", prefecture="东州"), "乙县": county_tables(2, "乙县", prefecture="西州")}
    }
    lake = write_lake(tmp_path / "lake", counties)
    scores, whole = scored(lake, tmp_path / "out"), rr.score(as_one(counties), make_bundle(), as_of=DAY)
    below = pl.col("level") != "all"
    assert_same(scores.areas.filter(below), whole.areas.filter(below))
    top, all_of = scores.areas.row(0, named=True), whole.areas.row(0, named=True)
    assert {name for name, value in top.items() if value is None and all_of[name] is not None} == {
        *("incidence", "incidence_least", "incidence_most", "headcount", "gap", "severity"),
        *("headcount_error", "gap_error", "severity_error", "lower", "upper", "reasons"),
    }
    counted = {name: value for name, value in top.items() if value is not None and name != "expected"}
    assert counted == {name: all_of[name] for name in counted}


@pytest.mark.parametrize(
    ("asked", "code"),
    [({"capacity": 0.5}, None), pytest.param({"capacity": 10_000}, "capacity_beyond", marks=pytest.mark.slow)],
)
def test_a_capacity_is_judged_over_all_counties(lake, tmp_path, asked, code):
    if code is None:
        assert scored(lake, tmp_path / "out", **asked).summary["capacity"] > 100
        return
    with pytest.raises(InputError) as error:
        scored(lake, tmp_path / "out", **asked)
    assert error.value.code == code
    assert scored(lake, tmp_path / "out", capacity=30).counties["reused"].all()  # nothing is scored again


def test_what_cannot_be_scored_is_refused(lake, tmp_path):
    with pytest.raises(InputError, match="is there already"):
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine.txt").touch()
        scored(lake, tmp_path / "out")
    with pytest.raises(InputError, match="for any of 3 counties"):
        rr.score_partitions(lake, make_bundle(), out=tmp_path / "early", as_of="2001-12-31")
