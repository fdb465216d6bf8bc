import pytest

import relapse_risk as rr


def test_every_name_is_there_and_documented():
    for name in rr.__all__:
        doc = getattr(rr, name).__doc__
        # A dataclass without a docstring is given its signature for one.
        assert doc and not doc.startswith(f"{name}("), name
    assert set(dir(rr)) == set(rr.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="notebook"):
        _ = rr.notebook  # type: ignore[attr-defined]
