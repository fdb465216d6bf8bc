"""All wheels that an offline computer needs, of another system than this one too, in one folder.

Usage: python requirements/wheelhouse.py [--system windows|linux|mac] [--python 3.11] [--extra NAME ...] [--out DIR]

Run it in the project's folder, on a computer with network; then carry the folder to the offline one, and there:
pip install --no-index --find-links DIR relapse-risk

pip downloads for other systems, but reads what packages want as if for this one, so that what only Windows needs
(colorama) would be missing. What each wheel wants is therefore read for the system that is meant, and what is missing
is downloaded too, until nothing is.
"""

import argparse
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from email.parser import HeaderParser
from pathlib import Path
from zipfile import ZipFile

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name, parse_wheel_filename

SYSTEMS: Mapping[str, tuple[tuple[str, ...], Mapping[str, str]]] = {
    "windows": (
        ("win_amd64",),
        {"sys_platform": "win32", "os_name": "nt", "platform_system": "Windows", "platform_machine": "AMD64"},
    ),
    "linux": (
        ("manylinux_2_28_x86_64", "manylinux_2_27_x86_64", "manylinux_2_17_x86_64", "manylinux2014_x86_64"),
        {"sys_platform": "linux", "os_name": "posix", "platform_system": "Linux", "platform_machine": "x86_64"},
    ),
    "mac": (
        tuple(f"macosx_{release}_0_arm64" for release in range(15, 10, -1)),
        {"sys_platform": "darwin", "os_name": "posix", "platform_system": "Darwin", "platform_machine": "arm64"},
    ),
}


def environment(system: str, python: str) -> dict[str, str]:
    """Return what markers are read by on the computer that is meant."""
    own = {"python_version": python, "python_full_version": f"{python}.0", "implementation_name": "cpython"}
    return {**SYSTEMS[system][1], **own, "platform_python_implementation": "CPython", "extra": ""}


def wanted_by(wheel: Path, extras: Sequence[str], where: Mapping[str, str]) -> Iterator[Requirement]:
    """Yield what a wheel wants, with some extras, on the computer that is meant."""
    with ZipFile(wheel) as parts:
        place = next(name for name in parts.namelist() if name.endswith(".dist-info/METADATA"))
        about = HeaderParser().parsestr(parts.read(place).decode())
    for line in about.get_all("Requires-Dist") or ():
        asked = Requirement(line)
        if asked.marker is None or any(asked.marker.evaluate({**where, "extra": one}) for one in ("", *extras)):
            yield asked


def missing(folder: Path, extras: Sequence[str], where: Mapping[str, str]) -> dict[str, str]:
    """Return what the wheels of a folder want and is not among them, by name, as pip is told of it."""
    wheels = {parse_wheel_filename(one.name)[0]: one for one in folder.glob("*.whl")}
    found: dict[str, str] = {}
    for name, wheel in wheels.items():
        for asked in wanted_by(wheel, extras if name == "relapse-risk" else (), where):
            if canonicalize_name(asked.name) not in wheels:
                found[canonicalize_name(asked.name)] = f"{asked.name}{asked.specifier}"
    return found


def download(folder: Path, asked: Sequence[str], system: str, python: str) -> None:
    """Download what is asked for, and what pip takes it to want, into a folder."""
    platforms = [word for tag in SYSTEMS[system][0] for word in ("--platform", tag)]
    command = ("-m", "pip", "download", "--quiet", "--only-binary=:all:", "--python-version", python, "--dest")
    subprocess.run([sys.executable, *command, str(folder), *platforms, "--find-links", str(folder), *asked], check=True)


def main() -> None:
    """Fill the folder."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--system", choices=list(SYSTEMS), default="windows")
    parser.add_argument("--python", default="3.11")
    parser.add_argument("--extra", nargs="*", default=[])
    parser.add_argument("--out", type=Path, default=Path("wheelhouse"))
    asked = parser.parse_args()
    asked.out.mkdir(parents=True, exist_ok=True)
    if any(asked.out.iterdir()):
        raise SystemExit(f"Cannot write into {asked.out}: it is not empty. Choose a new folder (--out).")
    project = Path(__file__).resolve().parents[1]
    build = ("-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir")
    subprocess.run([sys.executable, *build, str(asked.out), str(project)], check=True)
    where = environment(asked.system, asked.python)
    wanted: dict[str, str] = {}
    while more := missing(asked.out, asked.extra, where):
        wanted |= more
        download(asked.out, list(wanted.values()), asked.system, asked.python)
    size = sum(one.stat().st_size for one in asked.out.iterdir()) / 1e6
    count = len(list(asked.out.iterdir()))
    print(f"{count} wheels, {size:.0f} MB in {asked.out}, for {asked.system}, Python {asked.python}")
    print(f"There: pip install --no-index --find-links {asked.out.name} relapse-risk")


if __name__ == "__main__":
    main()
