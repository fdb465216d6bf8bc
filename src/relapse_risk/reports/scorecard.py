"""The scorecard as a page to be printed: one sheet, filled in with a pencil."""

from collections.abc import Iterable, Mapping

import numpy as np
import polars as pl

from relapse_risk.features import Feature
from relapse_risk.policy import Texts
from relapse_risk.reports.figures import per_cent
from relapse_risk.reports.templates import rendered

__all__ = ["render_scorecard"]

_MOST_BANDS = 16


def render_scorecard(
    card: pl.DataFrame, risks: pl.DataFrame, features: Iterable[Feature] = (), *, months: int = 12, lang: str = "zh"
) -> str:
    """Return a scorecard as HTML: one page, no scripts, nothing fetched.

    Parameters
    ----------
    card, risks : pl.DataFrame
        ``ScorecardClassifier.card()`` and ``.risks()``.
    features : iterable of Feature, optional
        For names and units; a column that is none of them goes by its own name. Bounds of logarithms are turned back
        into the figures an office has.
    months : int
        The horizon of the risk.
    lang : {"zh", "en"}

    Examples
    --------
    >>> card = pl.DataFrame({"column": ["age"] * 2, "code": [None] * 2, "from": [None, 60.0], "to": [60.0, None],
    ...                      "missing": [False] * 2, "points": [0, 3]}, schema_overrides={"code": pl.String})
    >>> page = render_scorecard(card, pl.DataFrame({"points": [0, 3], "risk": [0.02, 0.04]}), lang="en")
    >>> "from 60" in page
    True
    """
    texts = Texts(lang)

    def wording(key: str, **details: object) -> str:
        return texts("scorecard", key, **details)

    by_name = {feature.name: feature for feature in features}
    return rendered(
        "scorecard.html.j2",
        texts,
        wording=wording,
        subtitle=wording("subtitle", months=months),
        remarks=[],
        short=[],
        entries=[_entry(lines, by_name, texts) for _, lines in card.group_by("column", maintain_order=True)],
        bands=_bands(risks),
    )


def _entry(lines: pl.DataFrame, features: Mapping[str, Feature], texts: Texts) -> dict[str, object]:
    name = lines["column"][0]
    feature = features.get(name)
    called = name if feature is None else texts.name_of(feature)
    return {
        "name": called,
        "lines": [(_holds(line, feature, texts), line["points"]) for line in lines.iter_rows(named=True)],
    }


def _holds(line: Mapping[str, object], feature: Feature | None, texts: Texts) -> str:
    """Return in words which figures a line is for."""
    low, high = (None if line[end] is None else _bound(float(str(line[end])), feature) for end in ("from", "to"))
    code = line["code"]
    if line["missing"]:
        key = "unknown"
    elif code is not None:
        key = "is_code"
    elif feature is not None and feature.kind == "flag":
        key = "no" if low is None else "yes"
    else:
        key = {(0, 0): "other", (0, 1): "below", (1, 0): "at_least", (1, 1): "between"}[
            (int(low is not None), int(high is not None))
        ]
    return texts("scorecard", key, low=low, high=high, code=_code(code, feature, texts))


def _code(code: object, feature: Feature | None, texts: Texts) -> object:
    if code is None or feature is None or feature.words in (None, "reasons"):
        return code
    return texts(str(feature.words), str(code))


def _bound(edge: float, feature: Feature | None) -> str:
    unit = "none" if feature is None else feature.unit
    if unit == "log":
        return f"{np.exp(edge):.3g}"
    if unit == "log1p":
        return f"{np.sign(edge) * np.expm1(abs(edge)):.3g}"
    return f"{100 * edge:.3g}%" if unit == "share" else f"{edge:,.10g}"


def _bands(risks: pl.DataFrame) -> list[tuple[str, str]]:
    """Return totals in bands of equal width, and the risks from the first to the last of each."""
    points, risk = risks["points"].to_list(), risks["risk"].to_list()
    width = -(-len(points) // _MOST_BANDS)
    found = []
    for first in range(0, len(points), width):
        last = min(first + width, len(points)) - 1
        ends = [(str(points[k]), per_cent(risk[k])) for k in (first, last)]
        found.append((ends[0][0], ends[0][1]) if first == last else _spanned(*ends))
    return found


def _spanned(low: tuple[str, str], high: tuple[str, str]) -> tuple[str, str]:
    risk = low[1] if low[1] == high[1] else f"{low[1]}–{high[1]}"
    return f"{low[0]}–{high[0]}", risk
