"""Names of a package that are fetched from their modules when they are first used, so that starting takes no time."""

import ast
import sys
from collections.abc import Callable
from importlib import import_module
from importlib.util import find_spec
from typing import Any

__all__ = ["lazy_names"]


def lazy_names(package: str) -> Callable[[str], Any]:
    """Return the ``__getattr__`` of a package whose imports stand under ``if TYPE_CHECKING:``.

    There alone is said which module each name is from. No name may be that of a module of the package: once the module
    is loaded, Python gives the module under it. Such names are imported above.

    Examples
    --------
    >>> lazy_names("relapse_risk.labels")("label_relapse").__module__
    'relapse_risk.labels.relapse'
    >>> lazy_names("relapse_risk.labels")("mauve")
    Traceback (most recent call last):
    AttributeError: module 'relapse_risk.labels' has no attribute 'mauve'
    """
    module_of = _imported_names(package)

    def fetch(name: str) -> Any:
        if name not in module_of:
            raise AttributeError(f"module {package!r} has no attribute {name!r}")
        found = getattr(import_module(module_of[name]), name)
        setattr(sys.modules[package], name, found)
        return found

    return fetch


def _imported_names(package: str) -> dict[str, str]:
    """Return the names that a package imports for the type checker alone, and from which module each is."""
    spec = find_spec(package)
    source = spec.loader.get_source(package) if spec and spec.loader else ""  # type: ignore[attr-defined]
    blocks = [node for node in ast.parse(source).body if isinstance(node, ast.If)]
    imports = [line for block in blocks for line in block.body if isinstance(line, ast.ImportFrom) and line.module]
    return {alias.name: str(line.module) for line in imports for alias in line.names}
