"""Every area from the group to the prefecture: who lives there, how poor they are, what is to be expected and done."""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from scipy.special import logit

from relapse_risk.alerts.areas.rollup import AT_RISK, LISTED, WAITING, count_rows
from relapse_risk.area_effects import ClusterEffects, Counts, count_villages
from relapse_risk.metrics import fgt
from relapse_risk.policy import REASONS, URGENT_FIRST
from relapse_risk.records import AREA_COLUMNS, AREA_LEVELS, area_path

__all__ = ["assess_areas"]

_NAMES = tuple(AREA_COLUMNS.values())
_COUNTS = ("households", "persons", "size_unknown", "poor_households", "poor_persons", "register_unknown", "at_risk")
_LIMITS = ("poor_persons_least", "poor_persons_most")
_SHARES = ("incidence", "incidence_least", "incidence_most")
_POVERTY = ("headcount", "gap", "severity", "headcount_error", "gap_error", "severity_error")
_TIERS = (*URGENT_FIRST, "listed", "by_model", "by_rule", "waiting", "listed_persons")
_SCHEMA = pl.Schema(
    {
        **dict.fromkeys(("level", *_NAMES), pl.String),
        **dict.fromkeys((*_COUNTS, *_LIMITS), pl.Int64),
        **dict.fromkeys(_SHARES, pl.Float64),
        "income_known": pl.Int64,
        **dict.fromkeys(_POVERTY, pl.Float64),
        "expected": pl.Float64,
        **dict.fromkeys(("lower", "upper", *_TIERS), pl.Int64),
        "reasons": pl.String,
    }
)
_LEADING = 3


def assess_areas(
    risk: pl.DataFrame,
    places: pl.DataFrame,
    people: pl.DataFrame,
    shocks: ClusterEffects | None,
    *,
    largest: int,
    level: float = 0.9,
) -> pl.DataFrame:
    """Return every area of every level in the records, and the whole.

    Areas are named with all those above them: two villages of one name in two towns are two. Households that stand in
    no area of a level are counted under its null name, so that every level adds up to the whole.

    Parameters
    ----------
    risk : pl.DataFrame
        household_id, population, probability, tier, listed_for, waiting_for and reason_1.
    places : pl.DataFrame
        household_id and, as far as known, prefecture, county, town, village and group_name.
    people : pl.DataFrame
        Who is counted, see `find_people`: household_id, persons, poor, income and line.
    shocks : ClusterEffects or None
        What villages and years have in common; without it there are no bounds.
    largest : int
        Most persons in one household: the bound for households of unknown size.
    level : float
        Of the intervals.

    Returns
    -------
    pl.DataFrame
        In the order of levels and names:

        - level (``all``, ``prefecture``, ``county``, ``town``, ``village``, ``group``), prefecture, county, town,
          village and group_name (null below the level, and where not stated);
        - households, persons (of those of known size), size_unknown (households);
        - poor_households and poor_persons by the register, register_unknown (households of which it does not say
          whether they are poor), incidence (poor persons over persons, of households of known size and state), and
          between which bounds poor persons and incidence lie whatever the unknown may be (``_least``, ``_most``);
        - income_known (households of known size and current income), and of these, weighted by persons, headcount, gap
          and severity of poverty with their errors, see `metrics.fgt`;
        - at_risk (households), expected (relapses), lower and upper (bounds of the prediction interval, both included);
        - red, orange, yellow, listed (the listed by tier), by_model and by_rule (why they are listed), waiting (whom
          the capacity does not reach), listed_persons (of those of known size), reasons (the most frequent first
          reasons of the listed, three at most, joined by ``+``).
    """
    placed = _placed(risk, places, people, largest)
    paths = {"all": (), **{name: path for name in AREA_LEVELS if (path := area_path(places.columns, name))}}
    found = [_of_level(placed, name, path) for name, path in paths.items()]
    table = pl.concat([pl.DataFrame(schema=_SCHEMA).drop("lower", "upper"), *found], how="diagonal_relaxed")
    if shocks is None:
        return table.with_columns(lower=None, upper=None).select(_SCHEMA.names()).cast(_SCHEMA)
    bounds = pl.DataFrame(schema={name: _SCHEMA[name] for name in ("level", *_NAMES, "lower", "upper")})
    relapses = _relapse_bounds(placed.filter(AT_RISK), paths, shocks, level)
    bounds = pl.concat([bounds, relapses], how="diagonal")
    joined = table.join(bounds, on=["level", *_NAMES], how="left", nulls_equal=True, maintain_order="left")
    return joined.select(_SCHEMA.names()).cast(_SCHEMA)


