"""The options that say how many households can be visited, and where."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Self, get_args

import click
import polars as pl

from relapse_risk.alerts import Capacity, Costs, Level, given_capacity
from relapse_risk.cli.commands import option
from relapse_risk.errors import InputError
from relapse_risk.ingest import decoded, separator_of
from relapse_risk.policy import Policy, Texts

__all__ = ["AskedCapacity", "capacity_options"]


def capacity_options(texts: Texts) -> list[click.Option]:
    """Return ``--capacity``, ``--capacity-per``, ``--min-per-village`` and ``--costs``."""
    levels = get_args(Level)
    return [
        option(texts, "--capacity", metavar="N|FILE.csv", callback=_visits),
        option(texts, "--capacity-per", metavar="LEVEL", type=click.Choice(levels)),
        option(texts, "--min-per-village", metavar="N", type=click.IntRange(min=0), default=0),
        option(texts, "--costs", metavar="MISS:WASTE", callback=_costs),
        option(texts, "--rules-beyond-capacity", is_flag=True),
    ]


@dataclass(frozen=True, kw_only=True)
class AskedCapacity:
    """What the options of capacity ask for.

    Attributes
    ----------
    capacity : int, float, Path or None
        A number of visits, a share of the cohort, or a CSV table of areas and visits.
    capacity_per : {"county", "town", "village"} or None
    min_per_village : int
    costs : Costs or None
    rules_beyond_capacity : bool

    Examples
    --------
    >>> asked = {"capacity": 500, "capacity_per": None, "min_per_village": 1, "costs": Costs(miss=19, waste=1)}
    >>> AskedCapacity.of({**asked, "rules_beyond_capacity": False}).account  # doctest: +NORMALIZE_WHITESPACE
    {'capacity': 500, 'capacity_per': None, 'min_per_village': 1, 'rules_beyond_capacity': False, 'costs': '19:1'}
    """

    capacity: float | Path | None
    capacity_per: Level | None
    min_per_village: int
    costs: Costs | None
    rules_beyond_capacity: bool

    @classmethod
    def of(cls, values: Mapping[str, Any]) -> Self:
        """Return what the options of a run ask for."""
        return cls(**{one.name: values[one.name] for one in fields(cls)})

    @property
    def table(self) -> Path | None:
        """The table that is read, if one is."""
        return self.capacity if isinstance(self.capacity, Path) else None

    @property
    def account(self) -> dict[str, float | str | bool | None]:
        """What was asked for, for ``run.json``."""
        costs = None if self.costs is None else f"{self.costs.miss:g}:{self.costs.waste:g}"
        visits = str(self.table) if isinstance(self.capacity, Path) else self.capacity
        asked = {"capacity": visits, "capacity_per": self.capacity_per, "min_per_village": self.min_per_village}
        return {**asked, "rules_beyond_capacity": self.rules_beyond_capacity, "costs": costs}

    def of_policy(self, policy: Policy) -> Capacity:
        """Return the capacity; the headers a table may have are in ``listing.toml``.

        Raises
        ------
        InputError
            If the table cannot be read (``capacity_file``), and as `Capacity`.
        """
        headers = policy.mechanism.listing.headers
        visits = self.capacity if not isinstance(self.capacity, Path) else _table(self.capacity, headers)
        return Capacity(visits=visits, per=self.capacity_per, min_per_village=self.min_per_village, costs=self.costs)


def _visits(ctx: click.Context, param: click.Parameter, value: str | None) -> float | Path | None:
    """Return a number of visits, a share written as ``8%`` or ``0.08``, or a CSV file; refused as by `score`."""
    if value is None:
        return None
    if value.lower().endswith(".csv"):
        return Path(value)
    if re.fullmatch(r"[+-]?\d+", value):
        return given_capacity(int(value))
    share = re.fullmatch(r"(\d*\.?\d+)([%％]?)", value)
    if share is None:
        return given_capacity(value)
    try:
        return given_capacity(float(share[1]) / (100 if share[2] else 1))
    except InputError as error:
        raise InputError("capacity_number", found=value) from error


def _costs(ctx: click.Context, param: click.Parameter, value: str | None) -> Costs | None:
    """Return two costs written as ``19:1``."""
    if value is None:
        return None
    try:
        miss, waste = map(float, re.split("[:：]", value))
    except ValueError as error:
        raise InputError("costs_numbers", found=value) from error
    return Costs(miss=miss, waste=waste)


def _table(path: Path, headers: Mapping[str, Sequence[str]]) -> pl.DataFrame:
    names = {text: name for name, texts in headers.items() for text in texts}
    try:
        text = decoded(path.read_bytes())
        table = pl.read_csv(text.encode(), separator=separator_of(text), infer_schema=False)
    except (OSError, UnicodeDecodeError, pl.exceptions.PolarsError) as error:
        raise InputError("capacity_file", path=path) from error
    known = {header: names[header.strip()] for header in table.columns if header.strip() in names}
    if len(set(known.values())) < len(known):
        raise InputError("capacity_file", path=path)
    table = table.rename(known).select(known.values())
    return table.with_columns(pl.col(pl.String).str.strip_chars()).with_columns(
        pl.col("^visits$").cast(pl.Int64, strict=False)
    )
