"""The library's source as syntax trees, for tests that look at how it is written."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

SRC = Path(__file__).resolve().parents[1] / "src" / "relapse_risk"


@cache
def trees() -> dict[Path, ast.Module]:
    """Every module of the library."""
    return {path: ast.parse(path.read_text(encoding="utf-8")) for path in sorted(SRC.rglob("*.py"))}


def strings(folder: str = "") -> set[str]:
    """Every text that stands as a whole in the modules of a folder."""
    return {
        node.value
        for path, tree in trees().items()
        if path.is_relative_to(SRC / folder)
        for node in ast.walk(tree)
        if isinstance(node, ast.Constant) and isinstance(node.value, str)
    }


def calls(*names: str) -> Iterator[tuple[Path, ast.Call]]:
    """Every call of functions or methods of these names."""
    for path, tree in trees().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call):
                name = getattr(node.func, "id", None) or getattr(node.func, "attr", None)
                if name in names:
                    yield path, node
