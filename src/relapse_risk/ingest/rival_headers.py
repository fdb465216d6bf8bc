"""Headers of a sheet that stand for the same column: which of them is read, and why, is told of every other one."""

from collections.abc import Sequence
from itertools import groupby

from relapse_risk.ingest.cells import Cell, plain
from relapse_risk.ingest.headers import Aliases, Header, HeaderRow

__all__ = ["groups_above", "settled_rivals"]

_FEWEST = 2  # cells of a row of groups: one alone is a title


def groups_above(rows: Sequence[Sequence[Cell]], found: HeaderRow) -> tuple[str, ...]:
    """Return the group that stands above each header, in a row of their own; empty where there is none.

    Examples
    --------
    >>> rows = [["贷款名单", "", ""], ["基本情况", "小额信贷", ""], ["户编号", "贷款金额", "贷款余额"]]
    >>> groups_above(rows, HeaderRow(cells=tuple(rows[2]), begins=2, ends=3))
    ('基本情况', '小额信贷', '小额信贷')
    """
    several = found.ends - found.begins > 1
    at = found.ends - 2 if several else found.begins - 1
    above = [plain(cell) for cell in rows[at]] if at >= 0 else []
    if sum(map(bool, above)) < _FEWEST or any(":" in cell for cell in above):  # 单位：某县, 导出日期：…
        return ("",) * len(found.cells)
    groups: list[str] = []
    for cell in above:
        groups.append(cell or (groups[-1] if groups else ""))
    own = [plain(cell) for cell in found.cells]
    return tuple("" if group == header else group for group, header in zip(groups, own, strict=False))


def settled_rivals(
    headers: Sequence[Header], groups: Sequence[str], table: str, aliases: Aliases
) -> tuple[list[Header], list[tuple[str, Header, Header]]]:
    """Return the headers that are read, and each of the others with why and the one that is read in its place.

    Parts of a sum are all read, unless the whole stands there too: then that alone. Of other headers of one column the
    one whose group is named like the table is read, else the first.

    Parameters
    ----------
    headers : sequence of Header
        All that the table understands.
    groups : sequence of str
        What stands above each column of the sheet.
    table : str
    aliases : Aliases
    """
    kept: list[Header] = []
    left: list[tuple[str, Header, Header]] = []
    for _, rivals in groupby(sorted(headers, key=lambda one: one.alias.column), key=lambda one: one.alias.column):
        group = list(rivals)
        wholes = [one for one in group if not one.alias.part]
        if not wholes:
            kept += group
            continue
        named = [one for one in wholes if table in aliases.tables_of(groups[one.place])]
        taken = (named or wholes)[0]
        kept.append(taken)
        left += [(_why(one, taken, bool(named)), one, taken) for one in group if one is not taken]
    return sorted(kept, key=lambda one: one.place), left


def _why(left: Header, taken: Header, by_group: bool) -> str:
    if left.alias.part:
        return "header_part_of_whole"
    return "header_of_other_group" if by_group else "header_twice"
