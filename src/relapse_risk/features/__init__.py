"""What is known of each household on a day, as columns: declared once, built from what was known only."""

from relapse_risk.features.builders import DEFAULT_BUILDERS
from relapse_risk.features.conditions import all_of, any_of
from relapse_risk.features.declare import UNITS, Builder, Feature
from relapse_risk.features.protect import protected_features, without_protected
from relapse_risk.features.rule_conditions import conditions_on
from relapse_risk.features.table import FeatureTable, build_features

__all__ = [
    "DEFAULT_BUILDERS",
    "UNITS",
    "Builder",
    "Feature",
    "FeatureTable",
    "all_of",
    "any_of",
    "build_features",
    "conditions_on",
    "protected_features",
    "without_protected",
]
