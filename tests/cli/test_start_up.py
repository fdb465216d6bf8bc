"""Starting takes no time: what is heavy is imported where it is used."""

import subprocess
import sys

import pytest

FOR_TRAINING_LEDGERS_AND_PAGES = {"docx", "matplotlib", "numba", "openpyxl", "shap", "sqlalchemy", "statsmodels"}
FOR_RECORDS_AND_MODELS = {"jinja2", "lightgbm", "lxml", "numpy", "pandas", "polars", "scipy", "sklearn", "xlsxwriter"}


def loaded_by(code, *arguments):
    """Return the packages that a process of its own has loaded after running this code."""
    told = "; print(); print(*{name.split('.')[0] for name in sys.modules})"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; {code}{told}", *arguments], capture_output=True, text=True, check=True
    )
    return set(done.stdout.splitlines()[-1].split())


@pytest.mark.parametrize(
    "code",
    [
        "import relapse_risk",
        "from relapse_risk.cli import run; run(['--help'])",
        "from relapse_risk.cli import run; run(['--version'])",
    ],
)
def test_what_only_tells_loads_nothing_heavy(code):
    loaded = loaded_by(code)
    assert "relapse_risk" in loaded
    assert not loaded & (FOR_RECORDS_AND_MODELS | FOR_TRAINING_LEDGERS_AND_PAGES)


def test_reading_loads_no_model():
    code = "import relapse_risk as rr; rr.read_records"
    assert not loaded_by(code) & ({"lightgbm", "sklearn", "scipy"} | FOR_TRAINING_LEDGERS_AND_PAGES)


@pytest.mark.slow
def test_scoring_loads_what_it_uses_and_nothing_else_that_is_heavy(road, tmp_path):
    score = ["score", str(road.register), "--bundle", str(road.bundle), "--as-of", "2020-12-31", "--quiet"]
    code = "from relapse_risk.cli import run; assert run(sys.argv[1:]) == 0"
    loaded = loaded_by(code, *score, "--out", str(tmp_path / "scores"))
    assert {"lightgbm", "polars"} <= loaded
    assert not loaded & FOR_TRAINING_LEDGERS_AND_PAGES
