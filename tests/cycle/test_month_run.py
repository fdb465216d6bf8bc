"""A month from end to end: what it finds, what it changes, and that running it again changes nothing."""

import json
from collections import Counter
from datetime import date

import openpyxl
import polars as pl
import pytest

from relapse_risk.alerts import Capacity
from relapse_risk.bundle import rule_bundle
from relapse_risk.cycle import monitor
from relapse_risk.errors import InputError
from relapse_risk.ingest import read_records
from relapse_risk.monitoring import open_ledger
from relapse_risk.policy import URGENT_FIRST, Texts, read_policy
from relapse_risk.records import Records
from relapse_risk.reports import plan_text
from tests.cycle.ledger_entries import entries

JANUARY, FEBRUARY, MARCH = "2019-01-31", "2019-02-28", "2019-03-31"


def test_the_first_month_opens_an_alert_for_everybody_listed_or_drawn(run_month, ledger):
    month = run_month(JANUARY)
    listed = month.roster.listed
    assert month.previous is None
    assert month.account.opened == month.listings.height == ledger.alerts().height
    assert set(listed["household_id"]) == set(month.listings.filter(pl.col("listed_for") != "random")["household_id"])
    drawn = month.listings.filter(listed_for="random")
    outside = (pl.col("population") == "at_risk") & pl.col("listed_for").is_null()
    assert drawn.height == 2  # 5 % of 40
    assert drawn["inclusion_probability"].to_list() == [2 / month.roster.frame.filter(outside).height] * 2


@pytest.mark.slow
def test_running_it_again_changes_nothing_and_gives_the_same_files(run_month, ledger, tmp_path):
    run_month(JANUARY)
    first = run_month(FEBRUARY)
    first.write(tmp_path / "first")
    before = entries(ledger)
    again = run_month(FEBRUARY)
    again.write(tmp_path / "again")
    assert again.account.already
    assert entries(ledger).equals(before)
    for path in sorted((tmp_path / "first").iterdir()):
        assert path.read_bytes() == (tmp_path / "again" / path.name).read_bytes(), path.name


@pytest.mark.slow
def test_without_a_table_of_relapses_months_run_on_and_earlier_lists_are_not_judged(records, bundle, ledger, tmp_path):
    some = {name: frame for name, frame in records.tables.items() if name in ("households", "members", "incomes")}
    without = Records(some, exported_on=records.known_until)
    for day in ("2018-12-31", "2019-12-31"):
        month = monitor(without, bundle, ledger, as_of=day, capacity=40, lang="en")
    assert month.realised is None
    month.write(tmp_path / "out")
    assert "the records have no table of relapses" in (tmp_path / "out" / "bulletin.html").read_text("utf-8")


@pytest.mark.parametrize(
    "days",
    [(JANUARY, FEBRUARY), pytest.param((JANUARY, FEBRUARY, MARCH), marks=pytest.mark.slow)],
    ids=["two", "three"],
)
def test_every_month_fits_into_the_capacity_and_every_output_says_the_same_counts(run_month, ledger, tmp_path, days):
    for day in days:
        month = run_month(day)
        counts, summary = month.roster.content.plan.counts["all"], month.summary
        assert counts["demanded"] == counts["visit"] + counts["in_hand"] + counts["waiting"]
        assert counts["visit"] <= month.roster.content.capacity
        assert summary["visits"] == counts["visit"] == month.visits.lines.height
        assert month.visits.lines["alert_id"].null_count() == 0
        assert summary["waiting"] == counts["waiting"] == month.roster.frame["waiting_for"].count()
        assert summary["scores"]["plan"]["all"] == counts
        month.write(tmp_path / day)
        said = {name: (tmp_path / day / name).read_text(encoding="utf-8") for name in ("bulletin.html", "report.html")}
        wording = plan_text(month.roster.content.plan, Texts(month.lang))
        assert all(wording in page for page in said.values())
        cover = openpyxl.load_workbook(tmp_path / day / "visits.xlsx").worksheets[0]
        cells = [[cell.value for cell in row if cell.value is not None] for row in cover.iter_rows()]
        total = [f"{counts[name]:,}" for name in ("demanded", "visit", "in_hand", "waiting")]
        assert any([str(cell) for cell in row][1:] == total for row in cells)


@pytest.mark.slow
def test_who_waits_keeps_its_place_and_is_not_proposed_for_clearing(run_month, ledger):
    waiting = run_month(JANUARY).roster.frame.filter(pl.col("waiting_for").is_not_null())
    assert waiting.height > 0
    run_month(FEBRUARY)
    month = run_month(MARCH)
    still = month.roster.frame.filter(pl.col("waiting_for").is_not_null())
    first = still.join(waiting, on="household_id", how="semi")
    assert first["waiting_since"].dt.to_string().is_in([JANUARY, FEBRUARY, MARCH]).all()
    assert first.filter(pl.col("waiting_since") == pl.lit(JANUARY).str.to_date()).height > 0
    proposed = ledger.alerts().filter(pl.col("proposed_on").is_not_null())
    asked = still.filter(pl.col("waiting_for") != "revisit")
    assert proposed.join(asked, on="household_id", how="semi").is_empty()


