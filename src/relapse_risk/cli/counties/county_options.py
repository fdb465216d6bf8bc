"""Options and words of verbs that work county by county."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeGuard

import click

from relapse_risk.cli.commands import option
from relapse_risk.cli.session import Session
from relapse_risk.databases import place_of
from relapse_risk.errors import InputError
from relapse_risk.partitions import CountyFailure, is_lake
from relapse_risk.policy import Texts

__all__ = ["PARTLY", "are_counties", "by_county_option", "county_options", "end_partly", "refuse_options"]

PARTLY = 3
"""The exit code of what was done for some counties and not for others."""


def county_options(texts: Texts) -> list[click.Option]:
    """Return the options of working county by county."""
    return [by_county_option(texts), option(texts, "--cluster", metavar="tcp://HOST:PORT")]


def by_county_option(texts: Texts) -> click.Option:
    """Return the option of working county by county alone, of a verb that no other machine may do."""
    return option(texts, "--by-county", is_flag=True)


def are_counties(source: Path | str, by_county: bool, cluster: str | None) -> TypeGuard[Path]:
    """Return whether an input is read county by county.

    Raises
    ------
    InputError
        If it is not, and a cluster is given (``cluster_without_counties``), or it is a database and should be
        (``database_counties``).
    """
    if isinstance(source, str):
        if by_county or cluster is not None:
            raise InputError("database_counties", place=place_of(source))
        return False
    if by_county or is_lake(source):
        return True
    if cluster is not None:
        raise InputError("cluster_without_counties", source=source)
    return False


def refuse_options(**given: object) -> None:
    """Raise where an option was given that only one workbook of all has a use for; by name, what was given."""
    for name, value in given.items():
        if value:
            raise InputError("counties_option", name=f"--{name.replace('_', '-')}")


def end_partly(session: Session, failed: Sequence[CountyFailure]) -> None:
    """Say which counties were left out, a line each on the error stream, and end with the exit code for that."""
    if not failed:
        return
    for one in failed:
        click.echo(one.line(session.texts.lang), err=True)
    session.say("counties_left_out", count=len(failed))
    raise click.exceptions.Exit(PARTLY)
