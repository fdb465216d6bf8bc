"""What is sent back place by place: a workbook for each town or village, with its own findings alone."""

from dataclasses import replace
from pathlib import Path

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.policy import Texts
from relapse_risk.records import VISIT_LEVELS
from relapse_risk.reports.audit.audit_content import AuditContent
from relapse_risk.reports.audit.workbook import write_place_workbook
from relapse_risk.reports.file_names import file_names
from relapse_risk.reports.lines import split

__all__ = ["write_split_audit"]


def write_split_audit(content: AuditContent, folder: str | Path, *, level: str, lang: str = "zh") -> list[Path]:
    """Write a workbook for each place with findings, named after it, and return their paths.

    All of them together hold every line of the workbook of the whole; what is nowhere known stands in one of its own.

    Parameters
    ----------
    content : AuditContent
    folder : str or Path
        Made where it is missing.
    level : {"village", "town"}
    lang : {"zh", "en"}

    Raises
    ------
    InputError
        ``split_level`` where there are findings and of none is known in which such place it is.
    """
    folder, texts, lines = Path(folder), Texts(lang), content.table
    known = [name for name in VISIT_LEVELS if lines[name].count()]
    if lines.height and level not in known:
        raise InputError("split_level", level=level, found=", ".join(known) or "-")
    numbered = lines.with_row_index("_at").with_columns(household_id=pl.col("_at").cast(pl.String))
    placed = numbered.filter(pl.col(level).is_not_null())
    parts = split(placed.select("household_id", "_at"), placed.select("household_id", *known), level, texts)
    unplaced = numbered.filter(pl.col(level).is_null())
    if unplaced.height:
        parts.append((texts("audit", "unplaced"), unplaced.select("_at")))
    paths = [folder / f"{name}.xlsx" for name in file_names(name for name, _ in parts)]
    for path, (name, part) in zip(paths, parts, strict=True):
        folder.mkdir(parents=True, exist_ok=True)
        own = replace(content.listing, lines=lines[part["_at"].sort()], place=name)
        write_place_workbook(own, path, lang=lang)
    return paths