@pytest.mark.slow
def test_the_order_of_rows_is_the_same_month(population, run_month, bundle, ledger):
    run_month(JANUARY)
    shuffled = {name: frame.sample(fraction=1.0, shuffle=True, seed=3) for name, frame in population.tables.items()}
    assert monitor(read_records(shuffled).records, bundle, ledger, as_of=JANUARY, capacity=40).account.already


@pytest.mark.slow
def test_another_list_for_the_same_day_is_refused(run_month, records, bundle, ledger):
    run_month(JANUARY)
    with pytest.raises(InputError) as caught:
        monitor(records, bundle, ledger, as_of=JANUARY, capacity=41)
    assert caught.value.code == "ledger_month_other"
    run_month(FEBRUARY)
    with pytest.raises(InputError) as caught:
        run_month("2018-12-31")
    assert caught.value.code == "ledger_month_earlier"


@pytest.mark.slow
def test_the_next_month_is_compared_with_the_last(run_month):
    january, february = run_month(JANUARY), run_month(FEBRUARY)
    assert february.previous == date(2019, 1, 31)
    then, now = (_demanded(month) for month in (january, february))
    states = dict(february.changes.select("household_id", "state").iter_rows())
    assert {household for household, state in states.items() if state == "new"} == now - then
    assert {household for household, state in states.items() if state == "gone"} == then - now
    assert february.account.opened == february.listings.join(january.listings, on="household_id", how="anti").height


def _demanded(month):
    """Return whom the list demands to visit, those who wait among them."""
    return set(month.roster.frame.filter(pl.col("tier").is_in(["red", "orange", "yellow"]))["household_id"])


@pytest.mark.slow
def test_who_is_no_longer_listed_is_proposed_to_clear_by_a_person(run_month, ledger):
    first, _, third = (run_month(day) for day in (JANUARY, FEBRUARY, MARCH))
    proposed = set(ledger.history().filter(kind="proposed")["household_id"])
    still = set(ledger.listings().filter(pl.col("as_of") > date(2019, 1, 31))["household_id"])
    assert proposed
    assert proposed == set(first.listings["household_id"]) - still
    assert third.account.proposed == len(proposed)
    assert ledger.alerts()["open"].all()


def test_later_records_do_not_change_a_month(population, bundle, tmp_path, run_month):
    month = run_month(JANUARY)
    known = {
        name: frame.filter(pl.col("recorded_on") <= date(2019, 1, 31)) for name, frame in population.tables.items()
    }
    early = monitor(
        Records(known, exported_on=date(2019, 1, 31)), bundle, open_ledger(tmp_path / "early.db"),
        as_of=JANUARY, capacity=40, lang="en",
    )  # fmt: skip
    assert early.listings.equals(month.listings)
    assert early.assessment.equals(month.assessment)
    assert early.watch.counts.equals(month.watch.counts)
    assert early.visits.lines.equals(month.visits.lines)


@pytest.mark.slow
def test_visits_are_those_on_which_something_is_due(run_month, ledger):
    month = run_month(JANUARY)
    assert set(month.visits.lines["alert_id"]) == set(month.alerts["alert_id"])
    acts = month.alerts.select("alert_id", kind=pl.lit("visited"), on=date(2019, 2, 1), by=pl.lit("w"))
    ledger.act(acts)
    february = run_month(FEBRUARY)
    seen = set(month.alerts["alert_id"])
    due = february.visits.lines
    worse = due.filter(change="worse")["alert_id"]
    assert set(due["alert_id"]) & seen <= set(worse) | set(
        february.alerts.filter(pl.col("deadline") <= date(2019, 3, 28))["alert_id"]
    )
    assert set(february.alerts.filter(due="visited")["alert_id"]) <= set(due["alert_id"])
    urgency = due["tier"].replace_strict(list(URGENT_FIRST), [0, 1, 2], default=3).fill_null(3).to_list()
    assert urgency == sorted(urgency)


