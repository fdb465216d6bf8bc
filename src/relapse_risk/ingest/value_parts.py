"""Cells that no dictionary names, understood by their parts.

A cell equals a listed wording where nothing is left over: what says the same is written alike in both, and the cell may
have more at its ends only of what changes nothing (``[parts]`` of ``codes.toml``).
"""

import re
from collections.abc import Callable, Iterable, Mapping
from functools import cache

from relapse_risk.ingest.cells import Cell, Read, Reading, compact
from relapse_risk.policy import Code, ValueParts

__all__ = ["PLACE_MARK", "code_by_parts", "or_place"]

PLACE_MARK = "@"
"""Stands before a place of work that is still to be compared with the household's own."""

# 海南州, 河南县: places of another province than they begin with.
_OTHERS = re.compile(r"[州县藏蒙区镇乡村路]")

_INCLUDED = re.compile(r"\(含[^()]*\)")
# 1-男性, 02.初中: but 1-2 is a span.
_NUMBER = re.compile(r"\d{1,2}[-.、:](?=[\u3400-\u9fff])")


def code_by_parts(wordings: Mapping[str, Code], parts: ValueParts) -> Callable[[str], Code | None]:
    """Return what finds the code of a compact cell in lower case: None where it equals nothing, or words of two codes.

    Examples
    --------
    >>> find = code_by_parts({"高中": "senior", "省外": "outside"}, ValueParts(behind=("务工",)))
    >>> find("1-省外务工"), find("高中(含职业高中、技校)"), find("省外上学")
    ('outside', 'senior', None)
    """
    before, behind = _longest(map(_written, parts.before)), _longest(map(_written, parts.behind))
    groups = [[_written(word) for word in words] for words in parts.same]
    written = {word: words[0] for words in groups for word in words}
    listed = re.compile("|".join(map(re.escape, _longest(written)))) if written else None

    def same(text: str) -> str:
        return listed.sub(lambda found: written[found[0]], text) if listed else text

    @cache
    def known() -> Mapping[str, Code | None]:
        found: dict[str, Code | None] = {}
        for wording, code in wordings.items():
            form = same(wording)
            found[form] = code if found.get(form, code) == code else None
        return found

    def find(text: str) -> Code | None:
        forms = [same(_NUMBER.sub("", _INCLUDED.sub("", text), count=1))]
        for form in forms:  # grows while it is gone through
            less = [form.removeprefix(word) for word in before if form.startswith(word)]
            less += [form.removesuffix(word) for word in behind if form.endswith(word)]
            forms += [one for one in less if one and one not in forms]
        codes = {known()[form] for form in forms if form in known()}
        return codes.pop() if len(codes) == 1 else None

    return find


def _written(word: str) -> str:
    return compact(word).lower()


def _longest(words: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(words, key=lambda word: (-len(word), word)))


def or_place(read: Read, provinces: Mapping[str, Code]) -> Read:
    """Return what reads a region, or else a place that begins with a province, marked until it is compared.

    Examples
    --------
    >>> read = or_place(lambda cell: Reading(rule="unknown_code"), {"江苏": "32", "海南": "46"})
    >>> read("江苏省苏州市").value, read("海南州").rule
    ('@32江苏省苏州市', 'unknown_code')
    """

    def read_place(cell: Cell) -> Reading:
        reading = read(cell)
        if reading.rule != "unknown_code":
            return reading
        text = compact(cell)
        code = next((code for name, code in provinces.items() if _is_in(text, name)), None)
        return reading if code is None else Reading(f"{PLACE_MARK}{code}{text}")

    return read_place


def _is_in(text: str, province: str) -> bool:
    return text.startswith(province) and not _OTHERS.match(text, len(province))
