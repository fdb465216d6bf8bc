"""The key that orders ties and draws visits: shortened for hashing, known by a digest that does not reveal it."""

import hashlib

__all__ = ["hash_key", "key_digest"]


def hash_key(key: str | bytes) -> bytes:
    """Return a key of any length as one that BLAKE2b takes, which is of 64 bytes at most."""
    return hashlib.blake2b(key.encode() if isinstance(key, str) else key).digest()


def key_digest(key: str | bytes) -> str:
    """Return a digest that identifies a key without revealing it.

    Examples
    --------
    >>> key_digest("2019-12-31") == key_digest(b"2019-12-31"), len(key_digest("a"))
    (True, 16)
    """
    given = key.encode() if isinstance(key, str) else key
    return hashlib.blake2b(given, digest_size=8, person=b"relapse-key").hexdigest()