@pytest.mark.slow
def test_what_it_writes(run_month, tmp_path, records):
    month = run_month(JANUARY)
    month.write(tmp_path / "out")
    book = openpyxl.load_workbook(tmp_path / "out" / "visits.xlsx", read_only=True)
    villages = month.roster.content.places.join(month.visits.lines, on="household_id")["village"].n_unique()
    assert len([name for name in book.sheetnames if book[name].sheet_state == "visible"]) >= villages
    page = (tmp_path / "out" / "bulletin.html").read_text(encoding="utf-8")
    assert not any(code in page for code in month.listings["household_id"])
    counts = json.loads(json.dumps(month.summary))
    assert counts["ledger"]["opened"] == counts["alerts"]["open"] == counts["visits"]
    watched = pl.read_parquet(tmp_path / "out" / "watch.parquet")
    assert watched.equals(month.watch.entries)


@pytest.mark.slow
def test_earlier_months_are_judged_once_their_horizon_is_over(run_month):
    run_month("2018-12-31")
    assert run_month("2019-11-30").realised is None
    judged = run_month("2019-12-31").realised
    assert judged.months["as_of"].to_list() == [date(2018, 12, 31)]
    assert judged.months["over"].all()
    assert 0 < judged.months["relapses"][0] < judged.months["known"][0]


@pytest.mark.slow
def test_a_county_can_turn_a_rule_off_and_draw_nobody(records, bundle, ledger, tmp_path):
    mine = tmp_path / "mine.toml"
    table = read_policy().mechanism.rules
    mine.write_text("".join(f'[rules.{name}]\ntier = "none"\n' for name in table), encoding="utf-8")
    policy = read_policy(mechanism=mine)
    month = monitor(records, bundle, ledger, as_of=JANUARY, capacity=40, random_share=0.0, policy=policy)
    assert set(month.listings["listed_for"]) == {"model"}
    assert month.listings.height == 40


@pytest.mark.slow
def test_what_is_done_after_the_day_is_not_in_its_month(run_month, ledger):
    first = run_month(JANUARY)
    kinds = pl.DataFrame({"kind": ["visited", "refused"], "note": "查无此事"})
    acts = first.alerts.select("alert_id", on=pl.lit(date(2019, 2, 5)), by=pl.lit("w")).join(kinds, how="cross")
    assert set(ledger.act(acts)["outcome"]) == {"done"}
    again = run_month(JANUARY)
    assert again.alerts.equals(first.alerts)
    assert again.clearing.equals(first.clearing)
    assert again.visits.lines.equals(first.visits.lines)
    assert not run_month(FEBRUARY).clearing.equals(first.clearing)


@pytest.mark.slow
def test_an_alert_outlives_its_household_in_the_register(population, run_month, bundle, ledger, tmp_path):
    first = run_month(JANUARY)
    gone = first.roster.listed["household_id"][0]
    left = {name: frame.filter(pl.col("household_id").ne_missing(gone)) for name, frame in population.tables.items()}
    second = monitor(read_records(left).records, bundle, ledger, as_of=FEBRUARY, capacity=40, lang="en")
    assert gone in second.visits.lines["household_id"]
    village = dict(second.visits.places.select("household_id", "village").iter_rows())
    assert village[gone] == first.alerts.filter(household_id=gone)["village"].item()
    assert second.summary["alerts"]["unknown"] == 1
    assert first.summary["alerts"]["unknown"] == 0
    assert [code for code, _ in second.visits.remarks] == ["alerts_unknown"]
    assert "alerts_unknown" in [code for code, _ in second.bulletin.remarks]
    second.write(tmp_path / "out")
    assert second.changes.filter(household_id=gone).select("state", "known").row(0) == ("not_sent", False)


@pytest.mark.slow
def test_an_alert_of_a_village_that_left_the_register_has_its_visit(population, run_month, bundle, ledger, tmp_path):
    first = run_month(JANUARY)
    village = first.alerts["village"][0]
    there = first.roster.content.places.filter(village=village)["household_id"]
    left = {
        name: frame.filter(~pl.col("household_id").is_in(there.implode())) for name, frame in population.tables.items()
    }
    visits = Capacity(visits=1, per="village")
    asked = {"as_of": MARCH, "capacity": visits, "accept_gaps": True, "lang": "en"}
    month = monitor(read_records(left).records, bundle, ledger, **asked)
    former = month.roster.content.plan.counts["former"]
    alerts = first.alerts.filter(village=village)
    assert former["visit"] == alerts.select("county", "town", "village").n_unique()  # several may bear that name
    assert village in month.roster.content.shared.areas["village"]
    assert former["demanded"] == alerts.height
    waiting = month.roster.frame["waiting_for"].count()
    assert waiting == month.summary["waiting"] - former["waiting"] == month.roster.content.waiting.height
    assert month.roster.areas.filter(level="all")["waiting"].item() == waiting
    month.write(tmp_path / "out")
    later = monitor(read_records(left).records, bundle, ledger, **asked | {"as_of": "2019-04-30"})
    waits = pl.col("demanded_for") == "former", pl.col("state") == "waiting"
    before, since = (one.roster.content.plan.frame.filter(*waits) for one in (month, later))
    still = since.join(before, on="household_id", how="semi")
    assert set(still["waiting_since"]) == {date(2019, 3, 31)}
    assert later.visits.waiting.filter(waiting_for="former").height == since.height > 0


