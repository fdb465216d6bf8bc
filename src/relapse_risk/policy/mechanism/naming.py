"""When a reason may be named of a household: what ``naming.toml`` holds."""

from collections.abc import Iterator, Mapping
from typing import Annotated

from relapse_risk.policy.conditions import ColumnCondition
from relapse_risk.policy.mechanism.cited import one_of
from relapse_risk.policy.model import PolicyModel
from relapse_risk.policy.reasons import REASONS

__all__ = ["NamingPolicy"]

Conditions = tuple[ColumnCondition, ...]


class NamingPolicy(PolicyModel):
    """What ``naming.toml`` holds.

    Attributes
    ----------
    supports : Mapping of str to tuple of ColumnCondition
        By feature: it speaks for its reason where all of them hold. One that is not there, or without any, never does.
    unless : Mapping of str to tuple of ColumnCondition
        By feature: it does not speak where one of them is known to hold.
    contradicted : Mapping of str to tuple of ColumnCondition
        By reason: it is not named where one of them is known to hold.

    Examples
    --------
    >>> from relapse_risk.policy import read_policy
    >>> naming = read_policy().mechanism.naming
    >>> [(one.column, one.test, one.bound) for one in naming.supports["income_over_line_log"]]
    [('income_over_line', 'below', 1.5)]
    >>> "head_age" in naming.supports
    False
    """

    supports: Mapping[str, Conditions]
    unless: Mapping[str, Conditions]
    contradicted: Mapping[Annotated[str, one_of(*REASONS)], Conditions]

    def conditions(self) -> Iterator[tuple[str, ColumnCondition]]:
        """Yield every condition with its place in the file."""
        for table, entries in (
            ("supports", self.supports),
            ("unless", self.unless),
            ("contradicted", self.contradicted),
        ):
            for name, conditions in entries.items():
                for place, condition in enumerate(conditions, start=1):
                    yield f"{table}.{name}.{place}", condition
