"""Places of work that lists give by their names: within the county or the province, or outside, by the household's."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import polars as pl

from relapse_risk.ingest.blocks import Block
from relapse_risk.ingest.intake import Note
from relapse_risk.ingest.masking import masked
from relapse_risk.ingest.rows import ROW
from relapse_risk.ingest.value_parts import PLACE_MARK
from relapse_risk.policy import Code

__all__ = ["with_regions"]

_WORKPLACES = ("work_region", "region")
_REGION = "_region_of_place"
_DIGITS = 2  # of a province's code
_OWN = ("province", "prefecture", "county", "village_code")


def with_regions(blocks: Sequence[Block], provinces: Mapping[str, Code]) -> tuple[list[Block], list[Note]]:
    """Return blocks whose places of work are regions, by the province, prefecture and county of each household.

    Another province is outside. Within the own province, a place that names the own county is in it, and one that names
    another prefecture, or another county, is not; else it is not known, and listed.

    Parameters
    ----------
    blocks : sequence of Block
        Joined to the register.
    provinces : Mapping of str to str
        The code of each province, by its name without a suffix.
    """
    marked = [(block, name) for block in blocks for name in _WORKPLACES if _is_marked(block, name)]
    if not marked:
        return list(blocks), []
    homes = _homes(blocks, provinces)
    made: dict[int, Block] = {}
    notes: list[Note] = []
    for block, name in marked:
        read = made.get(id(block), block)
        household = pl.col("household_id") if "household_id" in read.frame.columns else pl.lit(None, dtype=pl.String)
        found = read.frame.select(ROW, household_id=household, place=name).join(homes, on="household_id", how="left")
        found = found.with_columns(_region().alias(_REGION)).filter(pl.col("place").str.starts_with(PLACE_MARK))
        made[id(block)] = _replaced(read, name, found)
        details = {"source": block.source, "sheet": block.sheet, "column": name, "count": found[_REGION].count()}
        notes += [("workplaces_compared", details)] if details["count"] else []
    return [made.get(id(block), block) for block in blocks], notes


def _is_marked(block: Block, name: str) -> bool:
    return name in block.frame.columns and bool(block.frame[name].str.starts_with(PLACE_MARK).any())


def _homes(blocks: Sequence[Block], provinces: Mapping[str, Code]) -> pl.DataFrame:
    """Return the province's code and the names of prefecture and county of each household, where its rows agree."""
    schema = dict.fromkeys(("household_id", *_OWN), pl.String())
    rows = [
        block.frame.select("household_id", *(name for name in _OWN if name in block.frame.columns))
        for block in blocks
        if "household_id" in block.frame.columns and {*_OWN} & {*block.frame.columns}
    ]
    every = pl.concat([pl.DataFrame(schema=schema), *rows], how="diagonal_relaxed").drop_nulls("household_id")
    named = pl.coalesce(
        [pl.when(pl.col("province").str.starts_with(name)).then(pl.lit(str(code))) for name, code in provinces.items()]
    )
    coded = every.with_columns(province=pl.coalesce(named, pl.col("village_code").str.slice(0, _DIGITS)))
    agreed = [
        pl.when(pl.col(name).drop_nulls().n_unique() == 1).then(pl.col(name).drop_nulls().first()).alias(name)
        for name in ("province", "prefecture", "county")
    ]
    return coded.group_by("household_id").agg(agreed)


def _region() -> pl.Expr:
    there, text = pl.col("place").str.slice(1, _DIGITS), pl.col("place").str.slice(1 + _DIGITS)
    prefecture, county = (pl.col(name).str.slice(0, _DIGITS) for name in ("prefecture", "county"))
    elsewhere = text.str.contains(r"[省区][^省]{2,}[市州盟]") & ~text.str.contains(prefecture, literal=True)
    other_county = text.str.contains(r"[市州盟].{1,}[县市区旗]$") & ~text.str.contains(county, literal=True)
    return (
        pl.when(there != pl.col("province"))
        .then(pl.lit("outside"))
        .when(text.str.contains(pl.col("county"), literal=True))
        .then(pl.lit("county"))
        .when((elsewhere | other_county).fill_null(False))
        .then(pl.lit("province"))
    )


def _replaced(block: Block, name: str, found: pl.DataFrame) -> Block:
    """Put the regions in the places' stead, and list the places of which none is known."""
    regions = found.select(ROW, _REGION)
    frame = block.frame.join(regions, on=ROW, how="left", maintain_order="left")
    place = pl.when(~pl.col(name).str.starts_with(PLACE_MARK)).then(name)
    frame = frame.with_columns(pl.coalesce(place, _REGION).alias(name)).drop(_REGION)
    lost = found.filter(pl.col(_REGION).is_null()).select(
        ROW,
        pl.lit(name).alias("column"),
        pl.lit("unknown_code").alias("rule"),
        pl.col("place").str.slice(1 + _DIGITS).map_elements(masked, return_dtype=pl.String).alias("value_masked"),
    )
    return replace(block, frame=frame, problems=pl.concat([block.problems, lost]))
