"""What evaluations say, made up."""

from dataclasses import replace
from datetime import date

import numpy as np

from relapse_risk.evaluation import Predictions, report_models
from relapse_risk.evaluation.checks import CheckFinding
from relapse_risk.reports import EvaluationContent

COUNTY = "<b>甲县</b>"


def _predictions(n=1200, seed=0):
    random = np.random.default_rng(seed)
    risk = random.beta(1, 12, size=n)
    y = (random.random(n) < risk).astype(float)
    day = np.where(np.arange(n) % 2, np.datetime64("2018-12-31"), np.datetime64("2019-12-31"))
    return Predictions(
        outcome=y,
        weight=np.ones(n),
        household=np.array([f"HOME{i // 2:05d}" for i in range(n)]),
        day=day,
        cluster=np.array([f"village {i % 40}" for i in range(n)]),
        risks={"reason_additive": risk, "income": np.full(n, risk.mean()), "MyModel": risk**1.1},
        groups={
            "county": np.where(np.arange(n) % 3 == 0, COUNTY, "乙县"),
            "elderly": np.where(np.arange(n) % 4 == 0, "yes", "no"),
            "household_type": np.where(np.arange(n) % 5 == 0, "exited", ""),
        },
        fell_after=np.where(y == 1, random.uniform(1, 12, n), np.nan),
    )


def make_evaluation(**changes):
    values = {
        "scheme": "time",
        "forward": True,
        "label": "recorded",
        "cohort": "wide",
        "horizon": 12,
        "as_of": (date(2017, 12, 31), date(2018, 12, 31), date(2019, 12, 31)),
        "known_by": date(2020, 12, 31),
        "unreported_share": 0.02,
        "trials": 2,
        "untested": 300,
        "weighted": False,
        "clusters": "village",
        "as_trained": True,
        "protected": ({"zh": "户主为女性", "en": "the head is a woman"}, {"zh": "民族", "en": "ethnicity"}),
        "judgement": report_models(_predictions(), n_draws=20),
        "findings": (
            CheckFinding(
                code="RR101", severity="error", details={"column": {"zh": "偷看", "en": "a peek"}, "auc": 0.991}
            ),
            CheckFinding(code="RR603", severity="warn", details={"share": 0.08}),
        ),
        "remarks": (("line_of_other_year", {"years": (2021,), "of_year": "2020", "yuan": "4,000", "count": 1200}),),
    }
    return EvaluationContent(**values | changes)


def without_one_outcome():
    """Return an evaluation in which nobody relapsed: most figures are not numbers."""
    made = _predictions(200)
    return make_evaluation(judgement=report_models(replace(made, outcome=np.zeros(200)), n_draws=20), findings=())
