"""The file of a key: for the hashes of identity numbers, and for the order of equal risks."""

from pathlib import Path

from relapse_risk.errors import InputError

__all__ = ["read_key"]


def read_key(path: Path | None) -> bytes | None:
    """Return the key a file holds, or None where no file is given.

    Raises
    ------
    InputError
        ``no_permission``, ``key_file_missing``, ``key_file_empty``.
    """
    if path is None:
        return None
    try:
        key = path.read_bytes().strip()
    except PermissionError as error:
        raise InputError("no_permission", path=path) from error
    except OSError as error:
        raise InputError("key_file_missing", path=path) from error
    if not key:
        raise InputError("key_file_empty", path=path)
    return key
