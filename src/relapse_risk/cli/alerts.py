"""The alerts of a ledger: list, acknowledge, assign, propose, take the next step, refuse, reopen; sign areas off."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import date
from functools import partial
from pathlib import Path
from typing import Any

import click
import polars as pl

from relapse_risk.cli.commands import file_option, option, policy_options, verb, verbs_of
from relapse_risk.cli.ledger_address import ledger_file
from relapse_risk.cli.ledgers import backed_up, opened
from relapse_risk.cli.options import policy_files
from relapse_risk.cli.screen import show
from relapse_risk.cli.tables import show_table, table_file, write_table
from relapse_risk.errors import InputError
from relapse_risk.monitoring import CLEARING_LEVELS, AlertFilter, Ledger
from relapse_risk.periods import parse_day
from relapse_risk.policy import Texts
from relapse_risk.records import VISIT_LEVELS

__all__ = ["command"]

_KINDS = {"acknowledge": "acknowledged", "assign": "assigned", "propose": "proposed"}
_KINDS |= {"refuse": "refused", "reopen": "reopened"}
_LISTED = (
    *("household_id", *VISIT_LEVELS, "group_name", "state", "tier", "assignee", "due", "deadline", "overdue"),
    *("next_step", "next_from", "opened_on", "closed_on", "last_kind", "last_on", "last_by"),
)
_OUTCOMES = ("done", "already", "refused")


def command(texts: Texts) -> click.Command:
    """Return the command in a language."""
    ledger = option(texts, "--ledger", metavar="URL", required=True)
    places = [option(texts, f"--{name}", metavar="NAME", multiple=True) for name in VISIT_LEVELS]
    chosen = [
        option(texts, "--household", "of_household", metavar="ID", multiple=True),
        *places,
        option(texts, "--state", metavar="STATE", multiple=True),
        option(texts, "--next-step", metavar="STEP", multiple=True),
        option(texts, "--overdue", is_flag=True),
    ]
    acting = [
        option(texts, "--operator", metavar="NAME", required=True),
        option(texts, "--on", "on", metavar="DATE"),
        option(texts, "--yes", is_flag=True),
        file_option(texts, "--refused", "FILE.xlsx|csv"),
        *policy_options(texts),
    ]
    note = option(texts, "--note", metavar="TEXT")
    own = {
        "assign": [option(texts, "--to", metavar="NAME", required=True)],
        "step": [option(texts, "--return", "send_back", is_flag=True)],
    }
    listing = [option(texts, "--as-of", metavar="DATE"), file_option(texts, "--out", "FILE.xlsx|csv")]
    level = option(texts, "--level", metavar="LEVEL", type=click.Choice(CLEARING_LEVELS), required=True)
    made = [verb("list", texts, list_alerts, [ledger, *chosen, *listing, *policy_options(texts)], of="alerts")]
    for name in ("acknowledge", "assign", "propose", "step", "refuse", "reopen"):
        run = partial(act, name)
        made.append(verb(name, texts, run, [ledger, *chosen, *own.get(name, []), note, *acting], of="alerts"))
    made.append(verb("sign-off", texts, sign_off, [ledger, level, *places, *acting], of="alerts"))
    return verbs_of("alerts", texts, made)


def list_alerts(*, lang: str, quiet: bool, ledger: str, as_of: str | None, out: Path | None, **options: Any) -> None:
    """Show alerts as they are at the end of a day, or write them."""
    book, policy = opened(ledger, policy_files(options), lang)
    chosen = _chosen(book, _day(as_of), options, Texts(lang, mechanism=policy.mechanism))
    table = _worded(chosen.select(_LISTED), Texts(lang, mechanism=policy.mechanism))
    if out is None:
        show_table(table, Texts(lang))
        return
    write_table(table, out, inputs=(ledger_file(ledger), *policy_files(options).values()))
    if not quiet:
        show(Texts(lang)("cli", "written", what=Texts(lang)("cli", "what_alerts"), path=out))


def act(
    name: str,
    *,
    lang: str,
    quiet: bool,
    ledger: str,
    operator: str,
    on: str | None,
    note: str | None,
    yes: bool,
    refused: Path | None,
    to: str | None = None,
    send_back: bool = False,
    **options: Any,
) -> None:
    """Record the same act on every alert that is meant, and say what became of each."""
    book, policy = opened(ledger, policy_files(options), lang)
    texts, day = Texts(lang, mechanism=policy.mechanism), _day(on)
    chosen = _chosen(book, day, options, texts, is_open=name != "reopen")
    if chosen.is_empty():
        raise InputError("alerts_none", day=day)
    _ask(texts, chosen.height, yes=yes or (len(chosen) == 1 and bool(options["of_household"])))
    steps = policy.mechanism.ledger.clearing.steps
    kind = pl.lit(_KINDS[name]) if name in _KINDS else pl.coalesce("next_step", pl.lit(steps[0]))
    if send_back:
        kind = pl.lit("returned")
    said = {"on": day, "by": operator, "note": note, "assignee": to}
    given = {key: pl.lit(value, dtype=pl.Date if key == "on" else pl.String) for key, value in said.items()}
    acts = chosen.select("alert_id", "household_id", kind=kind, **given)
    with _refused_file(refused, ledger, options) as put:
        done = _backed_up(book, texts, quiet, lambda: book.act(acts))
        now = book.alerts(day).select("alert_id", "town", "village", "state")
        rows = done.join(now, on="alert_id", how="left", maintain_order="left")
        why = pl.col("rule").replace_strict(texts.labels("ledger.rules"), default=None, return_dtype=pl.String)
        rows = rows.select("household_id", "town", "village", "kind", "on", "by", "outcome", "state", why=why)
        put(_worded(rows.filter(outcome="refused").drop("outcome"), texts))
    _tell(rows.drop("on", "by"), texts, quiet, refused)


def sign_off(
    *,
    lang: str,
    quiet: bool,
    ledger: str,
    level: str,
    operator: str,
    on: str | None,
    yes: bool,
    refused: Path | None,
    **options: Any,
) -> None:
    """Sign areas of a level off, and say what became of each."""
    book, policy = opened(ledger, policy_files(options), lang)
    texts = Texts(lang, mechanism=policy.mechanism)
    areas = book.clearing(level)
    for place in VISIT_LEVELS:
        if wanted := options[place]:
            known = areas[place] if place in areas.columns else pl.Series(place, [], dtype=pl.String)
            _require_known(f"--{place}", wanted, known)
            areas = areas.filter(pl.col(place).is_in(wanted))
    if areas.is_empty():
        raise InputError("alerts_none", day=_day(on))
    _ask(texts, areas.height, yes=yes or areas.height == 1)
    names = areas["area"].to_list()
    with _refused_file(refused, ledger, options) as put:
        done = _backed_up(book, texts, quiet, lambda: book.sign_offs(level, names, operator, _day(on)))
        why = [
            texts("cli", "sign_off_barred", open=row["open"], unsigned=row["unsigned"])
            if row["outcome"] == "refused"
            else None
            for row in done.iter_rows(named=True)
        ]
        rows = done.select("area", "outcome", why=pl.Series(why, dtype=pl.String))
        put(_worded(rows.filter(outcome="refused").drop("outcome"), texts))
    _tell(rows, texts, quiet, refused)


@contextmanager
def _refused_file(path: Path | None, ledger: str, options: dict[str, Any]) -> Iterator[Callable[[pl.DataFrame], None]]:
    """Give what writes the refused lines into a file; without one, nothing does."""
    if path is None:
        yield lambda _: None
        return
    with table_file(path, inputs=(ledger_file(ledger), *policy_files(options).values())) as put:
        yield put


def _day(given: str | None) -> date:
    return date.today() if given is None else parse_day(given)


def _chosen(book: Ledger, day: date, options: dict[str, Any], texts: Texts, *, is_open: bool = True) -> pl.DataFrame:
    """Return the alerts that the options mean, as they are at the end of a day."""
    alerts = book.alerts(day)
    numbers = book.numbers()
    households = tuple(numbers.get(one, one) for one in options["of_household"])
    for name in VISIT_LEVELS:
        _require_known(f"--{name}", options[name], alerts[name])
    _require_known("--household", households, alerts["household_id"])
    meant = AlertFilter(
        household_id=households,
        **{name: options[name] for name in VISIT_LEVELS},
        state=_codes("--state", options["state"], texts.labels("ledger.states")),
        next_step=_codes("--next-step", options["next_step"], texts.labels("ledger.kinds")),
        overdue=options["overdue"],
    )
    return meant.choose(alerts, is_open=is_open)


def _require_known(flag: str, values: tuple[str, ...], known: pl.Series) -> None:
    """Refuse a place or a household that no alert has: what is misspelt would be left out in silence."""
    there = known.drop_nulls().unique().sort()
    for value in values:
        if value not in there:
            shown = [*there.head(10), *(["…"] if len(there) > 10 else [])]
            raise InputError("cli_value", name=flag, value=value, expected=" | ".join(shown) or "-")


def _codes(flag: str, values: tuple[str, ...], labels: dict[str, str]) -> tuple[str, ...]:
    """Return codes, given as such or in the user's words."""
    by_name = {label: code for code, label in labels.items()} | {code: code for code in labels}
    for value in values:
        if value not in by_name:
            raise InputError("cli_value", name=flag, value=value, expected=" | ".join(labels.values()))
    return tuple(by_name[value] for value in values)


