import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import text

from relapse_risk.errors import InputError
from relapse_risk.monitoring import open_ledger
from relapse_risk.policy import read_policy
from tests.monitoring.ledger.ledger_months import JAN, month_of, states_of


def refused(code, url, **given):
    with pytest.raises(InputError) as caught:
        open_ledger(url, **given)
    assert caught.value.code == code
    for lang in ("zh", "en"):
        assert "\n" not in caught.value.in_language(lang)
    return str(caught.value)


def test_a_ledger_is_opened_again_as_it_was(url):
    open_ledger(url).record_month(month_of(JAN, {"h1": "red"}))
    assert states_of(open_ledger(url)) == {"h1": "open"}


def test_a_path_is_a_ledger_and_one_file(tmp_path):
    ledger = open_ledger(tmp_path / "county.db")
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    assert [path.name for path in tmp_path.iterdir()] == ["county.db"]
    assert open_ledger(str(tmp_path / "county.db")).months() == [JAN]


def test_sqlite_is_set_to_lose_nothing(tmp_path):
    with open_ledger(tmp_path / "county.db").store.reading() as connection:
        asked = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in ("foreign_keys", "synchronous")
        }
        assert asked == {"foreign_keys": 1, "synchronous": 2}
        assert connection.exec_driver_sql("PRAGMA journal_mode").scalar() == "delete"


def test_a_database_of_something_else_is_left_alone(url):
    ledger = open_ledger(url)
    with ledger.store.engine.begin() as connection:
        for table in ("withdrawals", "sign_offs", "renumberings", "entries", "listings", "alerts", "months", "ledger"):
            connection.execute(text(f"DROP TABLE {table}"))
        connection.execute(text("CREATE TABLE households (name VARCHAR)"))
    refused("ledger_foreign", url)
    with ledger.store.reading() as connection:
        assert connection.execute(text("SELECT * FROM households")).all() == []


def test_a_later_layout_is_refused(url):
    ledger = open_ledger(url)
    with ledger.store.engine.begin() as connection:
        connection.execute(text("INSERT INTO ledger VALUES (9, '2030-01-01 00:00:00')"))
    assert "its layout is 9" in refused("ledger_newer", url)


def test_an_earlier_layout_is_refused(tmp_path):
    path = tmp_path / "county.db"
    with sqlite3.connect(path) as old:
        old.execute("CREATE TABLE ledger (version INTEGER PRIMARY KEY, recorded_at DATETIME)")
        old.execute("CREATE TABLE months (as_of DATE PRIMARY KEY)")
        old.execute("INSERT INTO ledger VALUES (1, '2020-01-31 00:00:00')")
    old.close()
    before = path.read_bytes()
    assert "its layout is 1" in refused("ledger_older", path)
    assert path.read_bytes() == before


def test_a_file_of_another_kind_is_refused(tmp_path):
    other = tmp_path / "roster.xlsx"
    other.write_bytes(b"PK" + b"\x00" * 5000)
    refused("ledger_foreign", other)
    assert other.read_bytes().startswith(b"PK")


def test_a_folder_that_is_not_there_is_refused(tmp_path):
    refused("ledger_unreachable", tmp_path / "none" / "county.db")


def test_a_server_that_is_not_there_is_refused_and_the_password_is_not_told(tmp_path):
    said = refused("ledger_unreachable", f"postgresql://clerk:secret@/county?host={tmp_path}")
    assert "secret" not in said


@pytest.mark.parametrize("url", ["mysql://clerk@host/county", "sqlite://", "sqlite:///:memory:", "://"])
def test_other_urls_are_refused(url):
    refused("ledger_url", url)


def test_what_a_database_refuses_is_told_without_its_values(tmp_path):
    ledger = open_ledger(tmp_path / "county.db")
    with ledger.store.engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE listings")
    with pytest.raises(InputError) as caught:
        ledger.record_month(month_of(JAN, {"某户-甲": "red"}))
    assert caught.value.code == "ledger_failed"
    assert "某户-甲" not in str(caught.value)


def test_a_ledger_that_another_holds_is_busy(tmp_path, monkeypatch):
    monkeypatch.setattr("relapse_risk.monitoring.ledger.engine._WAIT", 0.05)
    path = tmp_path / "county.db"
    ledger = open_ledger(path)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(InputError) as caught:
        ledger.record_month(month_of(JAN, {"h1": "red"}))
    holder.close()
    assert caught.value.code == "ledger_busy"
    assert ledger.months() == []


def test_a_postgresql_ledger_that_another_holds_is_busy(postgresql_url, monkeypatch):
    monkeypatch.setattr("relapse_risk.monitoring.ledger.engine._WAIT", 0.1)
    ledger = open_ledger(postgresql_url)
    with ledger.store.writing(), pytest.raises(InputError) as caught:
        ledger.record_month(month_of(JAN, {"h1": "red"}))
    assert caught.value.code == "ledger_busy"


def test_an_offices_own_deadlines_count(tmp_path):
    mine = tmp_path / "mechanism.toml"
    mine.write_text("[ledger.deadlines.red]\nvisited = 3", encoding="utf-8")
    ledger = open_ledger(tmp_path / "county.db", policy=read_policy(mechanism=mine))
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    assert ledger.alerts()["deadline"].to_list()[0].isoformat() == "2020-02-03"


def test_the_database_is_not_loaded_before_it_is_needed():
    seen = "import sys, relapse_risk, relapse_risk.cli; print('sqlalchemy' in sys.modules, 'polars' in sys.modules)"
    source = str(Path(__file__).resolve().parents[3] / "src")
    env = {**os.environ, "PYTHONPATH": source}
    process = subprocess.run([sys.executable, "-c", seen], capture_output=True, text=True, check=True, env=env).stdout
    assert process.split()[0] == "False"
