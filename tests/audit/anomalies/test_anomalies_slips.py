"""Amounts a power of ten off: found among peers, and not seen where there are none."""

import numpy as np
import polars as pl
import pytest

from relapse_risk.policy import SlipAmounts
from tests.audit.anomalies.anomalous_counties import (
    PARTS,
    SETTINGS,
    county,
    found_by,
    ids,
    rounded_to,
    standing_in,
    with_slips,
)

pytestmark = pytest.mark.slow

SLIPS = SETTINGS.slips
ENTRY = SlipAmounts(
    table="assistance", columns=("amount",), kind=("kind",), own=("household_id", "kind"), day=("started_on",)
)
YEARS = 5


def support(seed, n=5000, spread=0.3, own=0.3, tails=np.inf, rates=False, to=0.01):
    """Return support of four kinds over five years: lognormal, or for three of the kinds by fixed rates."""
    rng = np.random.default_rng(seed)
    homes = n // YEARS
    tail = rng.normal(size=(homes, YEARS)) if np.isinf(tails) else rng.standard_t(tails, size=(homes, YEARS))
    amount = 3000 * np.exp(own * rng.normal(size=(homes, 1)) + spread * tail)
    kind = rng.integers(0, 4, homes)
    if rates:
        rate = np.array([500.0, 1200.0, 173.64, 0.0])[kind] * rng.integers(1, 5, homes)
        amount = np.where((kind < 3)[:, None], rate[:, None] * 1.05 ** np.arange(YEARS), amount)
    frame = pl.DataFrame(
        {
            "household_id": np.repeat(ids(homes), YEARS),
            "kind": np.repeat([f"kind{one}" for one in kind], YEARS),
            "year": np.tile(np.arange(2016, 2016 + YEARS), homes),
            "amount": np.maximum(rounded_to(amount, to), to).ravel(),
        }
    )
    return standing_in(frame, "support.csv")


def found(frame, **limits):
    return found_by("slips", {"assistance": frame}, amounts=(ENTRY,), **limits)


SHAPES = {
    "plain": {},
    "wide": {"spread": 0.8},
    "heavy tails": {"tails": 3},
    "no level of its own": {"own": 0.0, "spread": 0.6},
    "by rates": {"rates": True},
    "tens": {"to": 10},
    "hundreds": {"to": 100},
    "few": {"n": 60},
}


@pytest.mark.parametrize("shape", SHAPES.values(), ids=SHAPES)
def test_nothing_slipped_nothing_found(shape):
    alarmed = sum(found(support(seed, **shape)).rows.height > 0 for seed in range(10))
    assert alarmed <= 1


@pytest.mark.parametrize(
    ("shape", "least"),
    [({}, 0.95), ({"rates": True}, 0.9), ({"tails": 3, "spread": 0.2}, 0.8), ({"spread": 0.8}, 0.6)],
    ids=["plain", "by rates", "heavy tails", "wide"],
)
def test_slips_are_found(shape, least):
    struck, listed, hit = 0, 0, 0
    for seed in range(5):
        frame, slipped = with_slips(support(seed, **shape), ["amount"], 0.005, SLIPS.powers, seed)
        rows = set(found(frame).rows["_row"])
        struck, listed, hit = struck + len(slipped), listed + len(rows), hit + len(rows & slipped)
    assert hit >= least * struck
    assert hit >= 0.98 * listed


def test_no_more_are_false_than_is_expected():
    false, expected = 0, 0.0
    for seed in range(10):
        frame, slipped = with_slips(support(seed, spread=0.6), ["amount"], 0.005, [1, -1], seed)
        one = found(frame, false=0.3)
        false += len(set(one.rows["_row"]) - slipped)
        expected += one.tests["expected"].sum()
    assert expected > 5
    assert false <= expected + 3.0 * expected**0.5


def test_round_amounts_that_recur_at_any_size_are_no_slips():
    """Everybody writes two digits: a tenth of what is usual is as round as that, and no less usual for it."""
    rng = np.random.default_rng(5)
    for seed in range(5):
        frame = support(seed, spread=0.7)
        size = 10.0 ** np.floor(np.log10(frame["amount"].to_numpy()) - 1)
        frame = frame.with_columns(amount=pl.Series(np.round(frame["amount"].to_numpy() / size) * size))
        odd = pl.Series(rng.random(frame.height) < 0.005)
        frame = frame.with_columns(amount=pl.when(odd).then(pl.col("amount") * 3).otherwise("amount"))
        assert found(frame).rows.is_empty()


def test_all_amounts_of_an_income_row():
    rows = county(2)
    assert not found_in_incomes(rows)
    struck, slipped = with_slips(rows["incomes"], [*PARTS, "net_income"], 0.003, SLIPS.powers, 3)
    listed = found_in_incomes({**rows, "incomes": struck})
    assert listed <= slipped
    assert len(listed) >= 0.95 * len(slipped)


def found_in_incomes(rows):
    entries = tuple(entry for entry in SLIPS.amounts if entry.table == "incomes")
    return set(found_by("slips", rows, amounts=entries).rows["_row"])


def test_an_amount_beside_a_slip_is_not_blamed():
    """Of two entries of a household, far apart, that one slipped that is far from the peers too."""
    frame = support(4)
    home = frame.filter(pl.col("kind") == "kind0")["household_id"][0]
    of_home = pl.col("household_id") == home
    pair = frame.filter(~of_home | pl.col("year").is_in([2016, 2017]))
    amount = pl.when(of_home & (pl.col("year") == 2016)).then(30110.0).when(of_home).then(3011.0).otherwise("amount")
    listed = found(pair.with_columns(amount=amount)).rows
    assert listed["_row"].to_list() == pair.filter(of_home & (pl.col("year") == 2016))["_row"].to_list()
