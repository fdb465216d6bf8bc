"""Copies of a ledger, and the check that it is as it was recorded."""

import sqlite3
from dataclasses import replace

import polars as pl
import pytest
from sqlalchemy import text

from relapse_risk.errors import InputError
from relapse_risk.monitoring import open_ledger, restore_ledger
from relapse_risk.policy import read_policy
from tests.edited_models import edited
from tests.monitoring.ledger.ledger_months import FEB, JAN, MAR, act_of, acts_of, month_of, states_of


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_copy_is_made_before_each_month_but_the_first(tmp_path):
    ledger = open_ledger(tmp_path / "county.db")
    assert ledger.record_month(month_of(JAN, {"h1": "red"})).backup is None
    ledger.act(acts_of(act_of("h1", "visited", FEB)))
    saved = ledger.record_month(month_of(FEB, {"h1": "red"})).backup
    assert saved.name.startswith("county.backup-20")
    assert names(tmp_path) == sorted(["county.db", saved.name])
    assert ledger.record_month(month_of(FEB, {"h1": "red"})).backup is None
    old = open_ledger(saved, make=False)
    assert (old.months(), states_of(old)) == ([JAN], {"h1": "visited"})
    assert ledger.events().filter(event="backup")["note"].to_list() == [saved.name]


def test_a_ledger_on_a_server_is_not_copied(postgresql_url, tmp_path):
    ledger = open_ledger(postgresql_url)
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    assert ledger.record_month(month_of(FEB, {"h1": "red"})).backup is None
    assert ledger.back_up() is None
    with pytest.raises(InputError) as caught:
        restore_ledger(postgresql_url, tmp_path / "x.db", overwrite=True)
    assert caught.value.code == "ledger_restore_server"


def test_where_no_copy_can_be_written_nothing_is_done(tmp_path, monkeypatch):
    ledger = open_ledger(tmp_path / "county.db")
    ledger.record_month(month_of(JAN, {"h1": "red"}))

    def denied(*_):
        raise PermissionError

    def unopened(*_):
        raise sqlite3.OperationalError("unable to open database file")

    monkeypatch.setattr("relapse_risk.monitoring.ledger.backup._copy", unopened)
    monkeypatch.setattr("shutil.copyfile", denied)
    with pytest.raises(InputError) as caught:
        ledger.record_month(month_of(FEB, {"h1": "red"}))
    assert caught.value.code == "ledger_no_backup"
    assert ledger.months() == [JAN]


def test_the_newest_copies_are_kept_and_the_first_of_as_many_days(tmp_path):
    ours = read_policy()
    policy = replace(ours, mechanism=edited(ours.mechanism, "ledger.backup.keep", 2))
    ledger = open_ledger(tmp_path / "county.db", policy=policy)
    (tmp_path / "county.backup-mine.db").write_text("left alone")
    of_before = [
        f"county.backup-2019-0{month}-01-{time}-000000.db" for month in (1, 2, 3) for time in ("080000", "090000")
    ]
    for name in of_before:
        (tmp_path / name).write_bytes((tmp_path / "county.db").read_bytes())
    first, *_, before, last = (ledger.back_up().name for _ in range(5))
    kept = [of_before[4], first, before, last]  # the first of March and of today, and two of today's
    assert names(tmp_path) == sorted(["county.backup-mine.db", "county.db", *kept])


def test_a_copy_is_put_back_and_what_was_there_is_kept(tmp_path):
    path = tmp_path / "county.db"
    ledger = open_ledger(path)
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    copy = ledger.record_month(month_of(FEB, {"h1": "red", "h2": "red"})).backup
    with pytest.raises(InputError) as caught:
        restore_ledger(path, copy)
    assert caught.value.code == "ledger_restore_taken"
    saved = restore_ledger(path, copy, overwrite=True)
    assert open_ledger(path).months() == [JAN]
    assert open_ledger(saved).months() == [JAN, FEB]
    assert open_ledger(path).check().is_empty()
    restore_ledger(path, saved, overwrite=True)
    assert open_ledger(path).months() == [JAN, FEB]


def test_a_restored_ledger_tells_of_the_copies_it_came_from_alone(tmp_path):
    ledger = open_ledger(tmp_path / "county.db")

    def copies():
        return ledger.events().filter(event="backup")["note"].to_list()

    ledger.record_month(month_of(JAN, {"h1": "red"}))
    first = ledger.back_up()
    ledger.act(acts_of(act_of("h1", "visited", FEB)))
    second = ledger.back_up()
    assert copies() == [first.name, second.name]
    saved = restore_ledger(ledger.store.file, first, overwrite=True)
    assert copies() == [first.name]
    ledger.act(acts_of(act_of("h1", "acknowledged", FEB)))
    third = ledger.back_up()
    assert copies() == [first.name, third.name]
    restore_ledger(ledger.store.file, saved, overwrite=True)
    assert copies() == [first.name, second.name, saved.name]


