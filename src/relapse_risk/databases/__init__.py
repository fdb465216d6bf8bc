"""Tables in DuckDB files and on PostgreSQL, by URL."""

from typing import TYPE_CHECKING

from relapse_risk.lazy import lazy_names

if TYPE_CHECKING:
    from relapse_risk.databases.stored_tables import append_run, read_tables, write_tables
    from relapse_risk.databases.urls import is_database, place_of
else:
    __getattr__ = lazy_names(__name__)

__all__ = ["append_run", "is_database", "place_of", "read_tables", "write_tables"]
