"""Progress is shown of what takes over two seconds, on a screen, in the user's language."""

import io
import time

import pytest

from relapse_risk.cli.session import Bars
from relapse_risk.policy import Texts


class Screen(io.StringIO):
    def isatty(self):
        return True


@pytest.fixture
def screen():
    return Screen()


def _bars(lang, screen, quiet=False):
    return Bars(Texts(lang), quiet=quiet, stream=screen, delay=0.2, tick=0.05)


def _stage(bars, stage, seconds):
    bars(stage, 0.0)
    time.sleep(seconds)
    bars(stage, 1.0)
    bars.close()


@pytest.mark.parametrize(("lang", "wording"), [("zh", "计算特征"), ("en", "building features")])
def test_a_long_stage_is_shown_though_it_reports_nothing_meanwhile(screen, lang, wording):
    bars = _bars(lang, screen)
    bars("features", 0.25)
    time.sleep(0.6)
    shown = screen.getvalue()
    bars.close()
    assert wording in shown
    assert "25%" in shown
    assert screen.getvalue().endswith("\r")  # cleared: what is said next starts on an empty line


def test_a_short_stage_is_not_shown(screen):
    _stage(_bars("zh", screen), "features", 0.05)
    assert screen.getvalue() == ""


def test_quiet_shows_nothing(screen):
    _stage(_bars("zh", screen, quiet=True), "features", 0.4)
    assert screen.getvalue() == ""


def test_a_stream_that_is_no_screen_gets_nothing(screen, monkeypatch):
    monkeypatch.setattr(screen, "isatty", lambda: False)
    _stage(_bars("zh", screen), "features", 0.4)
    assert screen.getvalue() == ""


def test_seconds_are_counted_by_stage(screen):
    bars = _bars("zh", screen, quiet=True)
    for stage, seconds in (("features", 0.1), ("fit", 0.02), ("features", 0.1)):
        _stage(bars, stage, seconds)
    assert set(bars.seconds) == {"features", "fit"}
    assert bars.seconds["features"] >= 0.2 > bars.seconds["fit"]
