"""A population written in one of the dialects, together with the truth."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.progress import Progress, silent
from relapse_risk.synthetic.dialects.departments import begin_lists, write_lists
from relapse_risk.synthetic.dialects.faults import plant
from relapse_risk.synthetic.dialects.holdings import Holdings, hold
from relapse_risk.synthetic.dialects.located import LOCATED
from relapse_risk.synthetic.dialects.registry import write_registry
from relapse_risk.synthetic.draws import stream
from relapse_risk.synthetic.population import Population

__all__ = ["DIALECTS", "write_population"]

CountyWriter = Callable[[str, str, Holdings, pl.DataFrame], pl.DataFrame]
"""Writes what is held of a county, by its code and name, with the planted faults; returns where each is seen."""


def _registry(folder: Path, population: Population) -> CountyWriter:
    def write(code: str, name: str, holdings: Holdings, planted: pl.DataFrame) -> pl.DataFrame:
        county = {"code": code, "county": name}
        return write_registry(folder, county, holdings, planted, population.exported_on, population.seed)

    return write


def _departments(folder: Path, population: Population) -> CountyWriter:
    written = begin_lists(folder)
    return lambda code, name, holdings, planted: write_lists(folder, holdings, planted, written)


_WRITERS: Mapping[str, Callable[[Path, Population], CountyWriter]] = {
    "registry": _registry,
    "departments": _departments,
}
DIALECTS = ("canonical", *_WRITERS)
"""Ways to write a population down."""

_COUNTY = 6  # signs of a region's code that name the county


def write_population(
    population: Population,
    out_dir: str | Path,
    *,
    dialect: str = "canonical",
    faults: float = 0.002,
    progress: Progress = silent,
) -> None:
    """Write a population, and the truth into the folder ``truth``.

    Parameters
    ----------
    population : Population
    out_dir : str or Path
        Made where it is missing; files of the same names are written over.
    dialect : str, default "canonical"
        ``canonical``: every record table as ``<table>.parquet``, every version of every row, without a fault.
        ``registry``: one workbook a county as a national registry exports it. ``departments``: one GB18030 list a
        department. Both hold what the register held on the last day.
    faults : float, default 0.002
        How many faults of each kind are planted in the last two, as a share of the rows of its table; none with 0. Both
        show the same faults; where each is seen is in ``truth/planted_rows.csv``.
    progress : Progress
        Told how far it is.

    Raises
    ------
    InputError
        If there is no such dialect (``dialect_unknown``), or the share is not one (``faults_unreasonable``).
    """
    if dialect not in DIALECTS:
        raise InputError("dialect_unknown", dialect=dialect, known=", ".join(DIALECTS))
    if not 0 <= faults <= 1:
        raise InputError("faults_unreasonable", faults=faults)
    folder = Path(out_dir)
    (folder / "truth").mkdir(parents=True, exist_ok=True)
    for name, frame in population.truth.items():
        frame.write_parquet(folder / "truth" / f"{name}.parquet")
    if dialect == "canonical":
        for name, frame in population.tables.items():
            frame.write_parquet(folder / f"{name}.parquet")
        progress("write", 1.0)
    else:
        planted = _write_exports(population, folder, dialect, faults, progress)
        planted.write_csv(folder / "truth" / "planted_rows.csv", line_terminator="\n")


def _write_exports(
    population: Population, folder: Path, dialect: str, faults: float, progress: Progress
) -> pl.DataFrame:
    """Write county by county, so that no more than one is held at a time."""
    counties = _counties(population)
    write = _WRITERS[dialect](folder, population)
    seen = [LOCATED.to_frame()]
    for place, (code, name) in enumerate(counties):
        holdings, planted = plant(_holdings_of(population, code), population.exported_on, faults, population.seed, code)
        seen.append(write(code, name, holdings, planted))
        progress("write", (place + 1) / len(counties))
    return pl.concat(seen)


def _counties(population: Population) -> list[tuple[str, str]]:
    homes = population.tables["households"]
    return homes.select(pl.col("village_code").str.slice(0, _COUNTY), "county").unique().sort("village_code").rows()


def _holdings_of(population: Population, county: str) -> Holdings:
    """Return what is held of one county."""
    tables = dict(_of_county(population, county))
    # Households are first entered late in the year before the first.
    first: int = tables["households"].select(pl.col("recorded_on").dt.year().min()).item()
    years = range(first + 1, population.exported_on.year + 1)
    return hold(tables, years, stream(population.seed, "rounds", county))


def _of_county(population: Population, county: str) -> Iterator[tuple[str, pl.DataFrame]]:
    for name, frame in population.tables.items():
        place = pl.coalesce([column for column in ("household_id", "village_code") if column in frame.columns])
        yield name, frame.filter(place.str.starts_with(county))
