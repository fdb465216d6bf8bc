"""Contexts to try checks on: one that every check passes, and ways to spoil it."""

from dataclasses import replace

import numpy as np

from relapse_risk.evaluation import ColumnDrift, GroupReport, ModelReport, ModelReports, Predictions, TrainingReach
from relapse_risk.evaluation.checks import CheckContext, ColumnFacts, DayFacts, SampleFacts
from relapse_risk.metrics import Interval, LargestError, Spiegelhalter


def about(estimate, half=0.02):
    return Interval(estimate=estimate, lower=estimate - half, upper=estimate + half)


def make_column(name, table="incomes", **other):
    return ColumnFacts(name=name, zh=f"{name}列", en=f"{name} column", table=table, **other)


def make_group(**other):
    values = {
        "kind": "ethnicity",
        "group": "彝族",
        "rows": 500,
        "events": 25,
        "observed": 0.05,
        "predicted": 0.05,
        "error": about(0.0),
        "z": 0.1,
        "smallest_seen": 0.01,
        "auc": about(0.7),
        "exclusion_error": about(0.5),
    }
    return GroupReport(**values | other)


def make_model(name, over=0.01, **figures):
    values = {
        "auc": about(0.75),
        "log_loss": about(0.1),
        "expected_observed_ratio": about(1.02),
        "calibration_slope": about(0.99),
    }
    worst = LargestError(kind="ethnicity", group="彝族", error=0.001, z=0.1, p_value=0.9, critical=2.5, groups=4)
    return ModelReport(
        name=name,
        figures=values | figures,
        over_default={"log_loss": about(over, half=0.005), "brier": about(over, half=0.005)},
        spiegelhalter=Spiegelhalter(z=0.3, p_value=0.76),
        bands=(),
        days=(),
        groups=(make_group(),),
        largest_group_error=worst,
        net_benefit=(),
    )


def make_clean():
    """Return a context in which nothing is to be found."""
    n = 4000
    y = np.zeros(n)
    y[:: n // 200] = 1
    county = np.where(np.arange(n) % 2 == 0, "甲县", "乙县")
    county[:: n // 100] = "乙县"
    models = (make_model("reason_additive", over=0.0), make_model("income"), make_model("policy_rule"))
    return CheckContext(
        predictions=Predictions(
            outcome=y,
            weight=np.ones(n),
            household=np.arange(n),
            day=np.repeat(np.datetime64("2019-12-31"), n),
            cluster=np.arange(n),
            risks={"reason_additive": np.full(n, 0.05)},
            groups={"county": county},
            fell_after=np.full(n, np.nan),
        ),
        judgement=ModelReports(
            households=n,
            rows=n,
            events=int(y.sum()),
            clusters=n,
            days=("2019-12-31",),
            observed=0.05,
            level=0.95,
            capacity_share=0.05,
            n_draws=300,
            models=models,
        ),
        facts=SampleFacts(
            columns=(
                make_column("income", auc=0.72),
                make_column("ill", table="illness", auc=0.7),
                make_column("monitored", table="monitoring", auc=0.55),
            ),
            dropped=(),
            undated={"incomes": 0.0},
            extremes={("incomes", "wage"): 30.0},
            days=(DayFacts(day="2018-12-31", rows=4000, events=200), DayFacts(day="2019-12-31", rows=4000, events=210)),
            forward=True,
            trained_events=200,
            unreported_share=0.01,
            reach=TrainingReach(outside={"income": 0.001}, unseen={}, missing={}, rows=0.01),
            drifts={"income": ColumnDrift(shift=0.2, log_odds=0.1), "ill": ColumnDrift(shift=1.2, log_odds=-0.01)},
        ),
    )


def with_facts(**changes):
    clean = make_clean()
    return replace(clean, facts=replace(clean.facts, **changes))


def with_judgement(**changes):
    clean = make_clean()
    return replace(clean, judgement=replace(clean.judgement, **changes))


def with_default(**changes):
    clean = make_clean()
    first, *others = clean.judgement.models
    return with_judgement(models=(replace(first, **changes), *others))


def with_figure(name, interval):
    return with_default(figures={**make_clean().judgement.models[0].figures, name: interval})
