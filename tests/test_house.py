"""The house: a package imports only from the rows above it, never from its own row; a name means one thing."""

import ast
from collections import defaultdict
from collections.abc import Iterator
from itertools import accumulate
from pathlib import Path

import pytest

from tests.source_trees import SRC, trees

ROWS = (
    ("errors", "lazy"),
    ("periods", "progress", "policy", "requests", "databases"),
    ("records", "metrics"),
    ("calibration", "area_effects"),
    ("models", "ingest", "synthetic", "labels", "features"),
    ("audit", "explain", "evaluation", "partitions"),
    ("alerts",),
    ("bundle", "monitoring", "reports"),
    ("training", "scoring"),
    ("cycle",),
    ("cli",),
)
ROW = {room: index for index, rooms in enumerate(ROWS) for room in rooms}

# What some rooms must not see although it stands above them.
BLIND = {
    "metrics": {"records", "policy"},
    "calibration": {"records", "policy"},
    "area_effects": {"records", "policy"},
    "models": {"records"},
    "synthetic": {"features", "models", "calibration", "area_effects"},
}


def room_of(path: Path) -> str:
    return path.relative_to(SRC).parts[0].removesuffix(".py")


def imports_of(path: Path) -> Iterator[list[str]]:
    """Yield the full names that each import of a module may stand for."""
    for node in ast.walk(trees()[path]):
        if isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path.name} line {node.lineno}: imports are absolute here"
            yield [node.module or "", *(f"{node.module}.{alias.name}" for alias in node.names)]
        elif isinstance(node, ast.Import):
            yield [alias.name for alias in node.names]


def imported_rooms(path: Path) -> Iterator[str]:
    for names in imports_of(path):
        rooms = {name.split(".")[1] for name in names if name.startswith("relapse_risk.")}
        yield from rooms & ROW.keys()


def modules() -> list[Path]:
    return [path for path in trees() if path.parent != SRC or room_of(path) in ROW]


@pytest.mark.parametrize("room", ROW)
def test_imports_come_from_the_rows_above(room):
    for path in (path for path in modules() if room_of(path) == room):
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


@pytest.mark.parametrize(
    "packages",
    [{"pickle", "joblib", "cloudpickle", "dill", "marshal", "shelve"}, {"pandas"}],
    ids=["nothing is pickled", "pandas stays at the borders"],
)
def test_no_module_imports(packages):
    for path in trees():
        imported = {name.split(".")[0] for names in imports_of(path) for name in names}
        assert not imported & packages, path


def test_a_public_class_name_is_used_once():
    places = defaultdict(list)
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
                places[node.name].append(str(path.relative_to(SRC)))
    assert {name: where for name, where in places.items() if len(where) > 1} == {}


# Folders whose files are a series: a name may say the same subject there again. All other names are used once.
SERIES = {
    "cli": "one file per verb, named after the function it calls",
    "policy": "models of data files, named after what reads them",
    "policy/mechanism": "models of the mechanism's files, named after what reads them",
    "features": "one file per kind of record",
    "synthetic": "one file per kind of thing that is invented",
    "audit/rules": "one file per family of rules",
    "alerts/watch": "one file per family of watch lists",
    "evaluation/checks": "one file per family of checks",
    "reports": "page, workbook and parts of the roster",
    "reports/audit": "page, workbook and parts of the audit's report",
    "reports/bulletin": "page and parts of the bulletin",
    "reports/documents": "page, workbook and text document of headed sections",
    "reports/evaluation": "page and parts of the evaluation's report",
    "reports/visits": "workbook and parts of the month's visits",
}


def test_a_file_name_is_used_once_but_for_series():
    places = defaultdict(list)
    for path in trees():
        if path.name != "__init__.py":
            places[path.name].append(path.parent.relative_to(SRC).as_posix())
    alone = {name: [folder for folder in folders if folder not in SERIES] for name, folders in places.items()}
    assert {name: folders for name, folders in alone.items() if len(folders) > 1} == {}


def test_a_series_is_a_folder_and_repeats_a_name():
    used = defaultdict(set)
    for path in trees():
        used[path.parent.relative_to(SRC).as_posix()].add(path.name)
    for folder in SERIES:
        others = set().union(*(names for other, names in used.items() if other != folder)) - {"__init__.py"}
        assert used[folder] & others, folder


def exports_of(folder: Path) -> set[str]:
    """Return what a room or a part of it gives to others."""
    tree = trees().get(folder / "__init__.py", ast.Module(body=[], type_ignores=[]))
    lists = [node for node in tree.body if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "__all__"]
    return {name for node in lists for name in ast.literal_eval(node.value)}


def test_no_name_fetched_late_is_that_of_a_module():
    for package in (path for path in trees() if path.name == "__init__.py"):
        late = {alias.name for node in lazy_imports(trees()[package]) for alias in node.names}
        beside = {path.stem for path in package.parent.iterdir()}
        assert not late & beside, package


def lazy_imports(tree: ast.Module) -> Iterator[ast.ImportFrom]:
    """Yield the imports of a package that stand under ``if TYPE_CHECKING:``."""
    blocks = (node for node in tree.body if isinstance(node, ast.If) and ast.unparse(node.test) == "TYPE_CHECKING")
    yield from (node for block in blocks for node in block.body if isinstance(node, ast.ImportFrom))


MODULES = {room for room in ROW if (SRC / f"{room}.py").exists()}


def imports_from_inside() -> Iterator[tuple[Path, str, str]]:
    """Yield what tests import from the library, but for what a room or a part of one exports."""
    for path in Path(__file__).parent.rglob("*.py"):
        found = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        for node in (node for node in found if isinstance(node, ast.ImportFrom) and node.module):
            inside = node.module.split(".")[1:]
            if node.module.startswith("relapse_risk.") and inside[0] not in MODULES:
                given = exports_of(SRC.joinpath(*inside))
                yield from ((path, node.module, alias.name) for alias in node.names if alias.name not in given)


def test_tests_reach_a_room_through_what_it_exports():
    for path, module, name in imports_from_inside():
        above = accumulate(module.split(".")[1:-1], lambda outer, inner: f"{outer}.{inner}")
        outer = next((room for room in above if name in exports_of(SRC.joinpath(*room.split(".")))), None)
        where = f"which {outer} exports" if outer else "which nothing exports"
        raise AssertionError(f"{path.name} imports {name} from inside {module}, {where}")
