"""Progress on the screen, and how long each stage took."""

import sys
from threading import Event, RLock, Thread
from time import perf_counter
from typing import Any, TextIO

from tqdm import tqdm

from relapse_risk.policy import Texts

__all__ = ["Bars"]


class Bars:
    """A `Progress` that shows a bar on the error stream for each stage that takes over two seconds.

    The bar's clock runs on while a stage has nothing to report. Nothing is shown where the stream is no screen, or
    where `quiet`.

    Attributes
    ----------
    seconds : dict of str to float
        Time spent in each stage so far.
    """

    def __init__(
        self, texts: Texts, *, quiet: bool = False, stream: TextIO | None = None, delay: float = 2.0, tick: float = 0.5
    ) -> None:
        self.seconds: dict[str, float] = {}
        self._texts, self._quiet = texts, quiet
        self._stream, self._delay, self._tick = stream, delay, tick
        self._stage: str | None = None
        self._since = perf_counter()
        self._bar: Any = None
        self._lock, self._stopped = RLock(), Event()

    def __call__(self, stage: str, share: float, /) -> None:
        """Report that `share` of `stage` is done."""
        with self._lock:
            if stage != self._stage:
                self.close()
                self._open(stage)
            self._bar.update(max(share - self._bar.n, 0.0))

    def close(self) -> None:
        """End the current stage."""
        with self._lock:
            now = perf_counter()
            if self._stage is not None:
                self.seconds[self._stage] = self.seconds.get(self._stage, 0.0) + now - self._since
                self._bar.close()
                self._stopped.set()
            self._since, self._stage = now, None

    def _open(self, stage: str) -> None:
        self._stage = stage
        self._bar = tqdm(
            total=1.0,
            desc=self._texts("stages", stage),
            delay=self._delay,
            miniters=0,
            file=self._stream or sys.stderr,
            disable=True if self._quiet else None,
            leave=False,
            bar_format="{desc} {bar:30} {percentage:3.0f}% {elapsed}",
        )
        if not self._bar.disable:
            self._stopped = Event()
            Thread(target=self._move_clock, args=(self._bar, self._stopped), daemon=True).start()

    def _move_clock(self, bar: Any, stopped: Event) -> None:
        while not stopped.wait(self._tick):
            with self._lock:
                if not stopped.is_set():
                    bar.update(0)
