"""Headers that may stand for one of several columns (参保状态: of which insurance?): what the sheet says they mean."""

from collections.abc import Iterator, Sequence

from relapse_risk.ingest.cells import compact, plain
from relapse_risk.ingest.headers import Aliases, Header, HeaderRow
from relapse_risk.ingest.sources import Sheet

__all__ = ["is_ambiguous", "settled_ambiguous"]


def settled_ambiguous(
    headers: Sequence[Header], sheet: Sheet, found: HeaderRow, groups: Sequence[str], table: str, aliases: Aliases
) -> tuple[list[Header], list[Header]]:
    """Return the headers, each for the column that the sheet means, and those for which it leaves open which.

    What stands nearest to a header says what it means: its group, the name of the sheet, the title, the name of the
    file, the other headers that stand for none of these columns themselves. If that speaks of two, it is open.

    Parameters
    ----------
    headers : sequence of Header
        All that the table understands.
    sheet : Sheet
    found : HeaderRow
    groups : sequence of str
        What stands above each column of the sheet.
    table : str
    aliases : Aliases
    """
    clear = [one for one in headers if not one.alias.rivals]
    left_open: list[Header] = []
    for one in headers:
        if one.alias.rivals:
            columns = (one.alias.column, *one.alias.rivals)
            others = _others(found, columns, table, aliases)
            said = _said((groups[one.place], *_above(sheet, found), others), columns, aliases)
            if len(said) == 1:
                alias = one.alias.model_copy(update={"column": said[0], "rivals": ()})
                clear.append(Header(place=one.place, alias=alias))
            else:
                left_open.append(one)
    return sorted(clear, key=lambda one: one.place), left_open


def is_ambiguous(cell: object, table: str, aliases: Aliases) -> bool:
    """Return whether a header may stand for several columns of a table."""
    alias = aliases.understood(cell, table)
    return alias is not None and bool(alias.rivals)


def _said(texts: Sequence[str], columns: Sequence[str], aliases: Aliases) -> list[str]:
    """Return the columns that the first of these texts that speaks of any speaks of."""
    spoken = ([one for one in columns if any(word in text for word in aliases.told_by[one])] for text in texts)
    return next(filter(None, spoken), [])


def _above(sheet: Sheet, found: HeaderRow) -> Iterator[str]:
    yield compact(sheet.name)
    yield " ".join(compact(cell) for row in sheet.rows[: found.begins] for cell in row if plain(cell))
    yield compact(sheet.source.rpartition(".")[0])


def _others(found: HeaderRow, columns: Sequence[str], table: str, aliases: Aliases) -> str:
    known = [(cell, aliases.understood(cell, table)) for cell in found.cells]
    return " ".join(compact(cell) for cell, alias in known if alias is None or alias.column not in columns)
