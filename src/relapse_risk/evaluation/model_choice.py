"""Which of two models a training returns, and why."""

from dataclasses import dataclass

__all__ = ["ModelChoice"]


@dataclass(frozen=True, kw_only=True)
class ModelChoice:
    """Which of two models was returned: the one whose log loss on later days, out of training, is lower.

    Attributes
    ----------
    returned, other : str
        The names of the two.
    log_loss, other_log_loss : float
        Of each, over the same tested rows.

    Examples
    --------
    >>> ModelChoice(returned="logistic", other="reason_additive", log_loss=0.121, other_log_loss=0.124).returned
    'logistic'
    """

    returned: str
    other: str
    log_loss: float
    other_log_loss: float

    def __post_init__(self) -> None:
        if self.returned == self.other or not 0 <= self.log_loss <= self.other_log_loss < float("inf"):
            raise ValueError("of two models the one with the smaller log loss is returned")