def _placed(risk: pl.DataFrame, places: pl.DataFrame, people: pl.DataFrame, largest: int) -> pl.DataFrame:
    """Return who is counted with risk and place, in one order; persons_least and persons_most bound unknown sizes."""
    names = [name for name in _NAMES if name in places.columns]
    persons = pl.col("persons")
    scored = risk.select("household_id", "population", "probability", "tier", "listed_for", "waiting_for", "reason_1")
    return (
        people.join(scored, on="household_id")
        .join(places.select("household_id", *names), on="household_id", how="left")
        .with_columns(persons_least=persons.fill_null(1), persons_most=persons.fill_null(largest))
        .sort(*names, "household_id", nulls_last=True)
    )


def _of_level(placed: pl.DataFrame, name: str, path: Sequence[str]) -> pl.DataFrame:
    key = ["level", *path]
    here = placed.with_columns(level=pl.lit(name))
    counted = here.group_by(key, maintain_order=True).agg(**_counts(), **_limits()).with_columns(**_shares())
    for more in (_poverty(here, key), _reasons(here, key)):
        counted = counted.join(more, on=key, how="left", nulls_equal=True, maintain_order="left")
    return counted.with_columns(pl.col("income_known").fill_null(0))


def _counts() -> Mapping[str, pl.Expr]:
    persons, poor = pl.col("persons"), pl.col("poor")
    known = poor.is_not_null()
    return {
        "households": pl.len(),
        "persons": persons.sum(),
        "size_unknown": persons.is_null().sum(),
        "poor_households": count_rows(poor),
        "poor_persons": persons.filter(poor).sum(),
        "_known": persons.filter(known).sum(),
        "register_unknown": count_rows(~known),
        "at_risk": count_rows(AT_RISK),
        "expected": pl.col("probability").filter(AT_RISK).sum(),
        **{tier: count_rows(LISTED & (pl.col("tier") == tier)) for tier in URGENT_FIRST},
        "listed": count_rows(LISTED),
        "by_model": count_rows(pl.col("listed_for") == "model"),
        "by_rule": count_rows(pl.col("listed_for") == "rule"),
        "waiting": count_rows(WAITING),
        "listed_persons": persons.filter(LISTED).sum(),
    }


def _limits() -> Mapping[str, pl.Expr]:
    """Return how many persons are poor, and not, at least and at most."""
    poor, least, most = pl.col("poor"), pl.col("persons_least"), pl.col("persons_most")
    surely, surely_not = poor.fill_null(False), ~poor.fill_null(True)
    return {
        "poor_persons_least": least.filter(surely).sum(),
        "poor_persons_most": most.filter(~surely_not).sum(),
        "_others_least": least.filter(surely_not).sum(),
        "_others_most": most.filter(~surely).sum(),
    }


def _shares() -> Mapping[str, pl.Expr]:
    least, most = pl.col("poor_persons_least"), pl.col("poor_persons_most")
    return {
        "incidence": _over(pl.col("poor_persons"), pl.col("_known")),
        "incidence_least": _over(least, least + pl.col("_others_most")),
        "incidence_most": _over(most, most + pl.col("_others_least")),
    }


def _over(part: pl.Expr, whole: pl.Expr) -> pl.Expr:
    return pl.when(whole > 0).then(part / whole)


