"""scikit-learn's own checks of every estimator."""

import pytest
from sklearn.utils.estimator_checks import parametrize_with_checks

from relapse_risk.models import (
    HazardClassifier,
    IncomeOnlyClassifier,
    LightGBMBaseline,
    LogisticClassifier,
    PolicyRuleClassifier,
    ReasonAdditiveClassifier,
    ScorecardClassifier,
    StackedClassifier,
    VulnerabilityClassifier,
)

pytestmark = pytest.mark.slow


@parametrize_with_checks(
    [
        ReasonAdditiveClassifier(n_rounds=20),
        PolicyRuleClassifier(),
        IncomeOnlyClassifier(),
        LogisticClassifier(),
        LogisticClassifier(penalty=1.0),
        LightGBMBaseline(n_rounds=10),
        VulnerabilityClassifier(),
        HazardClassifier(),
        ScorecardClassifier(),
        StackedClassifier(members=[LogisticClassifier(penalty=1.0), ScorecardClassifier()]),
    ]
)
def test_scikit_learn_checks(estimator, check):
    check(estimator)


@pytest.mark.slow
@parametrize_with_checks([ReasonAdditiveClassifier()])
def test_scikit_learn_checks_at_full_size(estimator, check):
    check(estimator)
