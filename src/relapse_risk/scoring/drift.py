"""The households of the day compared with the training rows."""

import polars as pl

from relapse_risk.bundle import Bundle
from relapse_risk.features import FeatureTable
from relapse_risk.metrics import cluster_ids
from relapse_risk.monitoring import Drift, find_drift
from relapse_risk.policy.mechanism import DriftPolicy

__all__ = ["drift_of"]


def drift_of(
    at_risk: FeatureTable, risk: pl.DataFrame, areas: pl.DataFrame, bundle: Bundle, settings: DriftPolicy
) -> Drift | None:
    """Return how households at risk with fresh incomes, as the model was trained on, differ from those.

    Parameters
    ----------
    at_risk : FeatureTable
        Of the households at risk.
    risk : pl.DataFrame
        household_id, stale and probability.
    areas : pl.DataFrame
        household_id and village, as `areas_of` returns.
    bundle : Bundle
    settings : DriftPolicy

    Returns
    -------
    Drift or None
        None where nothing was trained.
    """
    if bundle.reference is None:
        return None
    fresh = risk.filter(~pl.col("stale")).select("household_id", "probability")
    rows = at_risk.frame.join(fresh, on="household_id", how="semi", maintain_order="left")
    told = rows.select("household_id").join(fresh, on="household_id", how="left", maintain_order="left")
    told = told.join(areas, on="household_id", how="left", maintain_order="left")
    cluster = cluster_ids(told["village"].fill_null(""), told["household_id"])
    table = FeatureTable(frame=rows, features=at_risk.features, missing=at_risk.missing)
    return find_drift(bundle.require(table), told["probability"].to_numpy(), cluster, bundle.reference, settings)
