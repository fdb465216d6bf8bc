"""What every test may ask for."""

from functools import cache
from pathlib import Path

import pytest
from hypothesis import settings

from relapse_risk.ingest import read_records

# How long an example takes is the machine's business.
settings.register_profile("untimed", settings.default, deadline=None)
settings.load_profile("untimed")

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real panels and sample exports that stands beside the project."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder `shared` beside the project (real panels and sample exports), which is not here")
    return SHARED


@pytest.fixture(scope="session")
def read_sample(shared):
    """Read the sample exports in a dialect (``registry``, ``departments``), once for all tests."""
    return cache(lambda dialect: read_records(shared / "samples" / dialect))
