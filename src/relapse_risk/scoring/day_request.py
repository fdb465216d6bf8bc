"""What may be asked of a day's scores: every option declared here, once."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Literal

from relapse_risk.alerts import Capacity
from relapse_risk.bundle import Bundle
from relapse_risk.errors import InputError, require_kind
from relapse_risk.features import DEFAULT_BUILDERS, Builder
from relapse_risk.periods import AsOf
from relapse_risk.policy import Policy, read_policy, require_lang
from relapse_risk.progress import Progress, silent
from relapse_risk.requests import on_command_line

__all__ = ["DayRequest", "ScoreRequest"]

Day = str | date | AsOf


@dataclass(frozen=True, kw_only=True, eq=False)
class DayRequest:
    """What to score, as of which day.

    Attributes
    ----------
    as_of : day
        The as-of day; only what was known at its end counts. Before ``bundle.trained_through`` the scores are no
        forecast, and the roster says so.
    capacity : int, float or Capacity, optional
        How many households can be visited, and where; by default a share of the cohort (``thresholds.toml``, 5 %).
    rules_beyond_capacity : bool
        Whether households that only a hard rule lists are visited beyond the capacity; else they take their place in
        it, or wait.
    key : str or bytes, optional
        Of the hash that breaks full ties, and by which households are drawn; by default the as-of day, so that no
        household always comes last.
    builders : sequence of Builder
        Those the bundle was trained with.
    policy : Policy, optional
        Poverty lines and thresholds, by default those of the bundle's training; hard rules, by default built-in.
    lang : {"zh", "en"}
        Of texts such as ``reason_text``.
    progress : Progress
        Told the stages ``label``, ``features`` and ``score``, and those that come after them.

    Notes
    -----
    ``day`` and ``visits`` are the as-of day and the capacity as they were understood.

    Raises
    ------
    InputError
        If the day or the capacity is none (``day_unreadable``, ``day_out_of_range``, ``capacity_number``, and as
        `Capacity`), or the key, the language or the policy
        (``key_kind``, ``lang_unknown``, ``argument_kind``).

    Examples
    --------
    >>> DayRequest(as_of="2019-12-31", capacity=500).tie_key
    '2019-12-31'
    """

    as_of: Day = field(metadata=on_command_line("DATE"))
    capacity: float | Capacity | None = None
    rules_beyond_capacity: bool = False
    key: str | bytes | None = None
    builders: Sequence[Builder] = DEFAULT_BUILDERS
    policy: Policy | None = None
    lang: str = "zh"
    progress: Progress = silent
    day: AsOf = field(init=False, repr=False)
    visits: Capacity = field(init=False, repr=False)

    def __post_init__(self) -> None:
        if not isinstance(self.key, str | bytes | None):
            raise InputError("key_kind", found=type(self.key).__name__)
        require_lang(self.lang)
        if self.policy is not None:
            require_kind("policy", self.policy, Policy)
        object.__setattr__(self, "day", AsOf.of(self.as_of))
        object.__setattr__(self, "visits", Capacity.of(self.capacity))

    @property
    def tie_key(self) -> str | bytes:
        """The key of the hash."""
        return self.key or str(self.day)

    def rules(self, bundle: Bundle) -> Policy:
        """Return the requested policy, else the built-in one with the lines and thresholds of the bundle."""
        return self.policy or replace(read_policy(), lines=bundle.lines, thresholds=bundle.thresholds)


@dataclass(frozen=True, kw_only=True, eq=False)
class ScoreRequest(DayRequest):
    """What to score, as of which day, and how to split the workbook.

    Attributes
    ----------
    split_by : {"village", "town", "county"}, optional
        The workbook then has a list for each area of that level. It does not share out the capacity (``Capacity.per``
        does), and ranks are those of the whole.
    """

    split_by: Literal["village", "town", "county"] | None = field(
        default=None, metadata=on_command_line("village|town|county")
    )
