"""Sheets found again: whether the headers of a sheet are those that a saved file was made for."""

from collections.abc import Iterable, Mapping, Sequence
from hashlib import blake2b

from relapse_risk.ingest.cells import Cell, plain
from relapse_risk.ingest.headers import heading_of
from relapse_risk.ingest.masking import shown_header
from relapse_risk.policy import MadeFor

__all__ = ["compared_with_saved", "fingerprint", "shown_headers"]

_BYTES = 8


def shown_headers(cells: Iterable[Cell]) -> tuple[str, ...]:
    """Return the headers of a sheet as they may be shown, each once, without empty ones."""
    return tuple(dict.fromkeys(shown_header(cell) for cell in cells if plain(cell)))


def fingerprint(headers: Iterable[str]) -> str:
    """Return what a set of headers has in common with every sheet that has the same, in any order.

    Examples
    --------
    >>> fingerprint(["户编号", "户类型"]) == fingerprint(["户类型", " 户编号*"]) != fingerprint(["户编号"])
    True
    """
    written = "\n".join(sorted({heading_of(header) for header in headers}))
    return blake2b(written.encode(), digest_size=_BYTES).hexdigest()


def compared_with_saved(
    source: str, sheet: str, cells: Iterable[Cell], saved: Sequence[MadeFor]
) -> tuple[tuple[str, Mapping[str, str]], ...]:
    """Return a note on how a sheet is beside the one that a saved file was made for; empty where it was made for none.

    The sheet is found by its headers, whatever it and its file are called; else by its name, and then the headers that
    are new and those that are gone are told.
    """
    headers = shown_headers(cells)
    own = fingerprint(headers)
    place = {"source": source, "sheet": sheet}
    if any(one.fingerprint == own for one in saved):
        return (("sheet_as_saved", place),)
    before = next((one for one in saved if one.sheet == sheet), None)
    if before is None:
        return (("sheet_not_saved", place),) if saved else ()
    written = {heading_of(header) for header in headers}
    known = {heading_of(header) for header in before.headers}
    new = ", ".join(header for header in headers if heading_of(header) not in known)
    gone = ", ".join(header for header in before.headers if heading_of(header) not in written)
    return (("sheet_unlike_saved", {**place, "new": new or "-", "gone": gone or "-"}),)