def test_a_copy_is_put_where_nothing_or_something_broken_is(tmp_path):
    ledger = open_ledger(tmp_path / "county.db")
    ledger.record_month(month_of(JAN, {"h1": "red"}))
    assert restore_ledger(tmp_path / "new.db", ledger.store.file) is None
    assert open_ledger(tmp_path / "new.db", make=False).months() == [JAN]
    broken = tmp_path / "broken.db"
    broken.write_bytes(b"no database" * 500)
    saved = restore_ledger(broken, ledger.store.file, overwrite=True)
    assert saved.read_bytes() == b"no database" * 500
    assert open_ledger(broken, make=False).months() == [JAN]


@pytest.mark.parametrize("given", ["missing.db", "county.db", "other.db"])
def test_what_is_no_copy_is_refused_and_nothing_is_changed(tmp_path, given):
    (tmp_path / "other.db").write_bytes(b"PK" * 500)
    path = tmp_path / "county.db"
    open_ledger(path).record_month(month_of(JAN, {"h1": "red"}))
    before, there = path.read_bytes(), names(tmp_path)
    with pytest.raises(InputError):
        restore_ledger(path, tmp_path / given, overwrite=True)
    assert (path.read_bytes(), names(tmp_path)) == (before, there)


@pytest.fixture
def full(url):
    ledger = open_ledger(url)
    ledger.record_month(month_of(JAN, {"h1": "red", "h2": "red"}, places={"h2": {"group_name": "二组"}}))
    ledger.act(acts_of(act_of("h1", "visited", FEB), act_of("h1", "proposed", FEB)))
    ledger.record_month(month_of(MAR, {"h2": "red"}, places={"h2": {"group_name": "二组"}}))
    ledger.withdraw_month(MAR, by="王", reason="走访能力填错")
    ledger.record_month(month_of(MAR, {"h1": "red"}))
    ledger.act(acts_of(act_of("h2", "refused", MAR, note="已迁出")))
    ledger.sign_off("group", "Z州/甲县/东镇/上村/二组", "王", MAR)
    return ledger


def test_a_ledger_is_sound_whatever_was_done_through_it(full):
    assert full.check().is_empty()


TAMPERED = (
    ("UPDATE entries SET kind = 'refused' WHERE entry_id = 3", ("seal_broken", "entries 3")),
    ("DELETE FROM entries WHERE entry_id = 4", ("seal_broken", "entries 5")),
    ("UPDATE listings SET tier = 'none' WHERE run = 1", ("seal_broken", "months 2020-01-31")),
    ("UPDATE months SET digest = 'other' WHERE run = 1", ("seal_broken", "months 2020-01-31")),
    ("UPDATE withdrawals SET note = 'other'", ("seal_broken", "withdrawals 1")),
    ("UPDATE sign_offs SET by = 'other'", ("seal_broken", "sign_offs 1")),
    ("DELETE FROM withdrawals", ("month_twice", "2020-03-31")),
)


@pytest.mark.parametrize(("statement", "fault"), TAMPERED)
def test_what_was_changed_by_other_means_is_found(full, statement, fault):
    table = next(word for word in ("entries", "listings", "months", "sign_offs", "withdrawals") if word in statement)
    with full.store.engine.begin() as connection:
        if full.store.file is None:
            connection.execute(text(f"ALTER TABLE {table} DISABLE TRIGGER append_only"))
        else:
            connection.execute(text(f"DROP TRIGGER {table}_no_update"))
            connection.execute(text(f"DROP TRIGGER {table}_no_delete"))
        connection.execute(text(statement))
    faults = full.check().rows()
    assert fault in faults
    assert ("guard_missing", table) in faults


def test_everything_that_happened_is_told_the_newest_last(full):
    backups = full.events().filter(event="backup").height
    happened = full.events().filter(pl.col("event") != "backup")
    assert backups == (2 if full.store.file else 0)
    assert happened["event"].to_list() == [
        "month",
        "visited",
        "proposed",
        "month",
        "month_withdrawn",
        "month",
        "refused",
        "sign_off",
    ]
    assert happened.filter(event="month")["withdrawn"].to_list() == [False, True, False]
    assert happened.filter(event="month_withdrawn").select("by", "note").row(0) == ("王", "走访能力填错")
    assert full.events("h1")["event"].to_list() == ["opened", "visited", "proposed", "proposed", "month_withdrawn"]
    assert full.events("h9").is_empty()
