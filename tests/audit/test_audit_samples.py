"""The audit of the sample exports of two invented counties, and of an invented register without faults."""

import importlib.util
from pathlib import Path

import polars as pl
import pytest

from relapse_risk.audit import run_audit
from relapse_risk.ingest import read_records
from relapse_risk.synthetic import synthesise

EXPERIMENT = Path(__file__).resolve().parents[2] / "experiments" / "audit.py"

pytestmark = pytest.mark.slow  # it reads both counties anew


@pytest.fixture(scope="module")
def experiment():
    spec = importlib.util.spec_from_file_location("audit_experiment", EXPERIMENT)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="module")
def judged(shared, experiment):
    found, _ = experiment.audit(shared / "samples")
    return experiment.judged(found, experiment.read_planted(shared / "samples"))


def test_planted_faults_are_found_and_nothing_else_is(judged, experiment):
    table = experiment.summary(*judged)
    whole = table.row(by_predicate=pl.col("kind") == "all", named=True)
    assert whole["precision"] >= 0.98
    assert whole["recall"] >= 0.95
    kinds = table.filter((pl.col("planted") > 0) & (pl.col("kind") != "mojibake"))
    assert kinds.height >= 18
    assert kinds["recall"].min() >= 0.95
    assert kinds["precision"].min() >= 0.98


def test_what_is_missed_is_a_person_whom_nobody_knows(judged):
    missed = judged[0].filter(~pl.col("found")).group_by("kind", "sheet").len()
    assert set(missed.select("kind", "sheet").rows()) == {("event_after_death", "")}


def test_no_row_is_refused_in_which_nothing_was_planted(judged):
    refused = judged[1].filter(pl.col("severity") == "refuse")
    assert refused.height > 100
    assert (refused["verdict"] != "false alarm").all()


def test_a_register_without_faults_raises_no_warning():
    register = synthesise(households=400, seed=41)
    findings = run_audit(read_records(dict(register.tables), exported_on=register.exported_on)).findings
    assert findings.filter(pl.col("severity") != "note").is_empty()
