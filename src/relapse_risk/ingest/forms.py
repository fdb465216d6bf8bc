"""Forms: sheets of one household, a label beside each value, where a list has headers over its columns."""

from collections.abc import Sequence

from relapse_risk.ingest.cells import Cell, compact, plain
from relapse_risk.ingest.headers import Aliases

__all__ = ["is_form"]

_SEARCHED = 40  # rows from the top
_BESIDE = 2  # labels with a value that stand in one row
_ROWS = 3  # such rows
_LABELS = 6  # different labels in all


def is_form(rows: Sequence[Sequence[Cell]], aliases: Aliases) -> bool:
    """Return whether rows hold labels, each with a value beside it, and other labels in every row.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> aliases = Aliases.of(read_policy().aliases)
    >>> form = [["户编号", "H1", "户主姓名", "某甲"], ["户类型", "脱贫户", "家庭人口", 3]]
    >>> is_form([*form, ["致贫原因", "因病", "住址", "某村"]], aliases)
    True
    >>> is_form([["户编号", "户主姓名", "户类型"], ["H1", "某甲", "脱贫户"]], aliases)
    False
    """
    labels: list[str] = []
    beside = 0
    for row in rows[:_SEARCHED]:
        cells = [cell for cell in row if plain(cell)]
        known = [aliases.is_header(cell) for cell in cells]
        found = [compact(cells[at]) for at in range(len(cells) - 1) if known[at] and not known[at + 1]]
        beside += len(found) >= _BESIDE
        labels += found
    return beside >= _ROWS and len({*labels}) >= _LABELS and 2 * len({*labels}) > len(labels)
