"""The month's visits place by place: a workbook for each village or town, with its own households alone."""

from pathlib import Path

import polars as pl

from relapse_risk.policy import Policy, Texts
from relapse_risk.reports.file_names import file_names
from relapse_risk.reports.lines import split
from relapse_risk.reports.visits.visit_content import VisitList
from relapse_risk.reports.visits.workbook import write_visit_workbook

__all__ = ["write_split_visits"]


def write_split_visits(
    visits: VisitList,
    folder: str | Path,
    *,
    level: str,
    policy: Policy,
    lang: str = "zh",
    carried: pl.DataFrame | None = None,
) -> list[Path]:
    """Write a visit workbook for each place that has visits, named after it, and return their paths.

    Each holds the households of its place and nothing of others: neither on a hidden sheet nor in the counts of its
    notes. All of them together hold the visits of the workbook of the whole; who waits stands in that of its place.

    Parameters
    ----------
    visits : VisitList
    folder : str or Path
        Made where it is missing.
    level : {"village", "town"}
    policy, lang, carried
        As `write_visit_workbook`.
    """
    folder = Path(folder)
    everybody = pl.concat([frame.select("household_id") for frame in (visits.lines, visits.waiting)]).unique()
    parts = split(everybody, visits.places, level, Texts(lang))
    places = [(name, own) for name, own in parts if visits.lines.join(own, on="household_id", how="semi").height]
    paths = [folder / f"{name}.xlsx" for name in file_names(name for name, _ in places)]
    for path, (_, households) in zip(paths, places, strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        write_visit_workbook(visits.of(households), path, policy=policy, lang=lang, carried=carried)
    return paths