def _ask(texts: Texts, count: int, *, yes: bool) -> None:
    """Ask whether so many are meant; where nobody answers, nothing is done."""
    if yes:
        return
    try:
        agreed = click.confirm(texts("cli", "alerts_sure", count=count), prompt_suffix=" ")
    except click.Abort:
        agreed = False
    if not agreed:
        raise InputError("alerts_not_confirmed", count=count)


def _backed_up(book: Ledger, texts: Texts, quiet: bool, write: Callable[[], pl.DataFrame]) -> pl.DataFrame:
    """Write into a ledger after a backup."""
    line = backed_up(book, texts)
    done = write()
    if not quiet:
        show(line)
    return done


def _tell(rows: pl.DataFrame, texts: Texts, quiet: bool, refused: Path | None) -> None:
    """Show what became of each, and how many were done; fail where none could be."""
    counts = {name: rows.filter(outcome=name).height for name in _OUTCOMES}
    show_table(_worded(rows, texts), texts, shown=None)
    if not quiet:
        show(texts("cli", "alerts_done", **counts))
        if refused is not None:
            show(texts("cli", "written", what=texts("cli", "what_refused_acts"), path=refused))
    if not counts["done"] and not counts["already"]:
        raise InputError("alerts_nothing_done", count=counts["refused"])


def _worded(rows: pl.DataFrame, texts: Texts) -> pl.DataFrame:
    """Return rows as an office reads them."""
    topics = {"state": "ledger.states", "tier": "tiers", "outcome": "act_outcomes", "due": "ledger_due"}
    topics |= dict.fromkeys(("kind", "next_step", "last_kind"), "ledger.kinds")
    topics |= dict.fromkeys(("by", "last_by", "step_by"), "ledger_operators")
    words = {name: pl.col(name).replace(texts.labels(topic)) for name, topic in topics.items() if name in rows.columns}
    if "overdue" in rows.columns:
        words["overdue"] = pl.when("overdue").then(pl.lit(texts("ledger_due", "overdue")))
    return rows.with_columns(**words).rename({name: texts("ledger_columns", name) for name in rows.columns})
