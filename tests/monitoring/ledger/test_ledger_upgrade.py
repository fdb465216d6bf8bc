"""A ledger of an earlier layout is brought to today's: whole or not at all, and nothing in it is lost or made up."""

import sqlite3
from contextlib import closing

import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.monitoring import open_ledger, restore_ledger
from tests.monitoring.ledger.earlier_layouts import TABLES, as_of_layout, changed
from tests.monitoring.ledger.ledger_months import (
    FEB,
    JAN,
    MAR,
    ONE_STEP,
    act_of,
    acts_of,
    long_run,
    month_of,
    states_of,
)

LAYOUTS = sorted(TABLES)


@pytest.fixture(scope="module")
def today(tmp_path_factory):
    """A ledger of four months with acts and a signature, cleared by one person as at the time of layout 1."""
    path = tmp_path_factory.mktemp("today") / "county.db"
    ledger = open_ledger(path, policy=ONE_STEP)
    for month, acts in long_run(months=4, households=60):
        ledger.record_month(month)
        ledger.act(acts)
    signable = ledger.clearing("group").filter("clear")["area"][0]
    ledger.sign_off("group", signable, "王", "2020-06-01")
    return path


@pytest.fixture(params=LAYOUTS)
def old(request, today, tmp_path):
    return as_of_layout(request.param, today, tmp_path / "county.db")


def counts_of(path):
    with closing(sqlite3.connect(path)) as connection:
        tables = [name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")]
        return {name: connection.execute(f"SELECT count(*) FROM {name}").fetchone()[0] for name in tables}


def refused(code, path):
    before = path.read_bytes()
    with pytest.raises(InputError) as caught:
        open_ledger(path)
    assert caught.value.code == code
    assert path.read_bytes() == before
    assert [one.name for one in path.parent.iterdir()] == [path.name]  # no copy of what was not changed
    for lang in ("zh", "en"):
        assert "\n" not in caught.value.in_language(lang)
    return str(caught.value)


def test_everything_is_as_it_was(old, today):
    before = counts_of(old)
    ledger, was = open_ledger(old), open_ledger(today)
    after = counts_of(old)
    assert {name: after[name] - (name == "ledger") for name in before} == before
    assert ledger.check().is_empty()
    assert ledger.alerts().equals(was.alerts())
    assert ledger.listings().equals(was.listings())
    assert ledger.history().equals(was.history())
    assert ledger.clearing("group").equals(was.clearing("group"))
    assert [ledger.scores(day) for day in ledger.months()] == [was.scores(day) for day in was.months()]


def test_the_file_as_it_was_is_kept_and_told(old):
    before = old.read_bytes()
    upgrade = open_ledger(old).upgrade
    assert upgrade.backup.name.startswith("county.backup-20")
    assert counts_of(upgrade.backup)["ledger"] == 1
    with closing(sqlite3.connect(":memory:")) as copy:
        copy.execute("ATTACH ? AS saved", (str(upgrade.backup),))
        assert copy.execute("SELECT max(version) FROM saved.ledger").fetchone() == (upgrade.found,)
    assert len(upgrade.backup.read_bytes()) == len(before)
    assert open_ledger(old).upgrade is None  # the second time there is nothing to do


def test_what_was_not_sealed_is_named(old, today):
    ledger = open_ledger(old)
    earlier = ledger.earlier_records()
    entries = open_ledger(today).history().height
    assert (earlier.months, earlier.entries) == (4, entries)
    assert ledger.events().filter(event="upgrade")["note"].to_list() == [f"{earlier.found} → 3"]
    ledger.act(acts_of(act_of("h00001", "found", MAR.replace(month=7))))
    assert ledger.earlier_records() == earlier
    assert open_ledger(today).earlier_records() is None


def test_what_is_changed_after_the_upgrade_is_seen(old):
    ledger = open_ledger(old)
    changed(old, "DROP TRIGGER entries_no_update", "UPDATE entries SET \"by\" = '别人' WHERE entry_id = 3")
    assert {"guard_missing", "seal_broken"} <= set(ledger.check()["rule"])


def test_months_go_on_and_can_be_withdrawn(old):
    ledger = open_ledger(old, policy=ONE_STEP)
    newest = ledger.months()[-1]
    before = ledger.alerts()
    ledger.record_month(month_of(MAR.replace(month=7), {"h00002": "red"}, known=("h00002",)))
    ledger.withdraw_month("2020-07-31", by="王", reason="数据不全")
    assert ledger.alerts().equals(before)
    assert ledger.withdraw_month(newest, by="王", reason="数据不全").entries > 0
    assert ledger.months()[-1] < newest
    assert ledger.check().is_empty()


def test_who_was_cleared_by_one_person_stays_cleared_by_the_steps_of_today(tmp_path):
    made = open_ledger(tmp_path / "made.db", policy=ONE_STEP)
    made.record_month(month_of(JAN, {"h1": "red", "h2": "red"}))
    made.act(acts_of(act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB)))
    ledger = open_ledger(as_of_layout(1, tmp_path / "made.db", tmp_path / "county.db"))
    assert states_of(ledger) == {"h1": "cleared", "h2": "open"}


