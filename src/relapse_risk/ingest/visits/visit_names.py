"""The head's name of a visit: kept with the codes as a digest, so that a name on the wrong row is noticed."""

from hashlib import sha256

from relapse_risk.ingest.cells import compact

__all__ = ["name_digest"]

_SIGNS = 16


def name_digest(household_id: str, name: str) -> str:
    """Return the digest of a head's name in a household; spaces and full-width forms make no difference.

    Examples
    --------
    >>> name_digest("h1", "赵甲") == name_digest("h1", " 赵　甲 ") != name_digest("h2", "赵甲")
    True
    """
    return sha256(f"{household_id}\0{compact(name)}".encode()).hexdigest()[:_SIGNS]
