"""Tables on the screen: a column begins at one place in every line, whatever stands in it, in either language."""

import unicodedata

import pytest

from relapse_risk.cli.session import aligned
from relapse_risk.policy import Texts

HEADS = {"compared_head": 7, "headers_head": 9}


def width(text):
    return sum(2 if unicodedata.east_asian_width(one) in "WF" else 1 for one in text)


@pytest.mark.parametrize("lang", ["zh", "en"])
@pytest.mark.parametrize("head", HEADS)
def test_columns_never_run_together(lang, head):
    texts = Texts(lang)
    names = [name for code, name in texts.labels("cli").items() if code.startswith("model_")]
    names += [*texts.labels("header_statuses").values(), "", "+0.0123 (-0.0123, +0.0123)", "某" * 40]
    titles = texts("cli", head).split("|")
    assert len(titles) == HEADS[head]
    rows = [titles, *([name] * len(titles) for name in names)]
    lines = aligned(rows)
    starts = [0]
    for column in range(len(titles) - 1):
        starts.append(starts[-1] + max(width(row[column]) for row in rows) + 2)
    for row, line in zip(rows, lines, strict=True):
        for cell, start in zip(row, starts, strict=True):
            assert not cell or line.index(cell, len(cut(line, start))) == len(cut(line, start))


def cut(line, columns):
    """Return as much of a line as takes so many places on the screen."""
    taken = ""
    for one in line:
        if width(taken) >= columns:
            break
        taken += one
    return taken
