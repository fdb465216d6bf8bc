import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import fisher_exact

from relapse_risk.metrics import EffectiveSize, share_p_value, stability, unseen_p_value, worth_of

COUNTS = st.lists(st.integers(0, 200), min_size=2, max_size=8)


def test_it_is_the_sum_of_differences_times_log_ratios():
    before, now = np.array([4000, 6000]), np.array([5000, 5000])
    assert stability(before, now).index == pytest.approx(0.1 * np.log(0.5 / 0.4) - 0.1 * np.log(0.5 / 0.6), abs=1e-3)


@given(COUNTS, st.data())
def test_it_is_never_negative_and_finite_with_empty_bins(before, data):
    now = data.draw(st.lists(st.integers(0, 200), min_size=len(before), max_size=len(before)))
    found = stability(before, now)
    assert found.bins == 1 or (0 <= found.index < np.inf and 0 <= found.p_value <= 1)


@given(COUNTS, st.randoms(use_true_random=False))
def test_codes_in_another_order_are_the_same(before, random):
    order = list(range(len(before)))
    random.shuffle(order)
    now = [count // 2 + 3 for count in before]
    ours = stability(before, now, ordered=False)
    theirs = stability([before[i] for i in order], [now[i] for i in order], ordered=False)
    assert ours.bins == theirs.bins
    if len(set(before)) == len(before):
        assert ours.index == pytest.approx(theirs.index, nan_ok=True)


@pytest.mark.parametrize(("n", "m"), [(5000, 100), (5000, 5000), (400, 20_000)])
def test_where_nothing_has_changed_chance_alone_makes_it_as_large_as_is_said(n, m):
    rng = np.random.default_rng(2)
    shares = np.array([0.3, 0.2, 0.2, 0.15, 0.1, 0.05])
    draws = [stability(rng.multinomial(n, shares), rng.multinomial(m, shares)) for _ in range(2000)]
    assert np.mean([one.index for one in draws]) == pytest.approx(np.mean([one.by_chance for one in draws]), rel=0.1)
    assert 0.03 < np.mean([one.p_value < 0.05 for one in draws]) < 0.07
    assert np.mean([one.index > one.bound for one in draws]) == np.mean([one.p_value < 0.05 for one in draws])


def test_small_samples_put_bins_together_rather_than_cry_wolf():
    rng = np.random.default_rng(4)
    shares = np.full(10, 0.1)
    draws = [stability(rng.multinomial(5000, shares), rng.multinomial(20, shares)) for _ in range(1000)]
    assert {one.bins for one in draws} <= {2, 3, 4}
    assert np.mean([one.p_value < 0.05 for one in draws]) < 0.08
    assert np.mean([one.index > 0.1 for one in draws]) > 0.2  # what a fixed bound alone would make of it


@pytest.mark.parametrize("alike", [0.0, 0.5, 1.0])
def test_rows_of_a_village_that_are_alike_do_not_cry_wolf(alike):
    rng = np.random.default_rng(8)

    def sample(villages):
        of_row = np.repeat(np.arange(villages), 25)
        own = rng.integers(0, 4, len(of_row))
        return np.where(rng.random(len(of_row)) < alike, rng.integers(0, 4, villages)[of_row], own), of_row

    found = []
    for _ in range(400):
        (before, cluster), (now, others) = sample(80), sample(60)
        worth = worth_of(before, cluster), worth_of(now, others)
        found.append(stability(np.bincount(before, minlength=4), np.bincount(now, minlength=4), worth=worth))
    assert 0.02 < np.mean([one.p_value < 0.05 for one in found]) < 0.1
    assert np.mean([one.index for one in found]) == pytest.approx(np.mean([o.by_chance for o in found]), rel=0.25)


def test_rows_worth_less_tell_less():
    many, few = (
        stability([500, 500], [300, 200], worth=(EffectiveSize(each=each), EffectiveSize())) for each in (1.0, 0.25)
    )
    assert many.index == few.index
    assert few.p_value > many.p_value


@pytest.mark.parametrize("table", [(5, 100, 12, 90), (0, 500, 3, 400), (30, 60, 2, 50), (0, 10, 0, 10)])
def test_the_test_of_shares_is_fishers(table):
    before, of_before, now, of_now = table
    cells = [[now, of_now - now], [before, of_before - before]]
    tails = [fisher_exact(cells, alternative=side).pvalue for side in ("less", "greater")]
    assert share_p_value(*table) == pytest.approx(min(1, 2 * min(tails)))
    assert unseen_p_value(now, of_before, of_now) == pytest.approx(
        fisher_exact([[now, of_now - now], [0, of_before]], alternative="greater").pvalue
    )
