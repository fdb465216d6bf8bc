"""Databases by URL: which they are, and where without their secrets."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeGuard

from relapse_risk.errors import InputError

__all__ = ["Database", "is_database", "place_of"]

_SCHEME = re.compile(r"(duckdb|postgresql|postgres)(\+\w+)?://")


@dataclass(frozen=True, kw_only=True)
class Database:
    """Where a URL leads to.

    Attributes
    ----------
    place : str
        As it may be shown: without password and parameters.
    file : Path or None
        Of DuckDB; None for a server.
    uri : str
        Of a server, as its driver takes it.
    """

    place: str
    file: Path | None
    uri: str = field(repr=False)

    @classmethod
    def of(cls, url: str) -> "Database":
        """Return where a URL leads to, or raise an InputError (``database_url``)."""
        from sqlalchemy import make_url  # takes long to import, and most records are files
        from sqlalchemy.exc import ArgumentError

        if not is_database(url):
            raise InputError("database_url", found=url.partition("://")[0])
        try:
            parsed = make_url(url)
        except (ArgumentError, ValueError) as error:  # ValueError: a port that is no number
            raise InputError("database_url", found=url.partition("://")[0]) from error
        if parsed.get_backend_name() == "duckdb":
            if not parsed.database or parsed.host:
                raise InputError("database_url", found="duckdb")
            return cls(place=f"duckdb:///{parsed.database}", file=Path(parsed.database), uri="")
        parsed = parsed.set(drivername="postgresql")
        host = parsed.host and parsed.host.rpartition("@")[2]  # before it is a password that is not quoted
        place = parsed.set(query={}, host=host).render_as_string(hide_password=True)
        return cls(place=place, file=None, uri=parsed.render_as_string(hide_password=False))


def is_database(source: object) -> TypeGuard[str]:
    """Return whether a source is the URL of a database.

    Examples
    --------
    >>> is_database("duckdb:///county.db"), is_database("exports/county.xlsx")
    (True, False)
    """
    return isinstance(source, str) and _SCHEME.match(source) is not None


def place_of(url: str) -> str:
    """Return the URL of a database as it may be shown.

    Examples
    --------
    >>> place_of("postgresql://reader:secret@host/county?sslmode=require")
    'postgresql://reader:***@host/county'
    """
    return Database.of(url).place
