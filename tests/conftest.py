"""What every test may ask for."""

from pathlib import Path

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real panels and sample exports that stands beside the project."""
    if not SHARED.is_dir():
        pytest.skip("needs the folder `shared` beside the project (real panels and sample exports), which is not here")
    return SHARED
