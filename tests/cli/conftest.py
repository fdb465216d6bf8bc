"""One register, one bundle and one scoring, made once through the command line; another register with a first month."""

import shutil
from dataclasses import dataclass
from functools import partial
from importlib import import_module
from pathlib import Path

import pytest
import xlsxwriter

from relapse_risk.cli import run
from relapse_risk.evaluation import report_models
from relapse_risk.models import ReasonAdditiveClassifier
from tests.cli.month_runs import OCTOBER, month_command

evaluate = import_module("relapse_risk.training.evaluate")  # the package holds the function under this name

LIGHT = {"n_rounds": 10, "n_folds": 2}

# The package holds the function of the same name.
train_module = import_module("relapse_risk.training.train")


@dataclass(frozen=True, kw_only=True)
class Road:
    """Where each verb wrote."""

    register: Path
    bundle: Path
    scores: Path


@pytest.fixture(scope="session")
def light_models():
    """The default model with few trees, beside the two quickest baselines: what is tested is the road."""
    init, baselines = ReasonAdditiveClassifier.__init__, train_module.baselines

    def quickest(*args):
        return {name: fit for name, fit in baselines(*args).items() if name in ("policy_rule", "income")}

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(init, "__kwdefaults__", init.__kwdefaults__ | LIGHT)
        patch.setattr(train_module, "baselines", quickest)
        patch.setattr(evaluate, "baselines", quickest)
        patch.setattr(evaluate, "report_models", partial(report_models, n_draws=20))
        yield


@pytest.fixture(scope="session")
def road(tmp_path_factory, light_models):
    place = tmp_path_factory.mktemp("road")
    register, bundle, scores = place / "register", place / "county.rrb", place / "scores"
    days = ["--as-of", "2018-12-31", "--as-of", "2019-12-31"]
    common = ["--lang", "zh", "--quiet"]
    assert run(["synth", "--households", "600", "--seed", "4", "--out", str(register), *common]) == 0
    assert run(["train", str(register), *days, "--out", str(bundle), *common]) == 0
    where = ["--bundle", str(bundle), "--as-of", "2020-12-31", "--out", str(scores)]
    assert run(["score", str(register), *where, "--capacity", "40", *common]) == 0
    return Road(register=register, bundle=bundle, scores=scores)


@pytest.fixture(scope="session")
def write_book():
    """Write a workbook of these sheets, row by row."""

    def write(path, sheets):
        with xlsxwriter.Workbook(path) as book:
            for name, rows in sheets.items():
                sheet = book.add_worksheet(name)
                for at, row in enumerate(rows):
                    sheet.write_row(at, 0, row)
        return path

    return write


@pytest.fixture(scope="session")
def register(tmp_path_factory):
    out = tmp_path_factory.mktemp("county") / "register"
    assert run(["synth", "--households", "400", "--seed", "4", "--out", str(out), "--quiet"]) == 0
    return out


@pytest.fixture(scope="session")
def october(register, tmp_path_factory):
    """A folder with a ledger (county.db) and its first month (out)."""
    place = tmp_path_factory.mktemp("october")
    assert run(month_command(register, place, OCTOBER, "out", "--lang", "zh", "--quiet")) == 0
    return place


@pytest.fixture
def county(october, tmp_path):
    """A folder of the test's own after the first month."""
    shutil.copytree(october, tmp_path, dirs_exist_ok=True)
    return tmp_path
