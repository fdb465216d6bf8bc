"""A rule: the rows of a table that it checks, and what is wrong with those that break it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import polars as pl

from relapse_risk.audit.audit_tables import FACTS, OWN
from relapse_risk.policy import AuditLimits

__all__ = ["AuditRule", "Test"]

Test = pl.Expr | Callable[[AuditLimits], pl.Expr]
"""A boolean per row, null where something it looks at is not known; of the limits, where it has any."""


@dataclass(frozen=True, kw_only=True, eq=False)
class AuditRule:
    """One thing that cannot be, or hardly can.

    Attributes
    ----------
    id : str
        Its severity and wordings are under it in ``audit.toml``.
    family : str
    table : str
        Whose rows it flags.
    column : str
        The column in which the fault is shown.
    broken : Test
        True where a row breaks it.
    where : Test, optional
        Which rows it speaks of; the others are not judged.
    besides : tuple of str
        Columns of the table that it takes into account where a source has them, and can do without.
    first : pl.Expr, optional
        Of a rule on rows that repeat another one: the row of the list that is repeated.
    """

    id: str
    family: str
    table: str
    column: str
    broken: Test
    where: Test | None = None
    besides: tuple[str, ...] = ()
    first: pl.Expr | None = None

    def judgement(self, limits: AuditLimits) -> pl.Expr:
        """Return, per row of the table, whether it is broken; null where it cannot be judged."""
        broken = _expression(self.broken, limits)
        return broken if self.where is None else pl.when(_expression(self.where, limits)).then(broken)

    def needs(self, limits: AuditLimits) -> Mapping[str, tuple[str, ...]]:
        """Return what it looks at: columns by table; ``a|b`` where one of them is enough."""
        wanted: dict[str, set[str]] = {self.table: set()}
        for name in sorted({*self.judgement(limits).meta.root_names()} - {*self.besides}):
            for table, columns in _behind(name, self.table).items():
                wanted.setdefault(table, set()).update(columns)
        return {table: tuple(sorted(columns)) for table, columns in wanted.items()}


def _expression(test: Test, limits: AuditLimits) -> pl.Expr:
    return test if isinstance(test, pl.Expr) else test(limits)


def _behind(name: str, table: str) -> Mapping[str, tuple[str, ...]]:
    """Return the columns a column of a rule is made of."""
    if name in FACTS:
        return {owner or table: columns for owner, columns in FACTS[name].items()}
    return {} if name in OWN else {table: (name,)}
