"""A Dask cluster by its address."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from relapse_risk.errors import InputError

__all__ = ["connected"]

_WAIT = "20s"


@contextmanager
def connected(address: str | None) -> Iterator[Any]:
    """Give a client of the cluster whose scheduler is at an address; None where no address is given.

    Certificates of ``tls://`` are those of Dask's own configuration. Nothing that Dask logs is shown.

    Raises
    ------
    InputError
        If Dask is not installed (``cluster_needs_dask``), or no scheduler answers (``cluster_unreachable``).
    """
    if address is None:
        yield None
        return
    try:
        from distributed import Client
    except ImportError as error:
        raise InputError("cluster_needs_dask") from error
    logging.getLogger("distributed").setLevel(logging.CRITICAL + 1)
    try:
        client = Client(address, timeout=_WAIT, set_as_default=False)
    except (OSError, TimeoutError, ValueError, TypeError, RuntimeError) as error:
        raise InputError("cluster_unreachable", address=address) from error
    with client:
        yield client
