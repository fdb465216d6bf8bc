"""Ctrl-C and other requests to stop: one line and exit code 130, with nothing left half done."""

import os
import signal
import sys
from pathlib import Path
from types import FrameType
from typing import NoReturn

from relapse_risk.cli.language import chosen_language
from relapse_risk.errors import messages

__all__ = ["INTERRUPTED", "InterruptedCounties", "clean_up_first", "end_at_once", "interrupted"]

INTERRUPTED = 130
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class InterruptedCounties(KeyboardInterrupt):
    """An interruption that leaves finished counties behind, with which the same run goes on.

    Parameters
    ----------
    count : int
    path : Path
        Where they are.
    """

    def __init__(self, count: int, path: Path) -> None:
        super().__init__(count, path)
        self.count, self.path = count, path


def end_at_once() -> None:
    """Let an interruption end the process on the spot, while nothing is begun.

    An exception would not do: libraries that are just being imported make other errors of it.
    """
    for number in _SIGNALS:
        signal.signal(number, _end)


def clean_up_first() -> None:
    """Let an interruption be an exception from now on, where `end_at_once` was called before."""
    for number in _SIGNALS:
        if signal.getsignal(number) is _end:
            signal.signal(number, _raise)


def interrupted(lang: str, stop: KeyboardInterrupt | None = None) -> str:
    """Return what an interruption is answered with."""
    if isinstance(stop, InterruptedCounties):
        return messages()["interrupted_counties"][lang].format(count=stop.count, path=stop.path)
    return messages()["interrupted"][lang]


def _end(_: int, __: FrameType | None) -> NoReturn:
    line = interrupted(chosen_language(sys.argv[1:])) + "\n"
    os.write(2, line.encode(getattr(sys.stderr, "encoding", None) or "utf-8", errors="replace"))
    os._exit(INTERRUPTED)


def _raise(_: int, __: FrameType | None) -> NoReturn:
    raise KeyboardInterrupt
