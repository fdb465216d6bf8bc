"""Drift: silent where nothing has changed, whatever the size; loud, and at the right column, where something has."""

import numpy as np
import polars as pl
import pytest

from relapse_risk.models import TrainingReference
from relapse_risk.monitoring import find_drift
from relapse_risk.policy import read_policy

SETTINGS = read_policy().mechanism.drift
N_NUMBERS = 20


def sample(n, seed, villages=60, alike=0.0):
    """Return columns of households, some missing, their scores and villages; village columns are alike within one."""
    rng = np.random.default_rng(seed)
    village = rng.integers(0, villages, n)
    shared = rng.normal(size=(villages, N_NUMBERS))[village] * np.sqrt(alike)
    numbers = shared + rng.normal(size=(n, N_NUMBERS)) * np.sqrt(1 - alike)
    columns = {f"x{i}": np.where(rng.random(n) < 0.1, np.nan, numbers[:, i]) for i in range(N_NUMBERS)}
    frame = pl.DataFrame(columns).with_columns(
        flag=pl.Series((rng.random(n) < 0.05).astype(float)),
        code=pl.Series(rng.choice(["a", "b", "c", None], n, p=[0.6, 0.3, 0.05, 0.05]).tolist(), dtype=pl.String),
        nothing=pl.lit(None, dtype=pl.Float64),
    )
    return frame, 1 / (1 + np.exp(3 - numbers[:, 0])), village


def drift(before, now):
    frame, risk, village = now
    return find_drift(frame, risk, village, TrainingReference.of(*before), SETTINGS)


def states(found, **where):
    return found.frame.filter(**where)["state"].to_list()


@pytest.mark.slow
@pytest.mark.parametrize(("n", "m", "alike"), [(3000, 150, 0.0), (2000, 2000, 0.4), (1000, 6000, 0.4)])
def test_where_nothing_has_changed_hardly_anything_is_flagged(n, m, alike):
    """One month in twenty may have a flag; more than two of eight would be a chance of one in two hundred."""
    found = [drift(sample(n, seed, alike=alike), sample(m, 1000 + seed, alike=alike)) for seed in range(100, 108)]
    assert sum(one.flagged.height > 0 for one in found) <= 2


def test_a_fixed_bound_alone_would_cry_wolf_in_a_small_month():
    found = drift(sample(3000, 1), sample(60, 2))
    assert (found.frame.filter(measure="stability")["change"] > SETTINGS.bounds["stability"].watch).any()
    assert found.flagged.is_empty()


def test_a_moved_column_is_told_and_no_other():
    now, score, village = sample(3000, 2)
    found = drift(sample(3000, 1), (now.with_columns(x3=pl.col("x3") + 0.7), score, village))
    assert found.flagged.select("name", "measure", "state").rows() == [("x3", "stability", "alarm")]
    assert found.summary["alarm"] == 1
    assert found.summary["score_state"] == "steady"


def test_a_change_that_is_certain_but_small_is_no_flag():
    now, score, village = sample(30_000, 2)
    found = drift(sample(30_000, 1), (now.with_columns(x3=pl.col("x3") + 0.1), score, village))
    row = found.frame.filter(name="x3", measure="stability").row(0, named=True)
    assert row["q_value"] < 1e-6
    assert row["state"] == "steady"


def test_values_that_are_missing_now_are_told_as_missing():
    now, score, village = sample(2000, 2)
    lost = now.with_columns(x3=pl.when(pl.int_range(pl.len()) % 3 > 0).then("x3"))
    found = drift(sample(2000, 1), (lost, score, village))
    assert states(found, name="x3") == ["steady", "alarm"]
    row = found.frame.filter(name="x3", measure="missing").row(0, named=True)
    assert row["now"] - row["before"] == row["change"] == pytest.approx(0.3, abs=0.03)


def test_codes_never_seen_before_are_told():
    now, score, village = sample(2000, 2)
    new = now.with_columns(code=pl.when(pl.int_range(pl.len()) % 25 == 0).then(pl.lit("z")).otherwise("code"))
    found = drift(sample(2000, 1), (new, score, village))
    assert states(found, name="code") == ["steady", "steady", "watch"]
    assert found.frame.filter(name="code", measure="unseen")["now"].item() == pytest.approx(0.04, abs=0.005)


def test_scores_that_moved_are_told():
    now, score, village = sample(3000, 2)
    found = drift(sample(3000, 1), (now, np.clip(score * 2, 0, 1), village))
    assert found.summary["score_state"] == "alarm"


def test_a_column_that_became_constant_or_never_had_a_value():
    now, score, village = sample(2000, 2)
    found = drift(sample(2000, 1), (now.with_columns(code=pl.lit("a"), flag=pl.lit(None, pl.Float64)), score, village))
    assert states(found, name="code", measure="stability") == ["alarm"]
    assert states(found, name="flag") == ["unknown", "alarm"]
    assert states(found, name="nothing") == ["unknown", "steady"]


def test_nobody_to_compare_is_unknown_not_steady():
    now, score, village = sample(2000, 2)
    found = drift(sample(2000, 1), (now.head(0), score[:0], village[:0]))
    assert set(states(found)) == {"unknown"}
    assert found.summary["score_state"] == "unknown"


def test_row_order_never_matters():
    before, (now, score, village) = sample(500, 1), sample(500, 2)
    order = np.random.default_rng(3).permutation(500)
    ours, theirs = drift(before, (now, score, village)), drift(before, (now[order], score[order], village[order]))
    for name in ("change", "p_value"):
        np.testing.assert_allclose(theirs.frame[name].to_numpy(), ours.frame[name].to_numpy())
    assert theirs.frame["state"].equals(ours.frame["state"])
