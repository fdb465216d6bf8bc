"""The visits of a month: who takes them, in the order the office states, and who waits."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import polars as pl

from relapse_risk.alerts.listing.draw_rest import give_rest, rest_chances
from relapse_risk.alerts.listing.key_hashes import hash_key
from relapse_risk.alerts.listing.sampling import draw_households, random_quotas
from relapse_risk.alerts.listing.sharing import Allocation
from relapse_risk.policy import URGENT_FIRST

__all__ = ["CLAIMS", "DEMANDS", "VisitPlan", "no_claims", "plan_visits"]

DEMANDS = ("model", "rule", "revisit", "former", "endline", "random")
"""What a visit is demanded for."""

CLAIMS = {
    "household_id": pl.String,
    "claim": pl.String,
    "claim_tier": pl.String,
    "deadline": pl.Date,
    "waiting_since": pl.Date,
    "endline": pl.Boolean,
}
"""What a ledger says of households before a month: columns of the claims."""

_STATES = ("visit", "in_hand", "waiting")
_FRAME = pl.Schema(
    {
        **dict.fromkeys(("household_id", "demanded_for", "tier", "step", "state"), pl.String()),
        "waiting_since": pl.Date(),
        "inclusion_probability": pl.Float64(),
    }
)
_LISTING = ("model", "rule")


@dataclass(frozen=True, kw_only=True, eq=False)
class VisitPlan:
    """Who is visited this month, who is in hand and needs no visit, and who waits: together, whoever is demanded.

    Attributes
    ----------
    frame : pl.DataFrame
        One row per household that something demands a visit to, by household_id: household_id, demanded_for
        (``model``, ``rule``, ``revisit`` of an open alert alone, ``former`` of an open alert whose household the
        register does not know any more, ``endline`` of a household that was drawn or listed and whose horizon is
        over, ``random``), tier (of what demands it; null of those drawn), step (of the
        order, ``listing.toml``), state (``visit``, ``in_hand``: the alert is seen to and nothing is due;
        ``waiting``), waiting_since (null unless it waits), inclusion_probability (of those drawn, and of the listed who
        have a visit only because the draw left it over: of either).
    capacity : int
        Visits there can be.
    bounded : bool
        Whether anything bounds the visits.
    beyond : int
        Visits beyond the capacity, where rules may go beyond it.
    full_areas, undrawn : int
        Areas whose visits are all taken by steps before the draw, and the households at risk there that are not listed:
        none of them can be drawn, so that the draw says nothing of them.
    """

    frame: pl.DataFrame
    capacity: int
    bounded: bool
    beyond: int
    full_areas: int = 0
    undrawn: int = 0

    @property
    def counts(self) -> dict[str, dict[str, int]]:
        """For each kind of demand and in all: demanded, visit, in_hand and waiting, of which the last three add up."""
        found = {(kind, state): n for kind, state, n in self.frame.group_by("demanded_for", "state").len().rows()}
        by_kind = {kind: {state: found.get((kind, state), 0) for state in _STATES} for kind in DEMANDS}
        by_kind["all"] = {state: sum(one[state] for one in by_kind.values()) for state in _STATES}
        return {kind: {"demanded": sum(counts.values()), **counts} for kind, counts in by_kind.items()}

    @property
    def visits(self) -> int:
        """Households to be visited this month."""
        return self.counts["all"]["visit"]

    @property
    def waiting(self) -> int:
        """Households that wait."""
        return self.counts["all"]["waiting"]

    @property
    def summary(self) -> dict[str, Any]:
        """The counts as JSON data."""
        return {"capacity": self.capacity, "beyond_capacity": self.beyond, **self.counts}

    def on(self, risk: pl.DataFrame) -> pl.DataFrame:
        """Add to households listed_for, visit_for, waiting_for and waiting_since; see ``Roster.frame``.

        They are those of the register, so that ``former`` is no value of theirs.
        """
        kind, state = pl.col("_kind"), pl.col("state")
        planned = self.frame.select("household_id", "state", "waiting_since", _kind="demanded_for")
        listed = kind.is_in(_LISTING) & (state != "waiting")
        return (
            risk.join(planned, on="household_id", how="left", maintain_order="left", validate="1:1")
            .with_columns(
                listed_for=pl.when(listed).then(kind),
                visit_for=pl.when(state == "visit").then(kind),
                waiting_for=pl.when(state == "waiting").then(kind),
            )
            .drop("_kind", "state")
        )


def no_claims() -> pl.DataFrame:
    """Return the claims where there is no ledger."""
    return pl.DataFrame(schema=CLAIMS)


def plan_visits(
    demand: pl.DataFrame,
    places: pl.DataFrame,
    shared: Allocation,
    order: Sequence[str],
    *,
    as_of: date,
    key: str | bytes,
    claims: pl.DataFrame | None = None,
    random: int = 0,
    rules_beyond: bool = False,
) -> VisitPlan:
    """Fit into the capacity whatever demands a visit, in the order the office states.

    In every area with a capacity of its own (or in the one for all) each household takes its place by the first step
    of the order that it meets; within a step who waits longest comes first, then the more urgent tier, the earlier
    deadline, the higher risk; of equals a keyed hash decides. Households in hand take no place. The visits drawn at
    random are reserved at their step in the order, and then drawn with equal chances from households at risk that are
    not listed, those that wait among them; those that nobody is left for go back. Who is drawn and has a visit already,
    as its open alert asks for one, takes one visit: the other goes to who waits first, whose chance of a visit is kept.
    What finds no place waits.

    Parameters
    ----------
    demand : pl.DataFrame
        household_id, population, rank, tier, tier_model, tier_rule, override and demanded_for, as `apply_overrides`
        returns, in the row order of ``shared.owed``.
    places : pl.DataFrame
        household_id and, as far as known, county, town and village; also of households that only have a claim.
    shared : Allocation
    order : sequence of str
        Steps, see ``listing.toml``, ``[order]``.
    as_of : date
    key : str or bytes
        Of the hash.
    claims : pl.DataFrame, optional
        What the ledger says (`CLAIMS`): claim is ``overdue``, ``revisit`` (something is due), ``in_hand`` or null;
        claim_tier that of the alert; waiting_since, of those that waited last month; endline, whether a visit at the
        horizon's end is due (then it is never in hand).
    random : int
        Visits drawn at random, out of the capacity.
    rules_beyond : bool
        Whether households that only a rule lists are visited beyond the capacity.

    Examples
    --------
    >>> from relapse_risk.alerts.listing import Capacity, share_visits
    >>> from relapse_risk.policy import read_policy
    >>> policy = read_policy()
    >>> risk = pl.DataFrame({"household_id": ["a", "b", "c"], "population": "at_risk", "override": None,
    ...     "probability": [0.4, 0.3, 0.2], "rank": [1, 2, 3]})
    >>> places = risk.select("household_id")
    >>> shared = share_visits(risk, places, Capacity(visits=1), policy.thresholds, "key")
    >>> demand = risk.with_columns(tier_model=shared.tier, tier_rule=pl.Series(["none", None, "red"]),
    ...     tier=pl.Series(["red", "none", "red"]), demanded_for=pl.Series(["model", None, "rule"]))
    >>> order = policy.mechanism.listing.order.visits
    >>> plan = plan_visits(demand, places, shared, order, as_of=date(2020, 1, 31), key="key")
    >>> plan.frame.select("household_id", "step", "state").rows()
    [('a', 'model_red', 'waiting'), ('c', 'rule_red', 'visit')]
    """
    rows = _demanded(demand.with_columns(owed=shared.owed), no_claims() if claims is None else claims, order)
    rows = _in_areas(rows, places, shared)
    rows = _in_line(rows, as_of=as_of, key=key, rules_beyond=rules_beyond)
    areas = _reserved(rows, shared, order.index("random"), random, as_of=as_of, key=key)
    placed = _placed(rows.join(areas, on="area", how="left"), order.index("random"), as_of)
    outside = _outside(demand, placed, places, shared, areas)
    drawn = draw_households(outside, as_of=as_of, key=key).update(rest_chances(placed, outside), on="household_id")
    full = areas.filter("full")
    return VisitPlan(
        frame=_with_drawn(give_rest(placed, outside, drawn), drawn),
        capacity=shared.visits,
        bounded=shared.bounded,
        beyond=int(placed["beyond"].sum()) if shared.bounded else 0,
        full_areas=full.height,
        undrawn=outside.join(full, on="area", how="semi").height,
    )


def _demanded(demand: pl.DataFrame, claims: pl.DataFrame, order: Sequence[str]) -> pl.DataFrame:
    """Return who is demanded, for what, and by which step of the order; those of whom nothing is asked are left out."""
    claimed = claims.select(pl.col(name).cast(kind) for name, kind in CLAIMS.items())
    known = demand.with_columns(known=pl.lit(True))
    both = known.join(claimed, on="household_id", how="full", coalesce=True, maintain_order="left_right")
    again = pl.when("known").then(pl.lit("revisit")).otherwise(pl.lit("former"))
    rules = pl.col("override").cast(pl.String).fill_null("").str.split("+")
    meets: dict[str, pl.Expr] = {
        **{f"{part}_{tier}": pl.col(f"tier_{part}") == tier for part in ("rule", "model") for tier in URGENT_FIRST},
        "overdue": pl.col("claim") == "overdue",
        "revisit": pl.col("claim").is_in(("overdue", "revisit")),
        "endline": pl.col("endline") & pl.col("known"),
        "minimum": pl.col("owed") & pl.col("tier_model").is_in(URGENT_FIRST),
        "random": pl.lit(False),
    }
    by_rule = pl.col("tier_rule").is_in(URGENT_FIRST)
    met = (
        pl.when((meets[step] if step in meets else by_rule & rules.list.contains(step)).fill_null(False)).then(place)
        for place, step in enumerate(order)
    )
    return (
        both.with_columns(
            demanded_for=pl.coalesce(
                "demanded_for", pl.when(meets["revisit"]).then(again), pl.when(meets["endline"]).then(pl.lit("endline"))
            ),
            tier=pl.when(pl.col("demanded_for").is_not_null()).then("tier").otherwise("claim_tier"),
            place_in_order=pl.coalesce(*met),
        )
        .filter(pl.col("demanded_for").is_not_null())
        .with_columns(step=pl.col("place_in_order").replace_strict(dict(enumerate(order)), return_dtype=pl.String))
    )


def _in_areas(rows: pl.DataFrame, places: pl.DataFrame, shared: Allocation) -> pl.DataFrame:
    """Add the area whose visits a household takes: its number; null where it is none of those with a capacity."""
    if not shared.path:
        return rows.with_columns(area=pl.lit(0, dtype=pl.UInt32))
    names = [pl.col(name).cast(pl.String).fill_null("") for name in shared.path]
    areas = shared.areas.select(names).with_row_index("area")
    homes = places.select("household_id", *names).join(areas, on=shared.path, how="left")
    return rows.join(homes.select("household_id", "area"), on="household_id", how="left", maintain_order="left")


def _in_line(rows: pl.DataFrame, *, as_of: date, key: str | bytes, rules_beyond: bool) -> pl.DataFrame:
    """Add who takes a visit at all, who beyond the capacity, and the place of those who take one within their area."""
    secret = hash_key(key)
    keys = (f"{as_of.isoformat()} {household}".encode() for household in rows["household_id"])
    hashes = [hashlib.blake2b(one, key=secret, digest_size=8, person=b"relapse-line").digest() for one in keys]
    urgency = {tier: place for place, tier in enumerate(URGENT_FIRST)}
    in_hand = pl.col("claim").eq_missing(pl.lit("in_hand")) & ~pl.col("endline").fill_null(False)
    beyond = (pl.col("demanded_for") == "rule") & pl.lit(rules_beyond) & ~in_hand
    order = ("place_in_order", "waiting_since", "urgency", "deadline", "rank", "hash", "household_id")
    lined = rows.with_columns(
        pl.Series("hash", hashes, dtype=pl.Binary),
        urgency=pl.col("tier").replace_strict(urgency, default=len(urgency), return_dtype=pl.Int64),
        beyond=beyond,
        in_hand=in_hand,
        takes=~in_hand & ~beyond,
    ).sort(order, nulls_last=True)
    place = pl.col("takes").cast(pl.Int64).cum_sum().over("area")
    return lined.with_columns(place=pl.when("takes").then(place))


def _reserved(
    rows: pl.DataFrame, shared: Allocation, step: int, random: int, *, as_of: date, key: str | bytes
) -> pl.DataFrame:
    """Return for each area its limit, how many visits are reserved for the draw, the chance that any are, and full.

    Where nobody is at risk nobody can be drawn, so that nothing is reserved. An area is full where visits would be
    drawn, and what stands before the draw has taken all of them.
    """
    can_draw = (shared.areas["at_risk"] > 0).cast(pl.Int64)
    visits = shared.areas["limit"].fill_null(shared.areas["visits"]) * can_draw
    quotas = random_quotas(min(random, int(visits.sum())), visits.to_list(), as_of=as_of, key=key)
    before = rows.filter("takes", pl.col("place_in_order") < step).group_by("area").agg(before=pl.len().cast(pl.Int64))
    wanted = pl.DataFrame(quotas, {"quota": pl.Int64, "chance": pl.Float64}, orient="row")
    areas = shared.areas.select("limit").hstack(wanted).with_row_index("area")
    free = (pl.col("limit") - pl.col("before").fill_null(0)).clip(lower_bound=0)
    return areas.join(before, on="area", how="left", maintain_order="left").select(
        "area", "limit", "chance", quota=pl.min_horizontal("quota", free), full=(pl.col("chance") > 0) & (free == 0)
    )


def _placed(rows: pl.DataFrame, step: int, as_of: date) -> pl.DataFrame:
    """Add what becomes of each household before the draw, and who has no place only because of the draw."""
    room = pl.when(pl.col("area").is_null()).then(0).otherwise("limit")  # null: nothing bounds the visits
    reserve = pl.when(pl.col("place_in_order") > step).then("quota").otherwise(0)
    fits = ((pl.col("place") <= room - reserve) | (pl.col("area").is_not_null() & pl.col("limit").is_null())).fill_null(
        False
    )
    visited = pl.col("beyond") | (pl.col("takes") & fits)
    state = pl.when("in_hand").then(pl.lit("in_hand")).when(visited).then(pl.lit("visit")).otherwise(pl.lit("waiting"))
    return rows.with_columns(
        state=state,
        displaced=(pl.col("takes") & ~fits & (pl.col("place") <= room)).fill_null(False),
        waiting_since=pl.when(state == "waiting").then(pl.coalesce("waiting_since", pl.lit(as_of))),
        inclusion_probability=pl.lit(None, dtype=pl.Float64),
    )


def _outside(
    demand: pl.DataFrame, placed: pl.DataFrame, places: pl.DataFrame, shared: Allocation, areas: pl.DataFrame
) -> pl.DataFrame:
    """Return who can be drawn: households at risk that are not listed, with their area's visits and chance.

    Who has no place only because of the draw is outside the list only where its area has one: given that, the area is
    certain. Of all others its chance counts, so that 1 over the chance of a household counts every area.
    """
    listed = placed.filter(pl.col("demanded_for").is_in(_LISTING), pl.col("state") != "waiting")
    pushed = placed.filter("displaced").select("household_id", displaced=pl.lit(True))
    outside = demand.filter(pl.col("population") == "at_risk").join(listed, on="household_id", how="anti")
    known = _in_areas(outside.select("household_id"), places, shared).join(areas, on="area")
    chance = pl.when(pl.col("displaced").fill_null(False)).then(1.0).otherwise("chance")
    return known.join(pushed, on="household_id", how="left").select("household_id", "area", "quota", chance=chance)


def _with_drawn(placed: pl.DataFrame, drawn: pl.DataFrame) -> pl.DataFrame:
    """Return the plan's frame: who was drawn is visited, whatever else demanded it."""
    random = drawn.with_columns(demanded_for=pl.lit("random"), step=pl.lit("random"), state=pl.lit("visit"))
    others = placed.join(drawn, on="household_id", how="anti")
    return pl.concat([others.select(_FRAME.names()).cast(_FRAME), random], how="diagonal").sort("household_id")
