"""How far the visits of a month's list have come, by area."""

from datetime import date

import polars as pl

from relapse_risk.records import AREA_COLUMNS

__all__ = ["COMPLETION_COUNTS", "COMPLETION_LEVELS", "visit_completion"]

COMPLETION_COUNTS = ("due", "done", "open", "overdue", "otherwise")
COMPLETION_LEVELS = ("town", "village")

_PLACES = tuple(AREA_COLUMNS.values())


def visit_completion(
    eve: pl.DataFrame, listed: pl.DataFrame, now: pl.DataFrame, visits: pl.DataFrame, as_of: date
) -> pl.DataFrame:
    """Return how many visits were due on the day of a list, and what became of them, by town and by village.

    A visit is due where the alert waits for one: nobody has been there since it was opened or reopened. A visit on the
    day of the list itself is one to this list.

    Parameters
    ----------
    eve, listed, now : pl.DataFrame
        ``Ledger.alerts`` of the day before the list, of its day, and of the day on which is counted.
    visits : pl.DataFrame
        alert_id and on (the day) of every visit up to the day on which is counted.
    as_of : date
        Of the list.

    Returns
    -------
    pl.DataFrame
        By level and place: level (``town``, ``village``), the names of the place from the prefecture down (null where
        not known: such households are an area of their own in whatever is known above it), due, done (visited since),
        open (nobody has been there, and a visit is still due), overdue (of the open, those past their deadline),
        otherwise (no visit, and none is due any more). due = done + open + otherwise.

    Examples
    --------
    >>> place = {"prefecture": "P", "county": "C", "town": "T", "village": None, "opened_on": date(2020, 1, 31)}
    >>> alerts = pl.DataFrame([{"alert_id": n, "due": "visited", "overdue": n == 1} | place for n in (1, 2)])
    >>> visits = pl.DataFrame({"alert_id": [2], "on": [date(2020, 2, 5)]})
    >>> found = visit_completion(alerts.clear(), alerts, alerts, visits, date(2020, 1, 31))
    >>> found.select("level", "due", "done").rows()
    [('town', 2, 1), ('village', 2, 1)]
    """
    waiting = pl.col("due") == "visited"
    since = visits.filter(pl.col("on") >= as_of)
    at_once = listed.join(since.filter(on=as_of), on="alert_id", how="semi").filter(
        (pl.col("opened_on") == as_of) | pl.col("alert_id").is_in(eve.filter(waiting)["alert_id"].implode())
    )
    due = pl.concat([listed.filter(waiting)["alert_id"], at_once["alert_id"]]).unique()
    done = pl.col("alert_id").is_in(since["alert_id"].unique().implode())
    still = ~done & waiting.fill_null(False)
    states = now.filter(pl.col("alert_id").is_in(due.implode())).select(
        *_PLACES[: _PLACES.index("village") + 1],
        due=pl.lit(True),
        done=done,
        open=still,
        overdue=still & pl.col("overdue"),
        otherwise=~done & ~still,
    )
    return pl.concat([_by(states, level) for level in COMPLETION_LEVELS], how="diagonal_relaxed")


def _by(states: pl.DataFrame, level: str) -> pl.DataFrame:
    path = _PLACES[: _PLACES.index(level) + 1]
    counts = states.group_by(path).agg(pl.col(name).sum().cast(pl.Int64) for name in COMPLETION_COUNTS).sort(path)
    places = (pl.col(name) if name in path else pl.lit(None, dtype=pl.String).alias(name) for name in _PLACES[:4])
    return counts.select(pl.lit(level).alias("level"), *places, *COMPLETION_COUNTS)
