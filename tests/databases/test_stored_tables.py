"""Record tables and scores in databases: a DuckDB file, and a PostgreSQL server of our own."""

from itertools import count

import polars as pl
import pytest
from sqlalchemy import create_engine, text

import relapse_risk as rr
from relapse_risk.cli import run
from relapse_risk.cli.output import out_files
from relapse_risk.databases import append_run, place_of, read_tables, write_tables
from relapse_risk.errors import InputError
from relapse_risk.synthetic import synthesise

_NUMBERS = count()
SECRET = "postgresql://reader:s3cret@nohost.invalid:1/county?sslpassword=s3cret"


@pytest.fixture(scope="module")
def records():
    return rr.read_records(synthesise(households=40, seed=2).tables).records


@pytest.fixture(params=["duckdb", pytest.param("postgresql", marks=pytest.mark.slow)])
def url(request, tmp_path):
    """An empty place in either database; on the server only among the slow tests."""
    if request.param == "duckdb":
        return f"duckdb:///{tmp_path / 'county.db'}"
    server, schema = request.getfixturevalue("server"), f"county_{next(_NUMBERS)}"
    engine = create_engine(server)
    with engine.begin() as connection:
        connection.execute(text(f"CREATE SCHEMA {schema}"))
    engine.dispose()
    return f"{server}&options=-csearch_path%3D{schema}"


def rows_of(url, table="risk"):
    return read_tables(url, [table])[table]


def test_what_is_written_is_read_as_it_was(url, records):
    rr.write_records(records, url)
    again = rr.read_records(url)
    assert again.notes == ()
    assert again.records.tables.keys() == records.tables.keys()
    for name, frame in records.tables.items():
        assert again.records.table(name).equals(frame), name


def test_tables_that_are_there_are_not_written_over(url, records):
    write_tables(url, {"loans": pl.DataFrame({"loan_id": ["1"]})})
    with pytest.raises(InputError, match="loans") as refused:
        rr.write_records(records, url)
    assert refused.value.code == "database_not_empty"
    assert read_tables(url, ["loans", "households"]).keys() == {"loans"}


def test_tables_of_others_are_left_alone(url, records):
    rr.write_records(records, url)
    write_tables(url, {"staff": pl.DataFrame({"name": ["a"]})})
    assert rr.read_records(url).records.tables.keys() == records.tables.keys()


def test_a_database_without_record_tables_is_told(url):
    write_tables(url, {"staff": pl.DataFrame({"name": ["a"]})})
    with pytest.raises(InputError) as refused:
        rr.read_records(url)
    assert refused.value.code == "nothing_understood"


def test_a_run_is_appended_once_and_whole(url):
    kinds = {"household_id": pl.String, "rank": pl.UInt32, "tier": pl.Enum(["red", "none"]), "empty": pl.Null}
    frame = pl.DataFrame({"household_id": ["1", "2"], "rank": [1, 2], "tier": ["red", "none"], "empty": None}, kinds)
    append_run(url, "risk", frame, "first")
    append_run(url, "risk", frame, "second")
    with pytest.raises(InputError, match="first") as refused:
        append_run(url, "risk", frame, "first")
    assert refused.value.code == "database_run_there"
    with pytest.raises(InputError) as failed:  # the last row breaks the key: not one of the others stays
        append_run(url, "risk", pl.concat([frame, frame.tail(1)]), "third")
    assert failed.value.code == "database_failed"
    assert sorted(rows_of(url)["run_id"]) == ["first", "first", "second", "second"]
    assert sorted(rows_of(url)["rank"]) == [1, 1, 2, 2]


def test_a_table_of_other_columns_is_refused(url):
    frame = pl.DataFrame({"household_id": ["1"], "rank": [1]})
    append_run(url, "risk", frame, "first")
    with pytest.raises(InputError, match="tier") as refused:
        append_run(url, "risk", frame.with_columns(tier=pl.lit("red")), "second")
    assert refused.value.code == "database_other_columns"


