"""Enter filled-in visits in the ledger, and read from it the records that visitors found wrong."""

from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.ingest import VisitIntake, read_visits
from relapse_risk.monitoring import Ledger, visit_completion
from relapse_risk.policy import Policy, read_policy

__all__ = ["FileOutcome", "VisitOutcome", "completion_of", "enter_visits", "visits_of"]

_NO_DIFFICULTY = ("proposed", "refused", "cleared")
_OPENING, _CLOSING = ("opened", "reopened", "found"), ("cleared", "refused")
_LED = timedelta(days=366)
"""A visit later than this after a listing is no visit to it."""


@dataclass(frozen=True, kw_only=True, eq=False)
class FileOutcome:
    """What became of a file of filled-in visits.

    Attributes
    ----------
    source : str
        Its name.
    read, taken, refused : int
        Rows.
    why : InputError or None
        Why it could not be read, if it could not.
    """

    source: str
    read: int = 0
    taken: int = 0
    refused: int = 0
    why: InputError | None = None


@dataclass(frozen=True, kw_only=True, eq=False)
class VisitOutcome:
    """The result of entering filled-in visits.

    Attributes
    ----------
    intake : VisitIntake
        Every row that was read.
    acts : pl.DataFrame
        Every act that the rows gave, with outcome (``done``, ``already``, ``refused``) and rule, as ``Ledger.act``
        returns them.
    """

    intake: VisitIntake
    acts: pl.DataFrame

    @property
    def counts(self) -> dict[str, int]:
        """Rows read, kept, refused and not filled in; acts done, there already and refused."""
        rows = {name: int(self.intake.accounts[name].sum()) for name in ("read", "kept", "refused", "not_filled")}
        outcomes = dict(self.acts.group_by("outcome").len().rows())
        return rows | {f"acts_{name}": outcomes.get(name, 0) for name in ("done", "already", "refused")}

    @property
    def files(self) -> tuple[FileOutcome, ...]:
        """What became of each file, in the order of their names; rows of which an act is refused count as refused."""
        refused = self.acts.filter(outcome="refused").select("source", "sheet", "row")
        digests = pl.col("source").str.split("/").list.first()
        named = refused.with_columns(digests.replace_strict(self.intake.files, return_dtype=pl.String)).unique()
        barred = dict(named.group_by("source").len().rows())
        counts = self.intake.accounts.group_by("source").agg(pl.col("read", "kept", "refused").sum())
        outcomes = [
            FileOutcome(source=name, read=read, taken=kept - barred.get(name, 0), refused=more + barred.get(name, 0))
            for name, read, kept, more in counts.iter_rows()
        ]
        unread = [FileOutcome(source=name, why=error) for name, error in self.intake.unread.items()]
        return tuple(sorted([*outcomes, *unread], key=lambda file: file.source))


def enter_visits(
    source: str | Path, ledger: Ledger, *, policy: Policy | None = None, today: date | None = None
) -> VisitOutcome:
    """Read filled-in visit workbooks and enter what they say in a ledger.

    Reading the same workbook again changes nothing.

    Parameters
    ----------
    source : str or Path
        A workbook, or a folder or archive of them.
    ledger : Ledger
    policy : Policy, optional
    today : date, optional
        A visit after it is refused; by default the day of the machine.

    Raises
    ------
    InputError
        As `read_visits` and ``Ledger.act``.
    """
    source, policy = Path(source), policy or read_policy()
    known = ledger.alerts().select("alert_id", "household_id")
    intake = read_visits(source, policy, today=today or date.today(), known=known, numbers=ledger.numbers())
    return VisitOutcome(intake=intake, acts=ledger.act(_possible(intake.acts, ledger.alerts())))


def _possible(acts: pl.DataFrame, alerts: pl.DataFrame) -> pl.DataFrame:
    """Return the acts without proposals to clear what is being cleared since before the visit."""
    clearing = alerts.filter("open", pl.col("next_step").is_not_null()).select("alert_id", "proposed_on")
    again = acts.filter(kind="proposed").join(clearing, on="alert_id").filter(pl.col("proposed_on") < pl.col("on"))
    same = ["alert_id", "on", "kind", "source"]
    return _of_closed(acts.join(again, on=same, how="anti", maintain_order="left"), alerts)


