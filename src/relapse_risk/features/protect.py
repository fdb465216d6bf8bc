"""Which features are made of what no household is ranked by, and a table in which models are not given them."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from relapse_risk.features.declare import Feature
from relapse_risk.features.table import FeatureTable
from relapse_risk.policy.mechanism import ProtectedKind

__all__ = ["protected_features", "without_protected"]


def protected_features(features: Iterable[Feature], kinds: Iterable[ProtectedKind]) -> frozenset[str]:
    """Return the names of the features that are protected: by their name, or as they need a protected column.

    Examples
    --------
    >>> from relapse_risk.features import DEFAULT_BUILDERS
    >>> from relapse_risk.policy import read_policy
    >>> features = [feature for builder in DEFAULT_BUILDERS for feature in builder.features]
    >>> sorted(protected_features(features, read_policy().mechanism.protected.values()))
    ['has_spouse', 'head_age', 'head_female']
    """
    listed = tuple(kinds)
    named = {name for kind in listed for name in kind.features}
    columns = {column for kind in listed for column in kind.columns}
    return frozenset(one.name for one in features if one.name in named or columns & _made_of(one))


def without_protected(table: FeatureTable, kinds: Mapping[str, ProtectedKind]) -> FeatureTable:
    """Return the table with protected predictors as facts: they stay in its frame, and no model is given them.

    Parameters
    ----------
    table : FeatureTable
    kinds : Mapping of str to ProtectedKind
        Those an office lets models use (``predictor``) are left as they are.
    """
    out = protected_features(table.features, (kind for kind in kinds.values() if not kind.predictor))
    features = tuple(replace(one, role="fact") if one.name in out else one for one in table.features)
    return replace(table, features=features)


def _made_of(feature: Feature) -> set[str]:
    return {f"{table}.{column}" for table, columns in feature.needs for column in columns}
