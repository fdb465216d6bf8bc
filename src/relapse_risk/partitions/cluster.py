"""The same work on a Dask cluster: a county is one task, and what it makes comes back to the process that asked."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from itertools import islice
from typing import Any

from distributed import Client, as_completed

from relapse_risk.errors import InputError
from relapse_risk.partitions.county_sources import CountySource
from relapse_risk.partitions.each_county import CountyFailure, Made, Unit, attempt

__all__ = ["on_cluster"]

# So many tasks are with the workers for each of their threads: one at work, one at hand. More would fill their memory
# with what is made faster than it is fetched.
_AHEAD = 2
_WAIT = 60  # seconds for the first worker
_RETRIES = 2


def on_cluster(
    client: Client, unit: Unit, counties: Iterable[CountySource], releases: Callable[[], Mapping[str, str]]
) -> Iterator[tuple[CountySource, Made | CountyFailure]]:
    """Do the work on every county on a cluster, and yield what was made as it comes.

    A county whose worker is lost is given to another one. Nothing is kept on workers: each fetches and forgets.

    Parameters
    ----------
    client : distributed.Client
    unit : callable
    counties : iterable of CountySource
        Their paths are read by the workers.
    releases : callable
        Returns the release of each library that figures depend on.

    Raises
    ------
    InputError
        If there is no worker (``cluster_no_workers``), or other releases are in use there (``cluster_other_releases``).
    """
    threads = _threads(client, releases)
    waiting = iter(counties)

    def submitted(county: CountySource) -> Any:
        future = client.submit(attempt, unit, county, pure=False, retries=_RETRIES)
        asked[future.key] = county
        return future

    asked: dict[Any, CountySource] = {}
    running = as_completed([submitted(one) for one in islice(waiting, threads * _AHEAD)])
    for future in running:
        county = asked.pop(future.key)
        try:
            made = future.result()
        except Exception as error:  # what a worker could not even send back, or died of more than once
            made = CountyFailure(county=county.name, code="county_worker_lost", details={"what": type(error).__name__})
        future.release()
        yield county, made
        for following in islice(waiting, 1):
            running.add(submitted(following))


def _threads(client: Client, releases: Callable[[], Mapping[str, str]]) -> int:
    """Return how many threads the workers have in all; refuse a cluster that would compute something else."""
    address = client.scheduler.address if client.scheduler is not None else "-"
    try:
        client.wait_for_workers(1, timeout=_WAIT)
    except TimeoutError as error:
        raise InputError("cluster_no_workers", address=address, seconds=_WAIT) from error
    here = releases()
    for found in client.run(releases).values():
        if others := [f"{name} {found.get(name)} ({here[name]})" for name in here if found.get(name) != here[name]]:
            raise InputError("cluster_other_releases", address=address, found=", ".join(others))
    return sum(client.nthreads().values())