@pytest.mark.slow
def test_scores_go_from_a_database_into_a_table_once(url, records, tmp_path, capsys):
    rr.write_records(records, url)
    what = ["score", url, "--rule", "--as-of", "2019-12-31", "--append-to", url, "--lang", "en", "--quiet"]
    assert run([*what, "--out", str(tmp_path / "scores")]) == 0
    risk, rows = pl.read_parquet(tmp_path / "scores" / "risk.parquet"), rows_of(url)
    assert rows.columns == ["run_id", "bundle", *risk.columns]
    assert rows["run_id"].n_unique() == 1
    columns = ["household_id", "as_of", "tier", "rank", "probability"]
    assert rows.select(columns).cast({"rank": risk.schema["rank"]}).sort("household_id").equals(risk.select(columns))
    assert run([*what, "--out", str(tmp_path / "again")]) == 2
    assert "there already" in capsys.readouterr().err
    assert not (tmp_path / "again").exists()
    assert run([*what, "--out", str(tmp_path / "again"), "--run-id", "checked"]) == 0
    assert rows_of(url).height == 2 * risk.height


def test_a_database_is_no_file_that_an_output_could_overwrite(url, tmp_path):
    with out_files((tmp_path / "county.rrb",), overwrite=False, inputs=(url,)) as (path,):
        path.write_text("bundle")
    assert (tmp_path / "county.rrb").read_text() == "bundle"


@pytest.mark.parametrize("name", ["", "1risk", 'risk"; DROP TABLE risk; --', "r" * 64])
def test_a_table_has_a_plain_name(name):
    with pytest.raises(InputError) as refused:
        append_run("duckdb:///county.db", name, pl.DataFrame({"household_id": ["1"]}), "first")
    assert refused.value.code == "database_table_name"


def test_no_password_is_told(tmp_path):
    with pytest.raises(InputError) as refused:
        rr.read_records(SECRET)
    assert refused.value.code == "database_unreachable"
    for lang in ("zh", "en"):
        assert "s3cret" not in refused.value.in_language(lang)
        assert "nohost.invalid" in refused.value.in_language(lang)


@pytest.mark.parametrize("url", ["county.db", "mysql://host/db", "duckdb://", "postgresql://host:port/db"])
def test_what_is_no_database_is_refused_before_the_work_is_done(url, tmp_path, capsys):
    what = ["score", "nowhere", "--rule", "--as-of", "2019-12-31", "--append-to", url, "--lang", "en"]
    assert run([*what, "--out", str(tmp_path / "scores")]) == 2
    assert "neither a DuckDB file nor PostgreSQL" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        (SECRET, "postgresql://reader:***@nohost.invalid:1/county"),
        ("postgresql+psycopg://u:p%40w@host/db", "postgresql://u:***@host/db"),
        ("postgresql://u:s3@cret@host/db", "postgresql://u:***@host/db"),
        ("postgresql:///db?host=/run&password=s3cret", "postgresql:///db"),
        ("duckdb:////data/county.db", "duckdb:////data/county.db"),
    ],
)
def test_a_place_is_shown_without_secrets(given, shown):
    assert place_of(given) == shown


def test_a_file_that_is_not_there_is_not_made(tmp_path):
    with pytest.raises(InputError) as refused:
        rr.read_records(f"duckdb:///{tmp_path / 'county.db'}")
    assert refused.value.code == "database_missing"
    assert not any(tmp_path.iterdir())


def test_a_file_that_is_no_database_is_refused(tmp_path):
    (tmp_path / "county.db").write_text("no database")
    with pytest.raises(InputError) as refused:
        rr.read_records(f"duckdb:///{tmp_path / 'county.db'}")
    assert refused.value.code == "database_unreachable"


def test_a_missing_driver_says_what_to_install(monkeypatch):
    monkeypatch.setattr("relapse_risk.databases.stored_tables.find_spec", lambda _: None)
    with pytest.raises(InputError, match=r"relapse-risk\[storage\]"):
        rr.read_records("postgresql://host/db")