@pytest.mark.slow
def test_what_the_records_do_not_have_is_told(population, run_month, bundle, tmp_path):
    assert run_month(JANUARY).summary["missing"] == {"assessment": {}, "watch": {}}
    tables = {name: frame for name, frame in population.tables.items() if name != "illness"}
    book = open_ledger(tmp_path / "other.db")
    month = monitor(read_records(tables).records, bundle, book, as_of=JANUARY, capacity=40)
    missing = json.loads(json.dumps(month.summary["missing"]))
    assert "illness_self_paid_12m" in missing["assessment"]["measure.medical_aid"]
    assert "illness.total_cost" in missing["watch"]["medical_cost"]


@pytest.mark.slow
def test_no_household_and_no_overdue_alert_is_lost(run_month, records):
    run_month(JANUARY)
    month = run_month(MARCH)  # nobody went in between
    known = records.known_by(MARCH).require("households")["household_id"].sort()
    assert month.roster.frame["household_id"].equals(known)
    assert month.assessment["household_id"].equals(known)
    overdue = month.alerts.filter("overdue")
    assert overdue.height
    plan = month.roster.frame.filter(pl.col("visit_for").is_not_null() | pl.col("waiting_for").is_not_null())
    assert set(overdue["household_id"]) <= set(plan["household_id"])
    departed = month.roster.frame.filter(exclusion_reason="departed").height
    for level in ("all", "county", "village"):
        areas = month.roster.areas.filter(level=level)
        assert areas["households"].sum() + departed == known.len()
        assert areas["listed"].sum() == month.roster.listed.height


@pytest.mark.slow
def test_outcomes_of_earlier_months_are_those_known_on_the_day(population, run_month, bundle, tmp_path):
    day = date(2019, 12, 31)
    run_month("2018-12-31")
    full = run_month(day).realised
    then = {name: frame.filter(pl.col("recorded_on") <= day) for name, frame in population.tables.items()}
    book = open_ledger(tmp_path / "early.db")
    for as_of in ("2018-12-31", day):
        early = monitor(Records(then, exported_on=day), bundle, book, as_of=as_of, capacity=40, lang="en")
    assert early.realised.months.equals(full.months)
    assert early.realised.rows.equals(full.rows)


@pytest.mark.slow
def test_who_is_listed_has_an_open_alert_or_is_counted_as_resting(run_month, ledger):
    alerts = run_month(JANUARY).alerts.head(10)
    kinds = pl.DataFrame({"kind": ["visited", "refused"], "note": "查无此事"})
    ledger.act(alerts.select("alert_id", on=pl.lit(date(2019, 2, 5)), by=pl.lit("w")).join(kinds, how="cross"))
    month = run_month(FEBRUARY)
    unopened = month.listings.join(month.alerts.filter("open"), on="household_id", how="anti")
    assert unopened.height == month.summary["alerts"]["resting"] > 0


def test_the_register_of_a_day_is_looked_at_once(run_month, monkeypatch):
    days, known_by = Counter(), Records.known_by
    monkeypatch.setattr(Records, "known_by", lambda self, day: days.update([str(day)]) or known_by(self, day))
    run_month(JANUARY)
    assert days == {JANUARY: 1}
    run_month("2020-02-29")  # a year later, the first day is not looked at again
    assert days == {JANUARY: 1, "2020-02-29": 1}


def test_watch_lists_go_by_the_incomes_that_the_bundle_goes_by(ledger):
    homes, day = ["a", "b"], date(2018, 12, 31)
    elderly = {"person_id": ["a1", "b1"], "household_id": homes, "birth_date": [date(1940, 1, 1)] * 2}
    period = {"period_start": [date(2018, 1, 1)] * 2, "period_end": [day] * 2}
    incomes = {"household_id": homes, **period, "household_size": [2, 2], "net_income_per_capita": [4000.0, 4000.0]}
    bill = {"household_id": ["a"], "occurred_on": [date(2018, 6, 1)], "self_paid": [6000.0]}
    tables = {"households": {"household_id": homes}, "members": elderly, "incomes": incomes, "illness": bill}
    records = Records({name: pl.DataFrame(rows).with_columns(recorded_on=day) for name, rows in tables.items()})
    found = {}
    for label in ("income", "after_fixed_expenditure"):
        month = monitor(records, rule_bundle(label=label), ledger, as_of=JANUARY if label == "income" else FEBRUARY)
        found[label] = month.watch.entries.filter(state="poor_elderly")["person_id"].to_list()
    assert found == {"income": [], "after_fixed_expenditure": ["a1"]}
