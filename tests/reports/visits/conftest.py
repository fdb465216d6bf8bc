"""The invented visits written, and read back after a change."""

import openpyxl
import polars as pl
import pytest

from relapse_risk.ingest import read_visits
from relapse_risk.reports import write_visit_workbook
from tests.reports.invented_visits import invented_policy, make_visits
from tests.reports.visits.filled_books import TODAY


@pytest.fixture(scope="module")
def policy(tmp_path_factory):
    return invented_policy(tmp_path_factory.mktemp("policy"))


@pytest.fixture(scope="module")
def written(tmp_path_factory, policy):
    """Write the visits in a language, once each."""
    made = {}

    def path_of(lang="zh"):
        if lang not in made:
            made[lang] = tmp_path_factory.mktemp("written") / f"visits-{lang}.xlsx"
            visits = make_visits(remarks=(("stale", {"count": 37, "share": 0.031}),))
            carried = visits.places.select("household_id", head_name=pl.lit("=1+1"))
            write_visit_workbook(visits, made[lang], policy=policy, lang=lang, carried=carried)
        return made[lang]

    return path_of


@pytest.fixture
def book(written):
    return openpyxl.load_workbook(written())


@pytest.fixture
def read(tmp_path, policy):
    """Read a workbook back that was changed in between."""

    def back(book, **options):
        book.save(tmp_path / "filled.xlsx")
        return read_visits(tmp_path / "filled.xlsx", policy, today=TODAY, **options)

    return back
