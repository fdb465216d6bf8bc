"""What an offline computer needs: read from the wheels for the system that is meant, not for the one that downloads."""

import importlib.util
from pathlib import Path
from zipfile import ZipFile

import pytest

SCRIPT = Path(__file__).resolve().parents[1] / "requirements" / "wheelhouse.py"


@pytest.fixture(scope="module")
def script():
    spec = importlib.util.spec_from_file_location("wheelhouse", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def _wheel(folder, name, *wants):
    with ZipFile(folder / f"{name}-1.0-py3-none-any.whl", "w") as parts:
        lines = ["Metadata-Version: 2.1", f"Name: {name}", "Version: 1.0", *(f"Requires-Dist: {one}" for one in wants)]
        parts.writestr(f"{name}-1.0.dist-info/METADATA", "\n".join(lines) + "\n")


def test_what_only_the_other_system_wants_is_missing_until_it_is_there(script, tmp_path):
    wants = ("Click_Like>=8", 'colorama ; sys_platform == "win32"', 'uvloop ; sys_platform != "win32"')
    extras = ('duckdb>=2 ; extra == "storage"', 'dask ; extra == "distributed"')
    _wheel(tmp_path, "relapse_risk", *wants, *extras)
    windows, linux = (script.environment(system, "3.11") for system in ("windows", "linux"))
    assert script.missing(tmp_path, (), windows) == {"click-like": "Click_Like>=8", "colorama": "colorama"}
    assert script.missing(tmp_path, ("storage",), linux).keys() == {"click-like", "uvloop", "duckdb"}
    _wheel(tmp_path, "click_like", 'typing ; python_version < "3.9"')
    _wheel(tmp_path, "colorama")
    assert script.missing(tmp_path, (), windows) == {}


def test_a_folder_that_holds_something_is_left_alone(script, tmp_path, monkeypatch):
    (tmp_path / "mine.txt").write_text("mine")
    monkeypatch.setattr("sys.argv", ["wheelhouse.py", "--out", str(tmp_path)])
    with pytest.raises(SystemExit, match="not empty"):
        script.main()
    assert [one.name for one in tmp_path.iterdir()] == ["mine.txt"]
