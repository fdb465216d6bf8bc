"""Record tables written to where others keep theirs: a folder of Parquet, or a database."""

from pathlib import Path

from relapse_risk.databases import is_database, write_tables
from relapse_risk.errors import InputError
from relapse_risk.records import Records

__all__ = ["write_records"]


def write_records(records: Records, target: str | Path) -> None:
    """Write record tables as they are, to be read with `read_records` again.

    Parameters
    ----------
    records : Records
    target : str or Path
        A folder, for ``<table>.parquet``, or the URL of a database (``duckdb:///county.db``,
        ``postgresql://user@host/database``), where all tables are written or none.

    Raises
    ------
    InputError
        If a table is there already (``tables_there``, ``database_not_empty``), or as `databases.write_tables`.

    Examples
    --------
    >>> import tempfile
    >>> import relapse_risk as rr
    >>> records = rr.read_records(rr.synthesise(households=30, seed=1).tables).records
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     rr.write_records(records, folder)
    ...     again = rr.read_records(folder).records
    >>> again.table("households").equals(records.table("households"))
    True
    """
    if is_database(target):
        write_tables(target, records.tables)
        return
    folder = Path(target)
    folder.mkdir(parents=True, exist_ok=True)
    files = {folder / f"{name}.parquet": frame for name, frame in records.tables.items()}
    if there := sorted(file.name for file in files if file.exists()):
        raise InputError("tables_there", folder=folder, tables=", ".join(there))
    for file, frame in files.items():
        frame.write_parquet(file)
