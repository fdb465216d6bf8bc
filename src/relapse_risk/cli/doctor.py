"""Look at the computer: is all there that the verbs need, and what to do where something is missing."""

import os
import platform
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import import_module
from importlib.metadata import PackageNotFoundError, requires, version
from pathlib import Path

import click
from packaging.requirements import Requirement

from relapse_risk.cli.commands import verb
from relapse_risk.cli.screen import show
from relapse_risk.cli.session import aligned
from relapse_risk.policy import Texts

__all__ = ["command"]

_PACKAGE = "relapse-risk"
# What is compiled fails where a library of the system is missing (LightGBM wants libgomp), though it is installed.
_COMPILED = ("numpy", "scipy", "polars", "lightgbm", "lxml", "python_calamine")
_EXTRAS = ("storage", "postgresql", "distributed")
_CHINESE = "返贫"
_WINDOWS_FONTS = ("simsun.ttc", "msyh.ttc", "deng.ttf")
_FREE, _LEAST_FREE = 5.0, 0.5  # gigabytes: advised, and without which no month is written
_UNUSABLE = 2


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What was looked at, how it is (``fine``, ``advice`` or ``wrong``), and what is said of it."""

    what: str
    state: str
    said: str


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    return verb("doctor", texts, run, [])


def run(*, lang: str, quiet: bool) -> None:
    """Print what was found; only what is not fine if `quiet`. End with 2 where something is wrong."""
    texts = Texts(lang)
    found = list(_examined(texts))
    rows = [
        (texts("doctor_states", one.state), texts("doctor", one.what), one.said)
        for one in found
        if not quiet or one.state != "fine"
    ]
    for line in aligned(rows) if rows else ():
        show(line)
    if any(one.state == "wrong" for one in found):
        raise click.exceptions.Exit(_UNUSABLE)


def _examined(texts: Texts) -> Iterator[Finding]:
    yield Finding(what="python", state="fine", said=f"{platform.python_version()}, {platform.platform()}")
    yield _packages(texts)
    yield _compiled(texts)
    yield from (_extra(name, texts) for name in _EXTRAS)
    yield _screen(texts)
    yield _fonts(texts)
    yield _folder(texts)
    yield _disk("disk", Path(), texts)
    yield _disk("disk_aside", Path(tempfile.gettempdir()), texts)


def _packages(texts: Texts) -> Finding:
    """Compare the packages that are installed with those that are asked for."""
    asked = [one for one in _requirements() if one.marker is None or one.marker.evaluate({"extra": ""})]
    lacking = [_lacking(one) for one in asked if not _is_met(one)]
    if lacking:
        return Finding(
            what="packages", state="wrong", said=texts("doctor", "packages_lacking", names=", ".join(lacking))
        )
    return Finding(what="packages", state="fine", said=texts("doctor", "packages_fine", count=len(asked)))


def _compiled(texts: Texts) -> Finding:
    failed = [name for name in _COMPILED if not _can_load(name)]
    if failed:
        return Finding(what="compiled", state="wrong", said=texts("doctor", "compiled_failed", names=", ".join(failed)))
    return Finding(what="compiled", state="fine", said=texts("doctor", "compiled_fine"))


def _can_load(name: str) -> bool:
    try:
        import_module(name)
    except Exception:  # whatever a library of the system makes of it
        return False
    return True


def _extra(name: str, texts: Texts) -> Finding:
    """Say whether an extra is there, and what it is for."""
    asked = [one for one in _requirements() if one.marker is not None and one.marker.evaluate({"extra": name})]
    lacking = [_lacking(one) for one in asked if not _is_met(one)]
    if lacking:
        said = texts("doctor", "extra_lacking", name=name, names=", ".join(lacking))
        return Finding(what=f"extra_{name}", state="advice", said=said)
    return Finding(what=f"extra_{name}", state="fine", said=texts("doctor", "extra_fine"))


def _requirements() -> list[Requirement]:
    return [Requirement(one) for one in requires(_PACKAGE) or ()]


def _is_met(asked: Requirement) -> bool:
    try:
        return asked.specifier.contains(version(asked.name), prereleases=True)
    except PackageNotFoundError:
        return False


def _lacking(asked: Requirement) -> str:
    return f"{asked.name}{asked.specifier}"


def _screen(texts: Texts) -> Finding:
    encoding = sys.stdout.encoding or "ascii"
    try:
        _CHINESE.encode(encoding)
    except (UnicodeEncodeError, LookupError):
        return Finding(what="screen", state="advice", said=texts("doctor", "screen_other", encoding=encoding))
    return Finding(what="screen", state="fine", said=encoding)


def _fonts(texts: Texts) -> Finding:
    found = _chinese_fonts()
    if found is None:
        return Finding(what="fonts", state="fine", said=texts("doctor", "fonts_unknown"))
    state = "fine" if found else "advice"
    return Finding(what="fonts", state=state, said=texts("doctor", "fonts_fine" if found else "fonts_none"))


def _chinese_fonts() -> bool | None:
    """Return whether a font with Chinese signs is installed; None where nobody can be asked."""
    if sys.platform == "win32":
        folder = Path(os.environ.get("WINDIR", r"C:\Windows"), "Fonts")
        return any((folder / name).exists() for name in _WINDOWS_FONTS)
    listing = shutil.which("fc-list")
    if listing is None:
        return True if sys.platform == "darwin" else None
    return bool(subprocess.run([listing, ":lang=zh"], capture_output=True, check=False).stdout.strip())


def _folder(texts: Texts) -> Finding:
    try:
        with tempfile.TemporaryFile(dir="."):
            pass
    except OSError:
        return Finding(what="folder", state="wrong", said=texts("doctor", "folder_closed", path=Path.cwd()))
    return Finding(what="folder", state="fine", said=texts("doctor", "folder_fine"))


def _disk(what: str, place: Path, texts: Texts) -> Finding:
    free = shutil.disk_usage(place).free / 1024**3
    state = "wrong" if free < _LEAST_FREE else "advice" if free < _FREE else "fine"
    key = "disk_fine" if state == "fine" else "disk_little"
    said = texts("doctor", key, free=f"{free:.1f}", advised=f"{_FREE:.0f}")
    return Finding(what=what, state=state, said=said)
