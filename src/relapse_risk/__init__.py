"""Which households are about to fall back into poverty, how likely, why, and in time to prevent it.

The road from records to a roster: `read_records`, `train`, `score`. Its pieces: `build_features`, `label_relapse`,
`find_cohort`, the estimators of ``relapse_risk.models``.

Examples
--------
>>> import relapse_risk as rr
>>> population = rr.synthesise(households=600, seed=1)
>>> records = rr.read_records(population.tables).records
>>> features = rr.build_features(records, "2019-12-31")
>>> features.frame["household_id"].is_unique().all()
True
"""

from relapse_risk.bundle import Bundle, read_bundle
from relapse_risk.errors import BundleError, InputError, RelapseRiskError
from relapse_risk.features import Builder, Feature, build_features
from relapse_risk.ingest import Intake, read_records
from relapse_risk.labels import find_cohort, label_relapse
from relapse_risk.policy import read_policy
from relapse_risk.records import Records
from relapse_risk.scoring import Roster, score
from relapse_risk.synthetic import synthesise
from relapse_risk.training import train

__all__ = [
    "Builder",
    "Bundle",
    "BundleError",
    "Feature",
    "InputError",
    "Intake",
    "Records",
    "RelapseRiskError",
    "Roster",
    "build_features",
    "find_cohort",
    "label_relapse",
    "read_bundle",
    "read_policy",
    "read_records",
    "score",
    "synthesise",
    "train",
]
