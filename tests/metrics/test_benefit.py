"""Net benefit beside visiting all and visiting none."""

import numpy as np
import pytest

from relapse_risk.metrics import net_benefit


def test_by_hand_over_weights():
    # Visited: the first two, of weights 1 and 2, of whom the first fell; odds of 0.2: 1 / 4.
    (found,) = net_benefit([1, 0, 1, 0], [0.5, 0.2, 0.1, 0.05], [0.2], [1, 2, 3, 4])
    assert found.model == pytest.approx((1 - 2 / 4) / 10)
    assert found.visit_all == pytest.approx((4 - 6 / 4) / 10)


def test_with_a_threshold_under_all_risks_the_model_visits_all():
    y, p = np.array([1, 0, 0, 0, 0]), np.array([0.3, 0.2, 0.2, 0.1, 0.1])
    low, high = net_benefit(y, p, [0.05, 0.9])
    assert low.model == low.visit_all
    assert high.model == 0
    assert high.visit_all < 0


@pytest.mark.parametrize("threshold", [0, 1, -0.5])
def test_a_threshold_lies_between_0_and_1(threshold):
    with pytest.raises(ValueError, match="thresholds"):
        net_benefit([0, 1], [0.1, 0.2], [threshold])