def _poverty(here: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return income_known and the poverty of the areas in which somebody's income is known."""
    known = here.filter(pl.col("income").is_not_null() & (pl.col("persons") > 0) & (pl.col("line") > 0))
    known = known.with_columns(area=pl.struct(key).rle_id())
    found = fgt(*(known[name].to_numpy() for name in ("income", "line", "persons", "area")))
    areas = known.unique("area", keep="first", maintain_order=True).select(key)
    return areas.with_columns(
        pl.Series("income_known", found.rows, dtype=pl.Int64),
        *(pl.Series(name, np.asarray(getattr(found, name)), nan_to_null=True, dtype=pl.Float64) for name in _POVERTY),
    )


def _reasons(here: pl.DataFrame, key: Sequence[str]) -> pl.DataFrame:
    """Return the most frequent first reasons of the listed; of equal ones first the one that is shown first."""
    shown = {code: place for place, code in enumerate(REASONS)}
    place = pl.col("reason_1").replace_strict(shown, default=len(shown), return_dtype=pl.Int64)
    return (
        here.filter(LISTED)
        .drop_nulls("reason_1")
        .group_by([*key, "reason_1"])
        .len()
        .sort(pl.col("len").cast(pl.Int64).neg(), place)
        .group_by(key, maintain_order=True)
        .agg(reasons=pl.col("reason_1").head(_LEADING).str.join("+"))
    )


def _relapse_bounds(
    placed: pl.DataFrame, paths: Mapping[str, Sequence[str]], shocks: ClusterEffects, level: float
) -> pl.DataFrame:
    """Return the bounds of the prediction interval of the number of relapses, by level and area.

    A village's shock is shared by all its households. Areas that are made of villages are sums of these; the households
    of a group share the shock of their village, so that groups are counted anew, each by itself.

    Parameters
    ----------
    placed : pl.DataFrame
        household_id and probability of households at risk, with the columns of all paths.
    paths : Mapping of str to sequence of str
        The columns that name an area of each level.
    shocks : ClusterEffects
        What villages and years have in common. Households whose village is not stated count as one village.
    level : float
        Of the intervals.

    Returns
    -------
    pl.DataFrame
        level, the columns of the paths (null below the level), lower and upper, both included; a row for every area
        with households at risk.
    """
    found = [_bounds(*_counted(placed, paths["group"], shocks), "group", level)] if "group" in paths else []
    nested = sorted((name for name in paths if name != "group"), key=lambda name: len(paths[name]), reverse=True)
    areas, counts = _counted(placed, paths[nested[0]], shocks)
    for name in nested:
        areas, counts = _rolled_up(areas, counts, paths[name])
        found.append(_bounds(areas, counts, name, level))
    return pl.concat(found, how="diagonal")


def _counted(
    placed: pl.DataFrame, path: Sequence[str], shocks: ClusterEffects
) -> tuple[pl.DataFrame, Sequence[Counts]]:
    """Return the areas of a path in their order, and the distribution of each."""
    ordered = placed.sort(*path, "household_id", nulls_last=True)
    ordered = ordered.with_columns(part=pl.struct(path).rle_id() if path else pl.lit(0))
    counts = count_villages(logit(ordered["probability"].to_numpy()), ordered["part"].to_numpy(), shocks)
    return ordered.unique("part", keep="first", maintain_order=True).select(path), list(counts.values())


def _rolled_up(
    areas: pl.DataFrame, counts: Sequence[Counts], path: Sequence[str]
) -> tuple[pl.DataFrame, Sequence[Counts]]:
    """Return the areas of a path, which are made of smaller ones, and the distribution of each."""
    placed = areas.select(*path, part=pl.int_range(len(counts))).with_columns(_all=pl.lit(0))
    larger = placed.group_by("_all", *path, maintain_order=True).agg("part")
    sums = [Counts.sum(counts[part] for part in parts) for parts in larger["part"].to_list()]
    return larger.select(path), sums


def _bounds(areas: pl.DataFrame, counts: Sequence[Counts], name: str, level: float) -> pl.DataFrame:
    found = [one.interval(level) for one in counts]
    return pl.DataFrame(
        [
            pl.Series("level", [name] * len(found), dtype=pl.String),
            *areas.iter_columns(),
            pl.Series("lower", [lower for lower, _ in found], dtype=pl.Int64),
            pl.Series("upper", [upper for _, upper in found], dtype=pl.Int64),
        ]
    )
