"""What a reader should know of a model, out of its bundle."""

from relapse_risk.bundle import Bundle
from relapse_risk.reports import ModelCard, ModelFacts, ModelInput
from relapse_risk.scoring.remarks import FEW_RELAPSES

__all__ = ["describe_model", "model_facts_of"]


def describe_model(bundle: Bundle) -> ModelCard:
    """Return the card of a model: what it was made from, how good it is, what it reads, where it ends.

    Parameters
    ----------
    bundle : Bundle
        Trained, moved here from elsewhere, or the rule.

    Examples
    --------
    >>> from relapse_risk.bundle import rule_bundle
    >>> card = describe_model(rule_bundle())
    >>> card.kind, card.model.origin, card.past_years
    ('PolicyRuleClassifier', 'rule', ())
    """
    declared, past, shocks = {one.name: one for one in bundle.features}, bundle.past_years, bundle.shocks
    return ModelCard(
        model=model_facts_of(bundle),
        kind=type(bundle.model).__name__,
        inputs=tuple(
            ModelInput(name=one.name, reason=one.reason, table=one.table, words={"zh": one.zh, "en": one.en})
            for one in (declared[name] for name in bundle.columns)
        ),
        rough_level=bundle.origin != "rule" and bundle.relapses < FEW_RELAPSES,
        unreported_share=bundle.unreported_share,
        carried_forward_line=bundle.carried_forward_line,
        past_years=() if past is None else tuple(zip(past.days, past.shifts, strict=True)),
        village_shock=None if shocks is None else shocks.village,
        versions=bundle.versions,
    )


def model_facts_of(bundle: Bundle) -> ModelFacts:
    """Return what pages and workbooks say of the model behind the scores."""
    return ModelFacts(
        digest=bundle.digest,
        origin=bundle.origin,
        label=bundle.label,
        cohort=bundle.cohort,
        horizon=bundle.horizon,
        as_of=bundle.as_of,
        trained_through=bundle.trained_through,
        rows=bundle.rows,
        households=bundle.households,
        relapses=bundle.relapses,
        features=len(bundle.columns),
        protected=tuple({"zh": one.zh, "en": one.en} for one in bundle.protected),
        evaluation=bundle.evaluation,
        release=bundle.versions.get("relapse-risk", "-"),
        choice=bundle.choice,
        controls=bundle.controls,
    )
