"""The statistical tests of the audit: their columns, limits and wordings: ``anomalies.toml``."""

from collections.abc import Mapping
from typing import Annotated

from pydantic import Field

from relapse_risk.policy.bilingual import Bilingual
from relapse_risk.policy.model import Entries, PolicyModel

__all__ = [
    "AnomalyPolicy",
    "AnomalyWording",
    "CopiedLimits",
    "HeapedLimits",
    "IdenticalLimits",
    "RoundedLimits",
    "SlipAmounts",
    "SlipLimits",
]

Share = Annotated[float, Field(gt=0, lt=1)]
Columns = Entries[str]


class HeapedLimits(PolicyModel):
    """Incomes just above the poverty line.

    Attributes
    ----------
    level : float
        The share of false alarms to accept, after Benjamini and Hochberg.
    window : float
        Just above: up to so much over the line, in parts of it.
    band, smoothing : float
        The neighbourhood that is compared, and the width of the kernel, on the scale of logarithms.
    tolerance : float
        A village's own density may stand so much above what all villages let expect.
    at_least : int
        Fewer incomes in the window are no heap.
    """

    level: Share
    window: float = Field(gt=0)
    band: float = Field(gt=0)
    smoothing: float = Field(gt=0)
    tolerance: float = Field(ge=1)
    at_least: int = Field(ge=1)


class RoundedLimits(PolicyModel):
    """Last digits: amounts from `smallest` yuan on, of units with `at_least` of them, in areas of these kinds."""

    level: Share
    digits: Entries[int]
    smallest: float
    at_least: int = Field(ge=1)
    areas: Entries[str]
    columns: Mapping[str, Columns]


class CopiedLimits(PolicyModel):
    """Figures carried forward: `rare` is how often they stay as they are by chance where a row is listed."""

    level: Share
    at_least: int = Field(ge=1)
    rare: Share
    columns: Mapping[str, Columns]


class IdenticalLimits(PolicyModel):
    """The same answers in several households: `answered` is how many figures other than zero an answer needs."""

    level: Share
    at_least: int = Field(ge=1)
    answered: int = Field(ge=1)
    columns: Mapping[str, Columns]


class SlipAmounts(PolicyModel):
    """Amounts of a table that are written in one go.

    Attributes
    ----------
    table : str
    columns : tuple of str
    kind : tuple of str
        Columns that define peers, besides the year.
    own : tuple of str
        What makes entries those of one household or person.
    day : tuple of str
        Columns that give the year.
    """

    table: str
    columns: Columns
    kind: tuple[str, ...] = ()
    own: Columns
    day: Columns


class SlipLimits(PolicyModel):
    """Amounts a power of ten off.

    Attributes
    ----------
    false : float
        The share of false ones to expect among the amounts listed.
    level : float
        Of the tests whether a file's year has more of them than chance.
    powers : tuple of int
        Those that amounts may be off by.
    share, strength : float
        Prior share of slips among the amounts, and how many amounts that prior is worth.
    any_form : float
        Of the amounts, those that may be rounded in any way.
    amounts : tuple of SlipAmounts
    """

    false: Share
    level: Share
    powers: Entries[int]
    share: Share
    strength: float = Field(gt=0)
    any_form: Share
    amounts: Entries[SlipAmounts]


class AnomalyWording(PolicyModel):
    """The wordings of a rule: a title, and what to check."""

    title: Bilingual
    look: Bilingual


class AnomalyPolicy(PolicyModel):
    """What ``anomalies.toml`` holds."""

    heaped: HeapedLimits
    rounded: RoundedLimits
    copied: CopiedLimits
    identical: IdenticalLimits
    slips: SlipLimits
    rules: Mapping[str, AnomalyWording]