def test_an_act_dated_before_a_list_that_did_not_know_of_it_contradicts_nothing(tmp_path):
    """In layout 1 an alert could be closed late, dated before a newer list."""
    made = open_ledger(tmp_path / "made.db", policy=ONE_STEP)
    made.record_month(month_of(JAN, {"h1": "yellow"}))
    made.record_month(month_of(FEB, {"h1": "red"}))
    made.act(acts_of(act_of("h1", "visited", FEB), act_of("h1", "cleared", FEB)))
    path = as_of_layout(1, tmp_path / "made.db", tmp_path / "county.db")
    changed(path, "UPDATE entries SET \"on\" = '2020-02-10' WHERE kind IN ('visited', 'cleared')")
    ledger = open_ledger(path)
    assert ledger.check().is_empty()
    assert states_of(ledger) == {"h1": "cleared"}


@pytest.mark.parametrize(
    ("statement", "named"),
    [
        ("DELETE FROM entries WHERE entry_id = 3", "entries"),
        ("DELETE FROM alerts WHERE alert_id = 1", "refers_to_nothing"),
        ("INSERT INTO alerts VALUES (9999, 'h99999')", "alert_without_entry (9999)"),
        ("UPDATE months SET scores = x'00'", "scores_damaged"),
        ("UPDATE entries SET kind = 'reopened' WHERE entry_id = 1", "state_impossible"),
    ],
)
def test_what_contradicts_itself_is_refused(today, tmp_path, statement, named):
    folder = tmp_path / "alone"
    folder.mkdir()
    path = changed(as_of_layout(1, today, folder / "county.db"), statement)
    assert named in refused("ledger_contradicts", path)


@pytest.mark.parametrize("statement", ["ALTER TABLE months ADD COLUMN more INTEGER", "DROP TABLE sign_offs"])
def test_what_is_not_the_layout_it_says_is_refused(old, statement):
    refused("ledger_older", changed(old, statement))


def test_a_copy_of_an_earlier_layout_can_be_restored_and_stays_as_it_is(old, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    before = old.read_bytes()
    restore_ledger(other / "county.db", old)
    assert old.read_bytes() == before
    assert open_ledger(other / "county.db").upgrade.found in LAYOUTS


def test_one_that_may_not_be_written_is_refused_in_one_line(old, monkeypatch):
    def read_only(connection, _):
        connection.isolation_level = None
        connection.execute("PRAGMA query_only = ON")

    monkeypatch.setattr("relapse_risk.monitoring.ledger.engine._prepare_sqlite", read_only)
    assert "you may only read it" in refused("ledger_older_readonly", old)


def test_one_on_a_server_is_brought_over_in_one_transaction(postgresql_url, today, tmp_path):
    path = as_of_layout(1, today, tmp_path / "county.db")
    ledger = open_ledger(postgresql_url)
    with closing(sqlite3.connect(path)) as old, ledger.store.engine.begin() as connection:
        for table in ("withdrawals", "sign_offs", "renumberings", "entries", "listings", "alerts", "months", "ledger"):
            connection.exec_driver_sql(f"DROP TABLE {table}")
        for name in ("ledger", *TABLES[1]):
            (made,) = old.execute("SELECT sql FROM sqlite_master WHERE name = ?", (name,)).fetchone()
            made = made.replace("BLOB", "BYTEA").replace("DATETIME", "TIMESTAMP").replace("FLOAT", "FLOAT8")
            connection.exec_driver_sql(made)
            rows = old.execute(f"SELECT * FROM {name}").fetchall()
            places = ", ".join(["%s"] * len(rows[0]))
            connection.exec_driver_sql(f"INSERT INTO {name} VALUES ({places})", rows)
    upgraded = open_ledger(postgresql_url)
    assert (upgraded.upgrade.found, upgraded.upgrade.backup) == (1, None)
    assert upgraded.check().is_empty()
    columns = pl.exclude("recorded_at")
    assert upgraded.history().select(columns).equals(open_ledger(today).history().select(columns))