def _of_closed(acts: pl.DataFrame, alerts: pl.DataFrame) -> pl.DataFrame:
    """Return the acts, those on alerts closed before the visit as what they can be there.

    A household may be visited after its alert was closed, above all at the end of a horizon. Where it was found well,
    there is nothing to propose; else its alert is opened as one found in the village.
    """
    closed = alerts.filter(~pl.col("open")).select("alert_id", "closed_on")
    visit = ["alert_id", "on", "source"]
    late = acts.join(closed, on="alert_id").filter(pl.col("closed_on") < pl.col("on"))
    by_visit = late.group_by(visit).agg(kinds=pl.col("kind"))
    well = pl.any_horizontal(pl.col("kinds").list.contains(kind) for kind in _NO_DIFFICULTY)
    busy = pl.any_horizontal(pl.col("kinds").list.contains(kind) for kind in ("measure", "found"))
    at_rest = by_visit.filter(well & ~busy)
    again = by_visit.filter(~well | busy, ~pl.col("kinds").list.contains("found"))
    kept = acts.join(at_rest, on=visit, how="anti", maintain_order="left")
    seen = acts.join(at_rest, on=visit, how="semi").filter(kind="visited")
    opening = acts.join(again, on=visit, how="semi").filter(kind="visited").with_columns(kind=pl.lit("found"))
    return pl.concat([kept, seen, opening])


def completion_of(ledger: Ledger, until: date) -> tuple[date, pl.DataFrame] | None:
    """Return how far the visits of the newest list are at the end of a day: the day of the list, `visit_completion`.

    None where the ledger has no list of that day or before.
    """
    newest = max((day for day in ledger.months() if day <= until), default=None)
    if newest is None:
        return None
    visits = ledger.history().filter(~pl.col("withdrawn"), pl.col("on") <= until, kind="visited")
    eve, listed, now = (ledger.alerts(day) for day in (newest - timedelta(days=1), newest, until))
    return newest, visit_completion(eve, listed, now, visits, newest)


def visits_of(ledger: Ledger, until: date) -> pl.DataFrame:
    """Return the visits that were made by the end of a day: household_id, as_of, found, inclusion_probability.

    as_of is the month whose list led there, the newest that lists the household and is not after the visit, nor more
    than a year before it. Who is listed for risk or by a rule again within a year after a visit counts as visited for
    that month too (found null): such households rest, and only those on whom something is due would stand for them.
    found, whether it was found in difficulty: not so where the visit proposed to clear, cleared or refused, nor where
    it left a closed alert closed; null where it found the record wrong and nothing else; of several visits to one
    listing, found if any did.
    """
    history = (
        ledger.history()
        .filter(pl.col("on") <= until, ~pl.col("withdrawn"))
        .select("household_id", "kind", "on", "month")
    )
    said = history.filter(pl.col("month").is_null()).group_by("household_id", "on").agg(kinds=pl.col("kind"))
    well = pl.any_horizontal(pl.col("kinds").list.contains(kind) for kind in _NO_DIFFICULTY)
    closed = pl.col("turn").is_in(_CLOSING).fill_null(False)
    found = pl.when(well | closed).then(False).when(~pl.col("kinds").list.contains("wrong_record")).then(True)
    turns = history.filter(pl.col("kind").is_in(_OPENING + _CLOSING)).select("household_id", "on", turn="kind")
    visits = (
        history.filter(kind="visited")
        .join(said, on=["household_id", "on"])
        .sort("on")
        .join_asof(turns.sort("on"), on="on", by="household_id", check_sortedness=False)
        .with_columns(found=found)
    )
    listings = ledger.listings().filter(pl.col("as_of") <= until)
    listed = listings.select("household_id", "inclusion_probability", as_of="as_of", on="as_of").sort("on")
    led = (
        visits.join_asof(listed, on="on", by="household_id", tolerance=_LED, check_sortedness=False)
        .filter(pl.col("as_of").is_not_null())
        .group_by("household_id", "as_of")
        .agg(pl.col("inclusion_probability").first(), found=pl.col("found").any(ignore_nulls=False))
        .sort("as_of", "household_id")
    )
    resting = _resting(visits, listings).join(led, on=["household_id", "as_of"], how="anti")
    return pl.concat([led, resting.select(led.columns)]).sort("as_of", "household_id")


def _resting(visits: pl.DataFrame, listings: pl.DataFrame) -> pl.DataFrame:
    """Return the listings, draws aside, of households that were visited within the year before."""
    listed = listings.filter(pl.col("listed_for") != "random").select("household_id", "as_of", "inclusion_probability")
    before = pl.col("on").is_between(pl.col("as_of") - _LED, pl.col("as_of"))
    both = listed.join(visits.select("household_id", "on"), on="household_id").filter(before)
    return both.select("household_id", "as_of", "inclusion_probability", found=pl.lit(None, dtype=pl.Boolean)).unique()
