"""Areas named by names and by codes: one identity for each, whichever of both a household's row gives."""

from collections.abc import Sequence

import polars as pl

from relapse_risk.policy import DIVISION_DIGITS, Divisions
from relapse_risk.records.areas import ADDRESS_COLUMNS, VISIT_LEVELS, code_of_names, is_village_code

__all__ = ["divided", "name_places"]

_LEVELS = tuple(DIVISION_DIGITS)
_COUNTY, _TOWN = DIVISION_DIGITS["county"], DIVISION_DIGITS["town"]


def divided(households: pl.DataFrame, divisions: Divisions) -> pl.DataFrame:
    """Return households with the names that an office's table gives their codes, and with the codes of their names.

    What a row says itself stays. A name leads to a code where the table has one village of those names.

    Parameters
    ----------
    households : pl.DataFrame
        Any versions of them; each row is read by itself.
    divisions : Divisions

    Examples
    --------
    >>> table = Divisions(names={"533901": "甲县", "533901203": "乙乡", "533901203205": "丙村"})
    >>> rows = pl.DataFrame({"village_code": ["533901203205", None], "town": [None, "乙乡"], "village": [None, "丙村"]})
    >>> divided(rows, table).select("county", "town", "village", "village_code").rows()
    [('甲县', '乙乡', '丙村', '533901203205'), ('甲县', '乙乡', '丙村', '533901203205')]
    """
    if not divisions.names or not {"village", "village_code"} & set(households.columns):
        return households
    frame = _with_text(households, (*_LEVELS, "village_code"))
    path = [name for name in VISIT_LEVELS if name in households.columns]
    frame = _with_codes(frame, path, divisions)
    called = [
        pl.coalesce(level, _part(level).replace_strict(divisions.names, default=None, return_dtype=pl.String)).alias(
            level
        )
        for level in _LEVELS
    ]
    return _without_empty(frame.with_columns(called), households)


def name_places(households: pl.DataFrame) -> pl.DataFrame:
    """Return the households of a day with one name for each area, whether their rows give names, codes or both.

    The code decides: a village is one code. It is called what most of its households call it, so that one code with two
    names is a village that was renamed. Of two villages with the same names in the same town, the one with fewer
    households has its code after its name. A county or town that no row names, and a village likewise, is called by
    its code. A household without a code has the code of the only village of its names.

    Parameters
    ----------
    households : pl.DataFrame
        One row for each household. Without any code they are returned as they are.

    Examples
    --------
    >>> homes = pl.DataFrame({"household_id": list("abc"), "village": ["丙村", None, None],
    ...     "village_code": ["533901203205", "533901203205", "533901204201"]})
    >>> name_places(homes).select("county", "town", "village").rows()  # doctest: +NORMALIZE_WHITESPACE
    [('533901', '533901 203', '丙村'), ('533901', '533901 203', '丙村'), ('533901', '533901 204', '533901 204 201')]
    """
    if "village_code" not in households.columns or not _any_code(households):
        return households
    frame = _with_text(households, (*_LEVELS, "village_code"))
    there = [name for name in (*ADDRESS_COLUMNS, "village_code") if name in households.columns]
    frame = frame.with_columns(village_code=code_of_names(there))
    # By the village of a code first, so that whoever is in one village is in one town and one county too.
    frame = frame.with_columns(_called(frame, level, _division(), over=True) for level in _LEVELS)
    frame = frame.with_columns(_called(frame, level, _part(level)) for level in _LEVELS)
    frame = frame.with_columns(pl.coalesce(level, _by_code(level)).alias(level) for level in _LEVELS)
    return _without_empty(_distinguished(frame), households)


def _any_code(households: pl.DataFrame) -> bool:
    return bool(households.select((pl.col("village_code").cast(pl.String) != "").any()).item())


def _with_text(households: pl.DataFrame, columns: Sequence[str]) -> pl.DataFrame:
    """Return the frame with all of some columns as texts, null where they say nothing."""
    there = set(households.columns)
    return households.with_columns(
        pl.col(name).cast(pl.String).replace("", None) if name in there else pl.lit(None, dtype=pl.String).alias(name)
        for name in columns
    )


