"""What is written and said of a model that was trained."""

import json
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, get_args

from relapse_risk.bundle import Bundle
from relapse_risk.cli.session import Session, aligned, remark_records
from relapse_risk.evaluation import Evaluation, ModelComparison
from relapse_risk.reports import Remark, choice_words, controls_words
from relapse_risk.training import Baseline

__all__ = ["tell_comparisons", "tell_training", "write_bundle"]


def write_bundle(
    bundle: Bundle,
    file: Path,
    evaluation: Path,
    remarks: Sequence[Remark] = (),
    counties: Sequence[dict[str, Any]] = (),
) -> None:
    """Write a bundle and, next to it, its evaluation with the remarks on what it was trained on, county by county."""
    assert bundle.evaluation is not None  # it was trained
    bundle.save(file)
    choice = None if bundle.choice is None else asdict(bundle.choice)
    report = bundle.evaluation.to_json() | {"choice": choice, "remarks": remark_records(remarks)}
    report |= {"counties": list(counties)} if counties else {}
    text = json.dumps(report, ensure_ascii=False, indent=2, allow_nan=False)
    evaluation.write_text(text + "\n", encoding="utf-8")


def tell_training(session: Session, bundle: Bundle) -> None:
    """Print what was trained on what, and how the model compares with its baselines."""
    session.say(
        "trained",
        rows=bundle.rows,
        households=bundle.households,
        relapses=bundle.relapses,
        label=session.texts.label("labels", bundle.label),
        through=bundle.trained_through,
    )
    if bundle.controls < 1:
        session.say("trained_on_share", value=controls_words(bundle.controls, session.texts))
    if bundle.choice is not None:
        session.tell(choice_words(bundle.choice, session.texts))
    tell_comparisons(session, bundle.evaluation)


def tell_comparisons(session: Session, found: Evaluation | None) -> None:
    """Print how a model compares with others."""
    if found is None:
        return
    session.say(f"compared_{found.scheme}", days=", ".join(found.days), rows=found.comparisons[0].scores.rows)
    head = session.texts("cli", "compared_head").split("|")
    for line in aligned([head, *(_row(session, one) for one in found.comparisons)]):
        session.tell(f"  {line}")
    named = {one.name for one in found.comparisons}
    if left_out := [_named(session, name) for name in get_args(Baseline) if name not in named]:
        session.say("not_compared", names=", ".join(left_out))


def _row(session: Session, one: ModelComparison) -> tuple[str, ...]:
    over = one.log_loss_over_default
    return (
        _named(session, one.name),
        f"{one.scores.log_loss:.4f}",
        f"{over.estimate:+.4f} ({over.lower:+.4f}, {over.upper:+.4f})",
        f"{one.scores.auc:.3f}",
        f"{one.scores.average_precision:.3f}",
        f"{one.expected_observed_ratio:.2f}",
        f"{one.scores.calibration_slope:.2f}",
    )


def _named(session: Session, name: str) -> str:
    known = ("reason_additive", "policy_rule", "income", "logistic", "vulnerability", "lightgbm", "elsewhere")
    return session.texts("cli", f"model_{name}") if name in known else name
