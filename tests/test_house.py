"""The house: a package imports only from the rows above it, never from its own row."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

SRC = Path(__file__).resolve().parents[1] / "src" / "relapse_risk"

ROWS = (
    ("errors",),
    ("periods", "progress", "policy"),
    ("records", "metrics"),
    ("models", "ingest", "synthetic", "labels", "features"),
    ("explain", "evaluation", "audit"),
    ("alerts",),
    ("bundle", "reports", "monitoring"),
    ("training", "scoring"),
    ("cycle",),
    ("cli",),
)
ROW = {room: index for index, rooms in enumerate(ROWS) for room in rooms}

# What some rooms must not see although it stands above them.
BLIND = {"synthetic": {"features", "models"}, "models": {"records"}, "metrics": {"records", "policy"}}


def room_of(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imported_rooms(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} line {node.lineno}: imports are absolute here"
            names = [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        else:
            continue
        rooms = {name.split(".")[1] for name in names if name.startswith("relapse_risk.")}
        yield from rooms & ROW.keys()


def modules() -> list[Path]:
    return sorted(path for path in SRC.rglob("*.py") if path.parent != SRC or room_of(path) in ROW)


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(SRC)))
def test_imports_come_from_the_rows_above(path):
    room = room_of(path)
    foreign = {seen for seen in imported_rooms(path) if seen != room}
    wrong = {seen for seen in foreign if ROW[seen] >= ROW[room]} | foreign & BLIND.get(room, set())
    assert not wrong, f"{path.relative_to(SRC)} (row {ROW[room]}) must not import {sorted(wrong)}"


def test_every_room_has_a_row():
    rooms = {
        path.name.removesuffix(".py")
        for path in SRC.iterdir()
        if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert rooms - {"__init__", "__main__"} <= ROW.keys()


def test_nothing_is_pickled():
    loaders = {"pickle", "joblib", "cloudpickle", "dill", "marshal", "shelve"}
    for path in SRC.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = (
                [a.name for a in node.names]
                if isinstance(node, ast.Import)
                else [node.module or ""]
                if isinstance(node, ast.ImportFrom)
                else []
            )
            assert not {name.split(".")[0] for name in names} & loaders, path


def test_pandas_stays_at_the_borders():
    for path in SRC.rglob("*.py"):
        assert "import pandas" not in path.read_text(encoding="utf-8"), path
