"""Finished counties: kept until all are done, so that a run that was killed goes on where it was."""

import hashlib
import json
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from relapse_risk.partitions.county_sources import CountySource

__all__ = ["FinishedCounties", "digest_of"]

_ACCOUNT = "account.json"


@dataclass(frozen=True, kw_only=True)
class FinishedCounties:
    """A folder with a folder for each finished county.

    Attributes
    ----------
    folder : Path

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> county = CountySource(name="county=C", path=Path("C.xlsx"))
    >>> with TemporaryDirectory() as place:
    ...     finished = FinishedCounties(folder=Path(place))
    ...     finished.keep(county, "d1", {"scored.parquet": b"..."}, {"households": 3})
    ...     finished.account(county, "d1"), finished.account(county, "d2")
    ({'households': 3}, None)
    """

    folder: Path

    def file(self, county: CountySource, name: str) -> Path:
        """Return where a file of a county is."""
        return self.folder / county.name / name

    def keep(self, county: CountySource, digest: str, files: Mapping[str, bytes], account: Mapping[str, Any]) -> None:
        """Keep what was made of a county: written aside, then moved into place whole.

        Parameters
        ----------
        county : CountySource
        digest : str
            Of all that it was made of: the county's files, the bundle, what was asked.
        files : Mapping of str to bytes
        account : Mapping of str to Any
            What is said of it, as JSON data.
        """
        made, place = self.folder / f".{uuid4().hex}", self.folder / county.name
        made.mkdir(parents=True)
        for name, content in files.items():
            made.joinpath(name).parent.mkdir(parents=True, exist_ok=True)
            made.joinpath(name).write_bytes(content)
        written = {name: hashlib.sha256(content).hexdigest() for name, content in files.items()}
        text = json.dumps({"digest": digest, "files": written, "account": account}, ensure_ascii=False, default=str)
        made.joinpath(_ACCOUNT).write_text(text, encoding="utf-8")
        shutil.rmtree(place, ignore_errors=True)
        place.parent.mkdir(parents=True, exist_ok=True)
        made.rename(place)

    def holds(self, county: CountySource) -> bool:
        """Return whether anything is kept of a county, be it of today's work or of other."""
        return self.file(county, _ACCOUNT).is_file()

    def copy(self, county: CountySource, target: Path) -> None:
        """Copy the files of a county, without what is said of it, into a folder that is made."""
        shutil.copytree(self.folder / county.name, target, ignore=shutil.ignore_patterns(_ACCOUNT))

    def forget(self, county: CountySource) -> None:
        """Remove what is kept of a county."""
        shutil.rmtree(self.folder / county.name, ignore_errors=True)

    def __len__(self) -> int:
        """Return how many counties are kept."""
        return sum(1 for _ in self.folder.rglob(_ACCOUNT))

    def account(self, county: CountySource, digest: str) -> dict[str, Any] | None:
        """Return what is said of a county; None where it is not finished, was made of something else, or is damaged."""
        try:
            kept = json.loads(self.file(county, _ACCOUNT).read_text(encoding="utf-8"))
            same = kept["digest"] == digest and all(
                hashlib.sha256(self.file(county, name).read_bytes()).hexdigest() == one
                for name, one in kept["files"].items()
            )
        except (OSError, ValueError, LookupError, TypeError):
            return None
        account: dict[str, Any] = kept["account"]
        return account if same else None

    def remove(self) -> None:
        """Remove the folder and all in it."""
        shutil.rmtree(self.folder, ignore_errors=True)


def digest_of(*parts: object) -> str:
    """Return the SHA-256 of what some work depends on: bytes, or what says itself in full by ``repr``.

    Examples
    --------
    >>> digest_of("audit", b"key") == digest_of("audit", b"key"), digest_of("a", "b") == digest_of("ab")
    (True, False)
    """
    seen = hashlib.sha256()
    for part in parts:
        seen.update(hashlib.sha256(part if isinstance(part, bytes) else repr(part).encode()).digest())
    return seen.hexdigest()