def _without_empty(frame: pl.DataFrame, households: pl.DataFrame) -> pl.DataFrame:
    """Return the frame without columns of which the households had none and still know nothing."""
    added = [name for name in frame.columns if name not in households.columns]
    return frame.drop(name for name in added if frame[name].null_count() == frame.height)


def _division() -> pl.Expr:
    """Return the code of a village where it is made of those of larger areas: others may be used twice."""
    code = pl.col("village_code")
    return pl.when(code.str.contains(r"^[1-9]\d{11}$") & is_village_code(code)).then(code)


def _part(level: str) -> pl.Expr:
    """Return the digits of a code that name the area of a level; null where it names none of that level."""
    code, digits = pl.col("village_code"), DIVISION_DIGITS[level]
    if level == "village":
        return pl.when(is_village_code(code)).then(code)
    divided_code = code.str.contains(r"^[1-9]\d{11}$|^[1-9]\d{8}$|^[1-9]\d{5}$") & (code.str.len_chars() >= digits)
    said = code.str.slice(digits - 3, 3) != "000" if level == "town" else pl.lit(True)
    return pl.when(divided_code & said).then(code.str.slice(0, digits))


def _called(frame: pl.DataFrame, level: str, area: pl.Expr, *, over: bool = False) -> pl.Expr:
    """Return what most households of an area call it at a level, for those who do not name it; with `over` for all."""
    counted = frame.select(area=area, name=pl.col(level)).drop_nulls().group_by("area", "name").len()
    most = counted.sort(pl.col("len").cast(pl.Int64).neg(), "name").unique("area", keep="first", maintain_order=True)
    usual = area.replace_strict(most["area"], most["name"], default=None, return_dtype=pl.String)
    return (pl.coalesce(usual, level) if over else pl.coalesce(level, usual)).alias(level)


def _by_code(level: str) -> pl.Expr:
    """Return the code as a name; of the areas above a county only where not even that has a name."""
    code = _spaced(_part(level))
    return code if level in VISIT_LEVELS else pl.when(pl.col("county").is_null()).then(code)


def _spaced(code: pl.Expr) -> pl.Expr:
    """Return a code as people read it: 533901 203 205."""
    parts = [code.str.slice(0, _COUNTY), code.str.slice(_COUNTY, 3), code.str.slice(_TOWN, 3)]
    whole = code.str.contains(r"^[1-9]\d{8}(\d{3})?$")
    return pl.when(whole).then(pl.concat_str(parts, separator=" ").str.strip_chars_end()).otherwise(code)


def _distinguished(frame: pl.DataFrame) -> pl.DataFrame:
    """Add the code to the name of a village where another one of the same names has more households."""
    path = [*VISIT_LEVELS]
    counted = frame.select(*path, code=_part("village")).drop_nulls(["village", "code"]).group_by(*path, "code").len()
    # Of as many, the one with the lower code keeps the plain name.
    most = counted.sort(pl.col("len").cast(pl.Int64).neg(), "code").unique(path, keep="first", maintain_order=True)
    first = most.select(*path, _first="code")
    joined = frame.join(first, on=path, how="left", nulls_equal=True, maintain_order="left")
    apart = _part("village") != pl.col("_first")
    named = pl.format("{}（{}）", "village", _spaced(_part("village")))
    return joined.with_columns(village=pl.when(apart).then(named).otherwise("village")).drop("_first")


def _with_codes(frame: pl.DataFrame, path: Sequence[str], divisions: Divisions) -> pl.DataFrame:
    """Add the code of the one village of the table that has the names of a row."""
    if "village" not in path:
        return frame
    names, villages = divisions.names, DIVISION_DIGITS["village"]
    rows = [
        {**{level: names.get(code[: DIVISION_DIGITS[level]]) for level in path}, "_code": code}
        for code in names
        if len(code) == villages
    ]
    table = pl.DataFrame(rows, schema=dict.fromkeys((*path, "_code"), pl.String))
    only = table.drop_nulls().unique(path, keep="none")
    joined = frame.join(only, on=[*path], how="left", maintain_order="left")
    return joined.with_columns(village_code=pl.coalesce("village_code", "_code")).drop("_code")
