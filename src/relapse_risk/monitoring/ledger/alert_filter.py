"""Which alerts are meant: by household, place, state, next step of clearing, deadline."""

from dataclasses import dataclass

import polars as pl

__all__ = ["AlertFilter"]


@dataclass(frozen=True, kw_only=True)
class AlertFilter:
    """What alerts have in common; of several values of a kind any will do, an empty kind asks nothing.

    Attributes
    ----------
    household_id, county, town, village : tuple of str
    state, next_step : tuple of str
        Codes of ``ledger.toml``.
    overdue : bool
        Whether only those whose deadline is past are meant.
    """

    household_id: tuple[str, ...] = ()
    county: tuple[str, ...] = ()
    town: tuple[str, ...] = ()
    village: tuple[str, ...] = ()
    state: tuple[str, ...] = ()
    next_step: tuple[str, ...] = ()
    overdue: bool = False

    @property
    def values(self) -> dict[str, tuple[str, ...]]:
        """The values that are asked for, by column."""
        names = ("household_id", "county", "town", "village", "state", "next_step")
        return {name: getattr(self, name) for name in names if getattr(self, name)}

    def choose(self, alerts: pl.DataFrame, *, is_open: bool = True) -> pl.DataFrame:
        """Return the alerts that are meant.

        Parameters
        ----------
        alerts : pl.DataFrame
            From ``Ledger.alerts``.
        is_open : bool
            Whether open ones are meant, or closed ones, where neither households nor states are named.

        Examples
        --------
        >>> alerts = pl.DataFrame({"household_id": ["a", "b"], "town": ["X", "Y"], "open": True, "overdue": False})
        >>> AlertFilter(town=("Y", "Z")).choose(alerts)["household_id"].to_list()
        ['b']
        """
        chosen = alerts.filter(*(pl.col(name).is_in(values) for name, values in self.values.items()))
        if self.overdue:
            chosen = chosen.filter("overdue")
        named = bool(self.household_id or self.state)
        return chosen if named else chosen.filter(pl.col("open") == is_open)
