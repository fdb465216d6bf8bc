"""A condition in a data file: a column, and one test of it."""

from collections.abc import Mapping
from typing import Self

from pydantic import Field, model_validator

from relapse_risk.policy.model import PolicyModel, refuse

__all__ = ["ColumnCondition", "without_other_tests"]

_BOUNDS = ("at_least", "at_most", "above", "below")
_TESTS = (*_BOUNDS, "is")
_SIGNS = {"at_least": "≥", "at_most": "≤", "above": ">", "below": "<", "is": "="}


class ColumnCondition(PolicyModel):
    """What a household meets or not: a column, with a bound (a number) or a code that it ``is``.

    Examples
    --------
    >>> condition = ColumnCondition(column="income_over_line", below=1.5)
    >>> condition.test, condition.bound, condition.code
    ('below', 1.5, None)
    >>> print(condition)
    `income_over_line` < 1.5
    """

    column: str
    at_least: float | None = None
    at_most: float | None = None
    above: float | None = None
    below: float | None = None
    code: str | None = Field(default=None, alias="is")

    @model_validator(mode="after")
    def _one_test(self) -> Self:
        if sum(value is not None for value in (*self._bounds().values(), self.code)) != 1:
            refuse("allowed_one_test", tests=", ".join(_TESTS))
        return self

    def __str__(self) -> str:
        """Return it as documents write it."""
        bound = self.code if self.bound is None else format(self.bound, "g")
        return f"`{self.column}` {_SIGNS[self.test]} {bound}"

    def _bounds(self) -> Mapping[str, float | None]:
        return {"at_least": self.at_least, "at_most": self.at_most, "above": self.above, "below": self.below}

    @property
    def test(self) -> str:
        """The name of the test: one of the bounds, or ``is``."""
        return next((name for name, bound in self._bounds().items() if bound is not None), "is")

    @property
    def bound(self) -> float | None:
        """The number that the column is compared with; None where a code is asked for."""
        return next((bound for bound in self._bounds().values() if bound is not None), None)


def without_other_tests(built_in: Mapping[str, object], own: Mapping[str, object]) -> Mapping[str, object]:
    """Return a built-in condition without its tests if the user's file brings one; any other table unchanged."""
    if "column" not in built_in or not own.keys() & set(_TESTS):
        return built_in
    return {key: value for key, value in built_in.items() if key not in _TESTS}
