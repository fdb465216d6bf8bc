"""Where the records of each county are: a hive layout (``county=…``), or a folder with a file or folder for each."""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from urllib.parse import unquote

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.records import Records

__all__ = ["CountySource", "find_counties", "is_lake"]

_LEVELS = ("province", "prefecture", "county")
_NOBODY = "__HIVE_DEFAULT_PARTITION__"  # as Hive, Spark and Polars write what has no value
_SKIPPED = (".", "_", "~$")  # what systems and open workbooks leave beside data
_FILES = (".xlsx", ".xlsm", ".xlsb", ".xls", ".et", ".ods", ".zip")


@dataclass(frozen=True, kw_only=True)
class CountySource:
    """Where the records of one county are.

    Attributes
    ----------
    name : str
        Its folder in a lake, below the root: ``county=甲县``.
    path : Path
        What is read.
    places : tuple of (str, str)
        Areas that folders name, by column: they are the county's where its households do not say.
    """

    name: str
    path: Path
    places: tuple[tuple[str, str], ...] = ()

    @cached_property
    def digest(self) -> str:
        """SHA-256 of its files, by name and content."""
        seen = hashlib.sha256()
        inside = sorted(self.path.rglob("*")) if self.path.is_dir() else [self.path]
        for file in (one for one in inside if one.is_file()):
            with file.open("rb") as stream:
                content = hashlib.file_digest(stream, "sha256").hexdigest()
            seen.update(f"{file.relative_to(self.path.parent).as_posix()}\0{content}\0".encode())
        return seen.hexdigest()

    def placed(self, records: Records) -> Records:
        """Return records of it whose households say where they live, as far as the folders do.

        Examples
        --------
        >>> source = CountySource(name="county=C", path=Path("county=C"), places=(("county", "C"),))
        >>> records = Records({"households": pl.DataFrame({"household_id": ["h"], "village": ["V"]})})
        >>> source.placed(records).table("households").row(0, named=True)
        {'household_id': 'h', 'village': 'V', 'county': 'C'}
        """
        homes = records.table("households")
        if homes is None:
            return records
        unsaid = [
            pl.lit(value).alias(name)
            for name, value in self.places
            if name not in homes.columns or homes[name].count() == 0
        ]
        return replace(records, tables={**records.tables, "households": homes.with_columns(unsaid)})


def is_lake(source: str | Path) -> bool:
    """Return whether a path is a hive layout: a folder of folders ``county=…``, perhaps below others of that kind."""
    return any(True for _ in _in_lake(Path(source)))


def find_counties(source: str | Path) -> tuple[CountySource, ...]:
    """Return the counties of a hive layout, or of a folder with a workbook, an archive or a folder for each of them.

    Parameters
    ----------
    source : str or Path

    Returns
    -------
    tuple of CountySource
        By name.

    Raises
    ------
    InputError
        If there is no such folder (``source_unknown``), no county in it (``counties_none``), or two have one name
        (``counties_same_name``).
    """
    root = Path(source)
    if not root.exists():
        raise InputError("source_unknown", source=root)
    found = [*_in_lake(root)] or [*_one_by_one(root)]
    if not found:
        raise InputError("counties_none", source=root)
    if twice := [name for name, count in Counter(one.name for one in found).items() if count > 1]:
        raise InputError("counties_same_name", source=root, names=", ".join(sorted(twice)))
    return tuple(sorted(found, key=lambda one: one.name))


def _in_lake(folder: Path, above: tuple[tuple[str, str], ...] = (), root: Path | None = None) -> Iterator[CountySource]:
    if not folder.is_dir():
        return
    root = folder if root is None else root
    for entry in folder.iterdir():
        level, is_named, value = entry.name.partition("=")
        if not (is_named and level in _LEVELS and entry.is_dir()):
            continue
        places = above if value == _NOBODY else (*above, (level, unquote(value)))
        if level == "county":
            yield CountySource(name=entry.relative_to(root).as_posix(), path=entry, places=places)
        else:
            yield from _in_lake(entry, places, root)


def _one_by_one(folder: Path) -> Iterator[CountySource]:
    """Yield a county for each folder or file; what a file is called says nothing of where its households live."""
    for entry in folder.iterdir() if folder.is_dir() else ():
        if entry.name.startswith(_SKIPPED):
            continue
        if entry.is_dir() or entry.suffix.lower() in _FILES:
            yield CountySource(name=f"county={entry.name if entry.is_dir() else entry.stem}", path=entry)
