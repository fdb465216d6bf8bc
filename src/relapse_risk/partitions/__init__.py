"""Counties one by one: where each one's records are, which are finished, and work on each here or on a cluster."""

from relapse_risk.partitions.connecting import connected
from relapse_risk.partitions.county_sources import CountySource, find_counties, is_lake
from relapse_risk.partitions.county_table import county_table
from relapse_risk.partitions.each_county import CountiesRun, CountyDone, CountyFailure, Unit, run_counties
from relapse_risk.partitions.finished import FinishedCounties, digest_of

__all__ = [
    "CountiesRun",
    "CountyDone",
    "CountyFailure",
    "CountySource",
    "FinishedCounties",
    "Unit",
    "connected",
    "county_table",
    "digest_of",
    "find_counties",
    "is_lake",
    "run_counties",
]
