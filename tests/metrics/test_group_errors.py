"""Errors of groups: what is noise, what is more, and what could not have been seen."""

import numpy as np
import pytest
from scipy.stats import norm

from relapse_risk.metrics import ClusterDraws, group_errors


def world(seed, *, shift=0.0, village=0.0):
    random = np.random.default_rng(seed)
    n, cluster = 3000, np.arange(3000) // 30
    score = random.normal(-2.5, 0.7, n)
    group = np.where(cluster % 5 == 0, "yi", "han")
    true = score + np.where(group == "yi", shift, 0) + random.normal(0, village, 100)[cluster]
    p = 1 / (1 + np.exp(-score))
    groups = {"ethnicity": group, "elderly": np.where(random.random(n) < 0.3, "yes", "no")}
    return (random.random(n) < 1 / (1 + np.exp(-true))).astype(float), p, groups, cluster


def found_in(seed, **options):
    y, p, groups, cluster = world(seed, **options)
    return group_errors(y, p, groups, ClusterDraws.of(cluster, n_draws=200, seed=seed))


def test_a_group_that_is_wrong_is_found_by_more_than_chance():
    found = found_in(0, shift=1.0)
    assert (found.largest.kind, found.largest.group) == ("ethnicity", "yi")
    assert found.largest.error < -0.03
    assert found.largest.p_value < 0.02
    assert abs(found.largest.z) > found.largest.critical > norm.ppf(0.975)
    assert found.largest.groups == 4


def test_where_all_are_right_few_worlds_have_a_group_that_seems_wrong():
    seen = sum(found_in(seed).largest.p_value < 0.1 for seed in range(40))
    assert seen <= 9  # 4 are expected; more than 9 of 40 have a probability under 1 %


def test_villages_that_share_shocks_widen_the_noise():
    alone, shared = found_in(1), found_in(1, village=1.0)
    assert shared.groups[3].standard_error > 1.5 * alone.groups[3].standard_error


def test_an_error_as_large_as_the_smallest_seen_is_seen_four_times_in_five():
    found = found_in(2).groups[0]
    power = norm.sf(norm.ppf(0.975) - found.smallest_seen / found.standard_error)
    assert power == pytest.approx(0.8, abs=1e-3)


def test_a_group_in_which_nobody_fell_is_no_alarm():
    y, p, cluster = np.zeros(40), np.full(40, 0.05), np.arange(40)
    (one,) = group_errors(y, p, {"county": np.full(40, "a")}, ClusterDraws.of(cluster, n_draws=50)).groups
    assert one.events == 0
    assert one.z == pytest.approx(0.05 / np.sqrt(0.05 * 0.95 / 40))


def test_groups_in_which_nobody_fell_do_not_lower_what_counts_as_more_than_chance():
    p, cluster = np.full(40, 0.05), np.arange(40)
    found = group_errors(np.zeros(40), p, {"county": cluster // 10}, ClusterDraws.of(cluster, n_draws=50)).largest
    assert found.critical >= norm.ppf(0.975)
    assert found.p_value >= 2 * norm.sf(found.z)


def test_one_cluster_has_no_noise_and_unknown_groups_are_left_out():
    groups = {"county": ["a", "a", "", "b", "b"], "elderly": [""] * 5}
    y, p = [0, 1, 1, 0, 1], [0.5, 0.2, 0.9, 0.4, 0.4]
    found = group_errors(y, p, groups, ClusterDraws.of([1, 1, 2, 3, 4], n_draws=50), [1, 1, 1, 1, 0])
    assert [(one.group, one.rows, one.clusters) for one in found.groups] == [("a", 2, 1), ("b", 1, 1)]
    assert np.isnan([found.groups[0].z, found.groups[0].smallest_seen, found.groups[0].error.lower]).all()
    assert found.groups[0].error.estimate == pytest.approx(-0.15)
    assert found.largest is None
