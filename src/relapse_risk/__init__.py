"""Which households are about to fall back into poverty, how likely, why, and in time to prevent it.

The road from records to a roster: `read_records`, `run_audit`, `train`, `evaluate`, `adapt`, `score`. Its
pieces: `build_features`, `label_relapse`, `find_cohort`, the estimators of ``relapse_risk.models``.

Examples
--------
>>> import relapse_risk as rr
>>> population = rr.synthesise(households=600, seed=1)
>>> records = rr.read_records(population.tables).records
>>> features = rr.build_features(records, "2019-12-31")
>>> features.frame["household_id"].is_unique().all()
True
"""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.audit import run_audit
    from relapse_risk.bundle import Bundle, read_bundle, rule_bundle
    from relapse_risk.cycle import describe_household
    from relapse_risk.errors import BundleError, InputError, RelapseRiskError
    from relapse_risk.features import Builder, Feature, build_features
    from relapse_risk.ingest import Intake, describe_source, read_records, write_records
    from relapse_risk.labels import find_cohort, label_relapse
    from relapse_risk.policy import read_policy
    from relapse_risk.records import AsOfView, Records
    from relapse_risk.scoring import Roster, describe_model, score
    from relapse_risk.scoring.partitions import PartitionedScores, score_partitions
    from relapse_risk.synthetic import synthesise
    from relapse_risk.training import Report, adapt, evaluate, train
    from relapse_risk.training.partitions import PartitionedTraining, train_partitions
else:
    __getattr__ = lazy_names(__name__)  # `relapse-risk --help` need not wait for LightGBM

__all__ = [
    "AsOfView",
    "Builder",
    "Bundle",
    "BundleError",
    "Feature",
    "InputError",
    "Intake",
    "PartitionedScores",
    "PartitionedTraining",
    "Records",
    "RelapseRiskError",
    "Report",
    "Roster",
    "adapt",
    "build_features",
    "describe_household",
    "describe_model",
    "describe_source",
    "evaluate",
    "find_cohort",
    "label_relapse",
    "read_bundle",
    "read_policy",
    "read_records",
    "rule_bundle",
    "run_audit",
    "score",
    "score_partitions",
    "synthesise",
    "train",
    "train_partitions",
    "write_records",
]


def __dir__() -> list[str]:
    return sorted(__all__)
