"""The options that say how many households can be visited, and where."""

import io
import re
from pathlib import Path
from typing import get_args

import click
import polars as pl

from relapse_risk.alerts import Capacity, Costs, Level, given_capacity
from relapse_risk.cli.commands import option
from relapse_risk.errors import InputError
from relapse_risk.policy import Policy

__all__ = ["capacity_of", "capacity_options", "capacity_told"]


def capacity_options(lang: str) -> list[click.Option]:
    """Return ``--capacity``, ``--capacity-per``, ``--min-per-village`` and ``--costs``."""
    levels = get_args(Level)
    return [
        option(lang, "--capacity", metavar="N|FILE.csv", callback=_visits),
        option(lang, "--capacity-per", metavar="LEVEL", type=click.Choice(levels)),
        option(lang, "--min-per-village", metavar="N", type=click.IntRange(min=0), default=0),
        option(lang, "--costs", metavar="MISS:WASTE", callback=_costs),
    ]


def capacity_of(
    policy: Policy, capacity: int | Path | None, per: Level | None, min_per_village: int, costs: Costs | None
) -> Capacity:
    """Return what the options ask for; the headers a table may have are in ``listing.toml``.

    Raises
    ------
    InputError
        If the table cannot be read (``capacity_file``), and as `Capacity`.
    """
    visits = capacity if not isinstance(capacity, Path) else _table(capacity, policy.mechanism["listing"]["headers"])
    return Capacity(visits=visits, per=per, min_per_village=min_per_village, costs=costs)


def capacity_told(
    capacity: int | Path | None, per: Level | None, min_per_village: int, costs: Costs | None
) -> dict[str, int | str | None]:
    """Return what the options asked for, for ``run.json``.

    Examples
    --------
    >>> capacity_told(500, None, 1, Costs(miss=19, waste=1))
    {'capacity': 500, 'capacity_per': None, 'min_per_village': 1, 'costs': '19:1'}
    """
    visits = str(capacity) if isinstance(capacity, Path) else capacity
    told = None if costs is None else f"{costs.miss:g}:{costs.waste:g}"
    return {"capacity": visits, "capacity_per": per, "min_per_village": min_per_village, "costs": told}


def _visits(ctx: click.Context, param: click.Parameter, value: str | None) -> int | Path | None:
    """Return a number of visits, or a CSV file; refused in the words in which `score` refuses one."""
    if value is None:
        return None
    if value.lower().endswith(".csv"):
        return Path(value)
    return given_capacity(int(value) if re.fullmatch(r"[+-]?\d+", value) else value)


def _costs(ctx: click.Context, param: click.Parameter, value: str | None) -> Costs | None:
    """Return two costs written as ``19:1``."""
    if value is None:
        return None
    try:
        miss, waste = map(float, re.split("[:：]", value))
    except ValueError as error:
        raise InputError("costs_numbers", found=value) from error
    return Costs(miss=miss, waste=waste)


def _table(path: Path, headers: dict[str, list[str]]) -> pl.DataFrame:
    names = {text: name for name, texts in headers.items() for text in texts}
    try:
        table = pl.read_csv(io.BytesIO(_text(path.read_bytes()).encode()), infer_schema=False)
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise InputError("capacity_file", path=path) from error
    known = {header: names[header.strip()] for header in table.columns if header.strip() in names}
    if len(set(known.values())) < len(known):
        raise InputError("capacity_file", path=path)
    table = table.rename(known).select(known.values())
    return table.with_columns(pl.col(pl.String).str.strip_chars()).with_columns(
        pl.col("^visits$").cast(pl.Int64, strict=False)
    )


def _text(content: bytes) -> str:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return content.decode("gb18030")
