"""The part of a cell that may be shown: its shape, or a word that can be nobody's name."""

import re
from collections.abc import Container, Iterable

__all__ = ["bigrams", "masked", "shown_category", "shown_example", "shown_figure", "shown_header", "shown_word"]

_SHOWN = 24
# What the words of a category have and no name, number or address has.
_CATEGORY = re.compile(r"[^\d]*(?:户|贫|监测|困难|人口|低保|特困)[^\d]*")
_FLAGS = ("是", "否", "有", "无")
_SHORT_NUMBER = re.compile(r"-?\d{1,5}(?:\.\d{1,2})?")
_FIGURE = re.compile(r"[\d\s.,:/+%-]*(?:[年月日元万百千亩人个号时分][\d\s.,:/+%-]*)*")
_DIGIT = re.compile(r"\d")
_DIGITS = 8  # of a day; the number of a telephone has more
_CODE = re.compile(r"[A-Za-z]?\d{1,4}|[A-Za-z]")
_HAN = re.compile("[\u3400-\u9fff]+")
# Stand before words, and before no name: nobody is called so.
_BEFORE_WORDS = frozenset("因半弱无非未已不其缺大小特多丧")
_NAME = 4  # signs that a Chinese name has at most, if it is no transcription
_MOSTLY = 2 / 3
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


def bigrams(words: Iterable[str]) -> frozenset[str]:
    """Return every two Chinese characters that stand side by side in some words."""
    pieces = (piece for word in words for piece in _HAN.findall(word))
    return frozenset(piece[at : at + 2] for piece in pieces for at in range(len(piece) - 1))


def shown_word(cell: object, vocabulary: Container[str]) -> str:
    """Return what stands in a coded column as it stands, if it is made of words that such columns hold; else its shape.

    A name that slipped into the column is not: of up to four characters each must be part of a known word.

    Parameters
    ----------
    cell : object
    vocabulary : container of str
        The `bigrams` of known words.

    Examples
    --------
    >>> known = bigrams(["普通劳动力", "安全", "初中", "在校生"])
    >>> [shown_word(cell, known) for cell in ("半劳动力", "王安全", "王某某", "7", "13812345678", "初中在校")]
    ['半劳动力', '汉汉汉', '汉汉汉', '7', '99999999999', '初中在校']
    """
    word = "".join(str(cell).split())
    if _CODE.fullmatch(word):
        return word
    signs = "".join(_HAN.findall(word))
    if not signs or len(word) > _SHOWN or re.search(r"[A-Za-z\d]", word):
        return masked(cell)
    known = {place for at in range(len(signs) - 1) if signs[at : at + 2] in vocabulary for place in (at, at + 1)}
    likely = known | {at for at, sign in enumerate(signs) if sign in _BEFORE_WORDS}
    share = 1.0 if len(signs) <= _NAME else _MOSTLY
    if known and 0 in likely and len(likely) >= share * len(signs):
        return word
    return shown_category(cell)
