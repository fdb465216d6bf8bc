"""Verbs that work county by county: their options, a folder and a ledger for each county, and what is said of all."""

from relapse_risk.cli.counties.county_folders import (
    COUNTIES,
    CountyFolder,
    CountyTask,
    counted,
    tell_counties,
    write_counties,
)
from relapse_risk.cli.counties.county_ledgers import (
    county_ledgers,
    ledger_shown,
    make_ledger_folder,
    refuse_county_ledger,
)
from relapse_risk.cli.counties.county_options import (
    PARTLY,
    are_counties,
    by_county_option,
    county_options,
    end_partly,
    refuse_options,
)

__all__ = [
    "COUNTIES",
    "PARTLY",
    "CountyFolder",
    "CountyTask",
    "are_counties",
    "by_county_option",
    "counted",
    "county_ledgers",
    "county_options",
    "end_partly",
    "ledger_shown",
    "make_ledger_folder",
    "refuse_county_ledger",
    "refuse_options",
    "tell_counties",
    "write_counties",
]
