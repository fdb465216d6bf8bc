"""How long work reports its progress: a callable that receives the stage and the share done."""

from typing import Protocol

__all__ = ["Progress", "silent"]


class Progress(Protocol):
    """Called with a stage (a key of the table ``stages`` of ``wordings.toml``) and the share of it done, 0 to 1."""

    def __call__(self, stage: str, share: float, /) -> None:
        """Report that `share` of `stage` is done."""


def silent(stage: str, share: float, /) -> None:
    """Report nothing."""
