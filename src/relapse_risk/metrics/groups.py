"""Whether groups of households are predicted too high or too low, by more than noise."""

from dataclasses import dataclass

__all__ = ["LargestError"]


@dataclass(frozen=True, kw_only=True)
class LargestError:
    """The group whose error is largest, measured in its own noise.

    Attributes
    ----------
    kind, group : str
    error, z : float
        Predicted minus observed, and that over its standard error.
    p_value : float
        How often chance alone gives some group, of all groups together, a z as large.
    critical : float
        The absolute z that chance alone exceeds, in any of the groups, with probability 1 - level.
    groups : int
        Groups compared.
    """

    kind: str
    group: str
    error: float
    z: float
    p_value: float
    critical: float
    groups: int
