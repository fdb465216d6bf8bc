"""The part of a cell that may be shown: its shape, never its content."""

import re

__all__ = ["masked", "shown_category", "shown_example", "shown_figure", "shown_header"]

_SHOWN = 24
# What the words of a category have and no name, number or address has.
_CATEGORY = re.compile(r"[^\d]*(?:户|贫|监测|困难|人口|低保|特困)[^\d]*")
_FLAGS = ("是", "否", "有", "无")
_SHORT_NUMBER = re.compile(r"-?\d{1,5}(?:\.\d{1,2})?")
_FIGURE = re.compile(r"[\d\s.,:/+%-]*(?:[年月日元万百千亩人个号时分][\d\s.,:/+%-]*)*")
_DIGIT = re.compile(r"\d")
_DIGITS = 8  # of a day; the number of a telephone has more
_LONG_NUMBER = re.compile(r"\d{6}")
_SHAPES = ((re.compile(r"\d"), "9"), (re.compile(r"[A-Za-z]"), "X"), (re.compile(r"[^\W\d_A-Za-z]"), "汉"))


def shown_figure(cell: object) -> str:
    """Return a figure or a day as it is: it says of nobody who they are. Else the shape of the cell.

    Examples
    --------
    >>> shown_figure("2016-02-30"), shown_figure("3.5万元"), shown_figure("13800138000"), shown_figure("王某某")
    ('2016-02-30', '3.5万元', '99999999999', '汉汉汉')
    """
    figure = str(cell).strip()
    return figure if _FIGURE.fullmatch(figure) and 0 < len(_DIGIT.findall(figure)) <= _DIGITS else masked(cell)


def masked(cell: object) -> str:
    """Return the shape of a cell: digits as 9, Latin letters as X, every other letter as 汉; the rest as it is.

    Examples
    --------
    >>> masked("2016-02-30"), masked("良好?"), masked("9.99999E+17")
    ('9999-99-99', '汉汉?', '9.99999X+99')
    """
    shape = str(cell)
    for letters, sign in _SHAPES:
        shape = letters.sub(sign, shape)
    return shape if len(shape) <= _SHOWN else shape[:_SHOWN] + "…"


def shown_header(cell: object) -> str:
    """Return a header as it is, or only its shape where it looks like data that slipped into its place."""
    return masked(cell) if _LONG_NUMBER.search(str(cell)) else " ".join(str(cell).split())


def shown_category(cell: object) -> str:
    """Return a word that calls a household something as it is: it is not personal. Else the shape of the cell.

    Examples
    --------
    >>> shown_category("整户无劳动力兜底保障户"), shown_category("王某某")
    ('整户无劳动力兜底保障户', '汉汉汉')
    """
    word = "".join(str(cell).split())
    return word if len(word) <= _SHOWN and _CATEGORY.fullmatch(word) else masked(cell)


def shown_example(cell: object) -> str:
    """Return what may be shown of any cell as an example: a short number and the word of a category as they stand.

    Examples
    --------
    >>> [shown_example(cell) for cell in (2019.0, "一般农户", "否", "王某某", "13812345678")]
    ['2019', '一般农户', '否', '汉汉汉', '99999999999']
    """
    text = str(int(cell)) if isinstance(cell, float) and cell.is_integer() else " ".join(str(cell).split())
    return text if text in _FLAGS or _SHORT_NUMBER.fullmatch(text) else shown_category(text)
