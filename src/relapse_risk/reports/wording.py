"""The facts that the workbook and the page both state, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.alerts import Allocation
from relapse_risk.policy import REASONS, word
from relapse_risk.policy.files import read_data
from relapse_risk.reports.figures import counted, decimal, listing, per_cent, rough
from relapse_risk.reports.roster_report import ModelFacts, Remark, RosterReport

__all__ = [
    "ACCOUNTED",
    "TIERS",
    "Fact",
    "Grid",
    "account_grid",
    "grid_of",
    "guide",
    "list_facts",
    "model_facts",
    "model_word",
    "population_grid",
    "reason_word",
    "remark_text",
    "rule_grid",
    "rule_words",
    "table_word",
    "tier_grid",
    "wording",
]

ACCOUNTED = ("read", "kept", "refused", "skipped")
"""Counts of the account of rows."""
TIERS = ("red", "orange", "yellow", "none")

Fact = tuple[str, str]
"""A label and what it says."""


@dataclass(frozen=True, kw_only=True)
class Grid:
    """A small table of texts.

    Attributes
    ----------
    headers : tuple of str
    rows : tuple of tuple of str
    numbers : frozenset of int
        The places of columns to set right-aligned.
    """

    headers: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    numbers: frozenset[int]


def grid_of(headers: Sequence[str], rows: Sequence[tuple[str, ...]], lang: str, *, numbers: int) -> Grid:
    """Return a table under headers by their keys, of which the last so many are numbers."""
    return Grid(
        headers=tuple(word("headers", header, lang) for header in headers),
        rows=tuple(rows),
        numbers=frozenset(range(len(headers) - numbers, len(headers))),
    )


def wording(topic: str, key: str | None, lang: str) -> str:
    """Return the wording of a code, the code itself where there is none, or that it is not stated.

    Examples
    --------
    >>> wording("tiers", "red", "en"), wording("tiers", "mauve", "en"), wording("tiers", None, "en")
    ('red', 'mauve', 'not stated')
    """
    if key is None:
        return word("facts", "not_stated", lang)
    return word(topic, key, lang) if key in read_data("wordings").get(topic, {}) else key


def reason_word(code: str, lang: str) -> str:
    """Return what a reason is called."""
    name: str = getattr(REASONS[code], lang)
    return name


def rule_words(codes: str | None, rules: pl.DataFrame, lang: str) -> str:
    r"""Return the hard rules a household meets in words, one a line; nothing where it meets none.

    Examples
    --------
    >>> rule_words("a+b", pl.DataFrame({"rule": ["b", "a"], "en": ["second", "first"]}), "en")
    'first\nsecond'
    """
    wordings = dict(rules.select("rule", lang).iter_rows())
    return "\n".join(wordings[code] for code in codes.split("+")) if codes else ""


def table_word(name: str, lang: str) -> str:
    """Return what a record table is called."""
    return wording("tables", name, lang)


def model_word(name: str, lang: str) -> str:
    """Return what a model is called; a user's own by its class."""
    found = wording("cli", f"model_{name}", lang)
    return name if found == f"model_{name}" else found


def remark_text(remark: Remark, lang: str) -> str:
    """Return a remark in words: shares as per cent, counts with thousands apart, codes in the words of their kind.

    Examples
    --------
    >>> remark_text(("unseen_reasons", {"reasons": ("illness", "debt")}), "en")
    'The model had no data on the following, and scores cannot reflect it: Illness, Debt.'
    """
    code, details = remark
    return word("remarks", code, lang, **{name: _detail(name, value, lang) for name, value in details.items()})


def list_facts(content: RosterReport, lang: str) -> tuple[Fact, ...]:
    """Return what the list is: the day, the horizon, who is at risk, how many are listed and expected."""
    horizon = content.model.horizon
    caught = content.expected_listed / content.expected if content.expected else None
    return _facts(
        lang,
        as_of=str(content.as_of),
        horizon=word("facts", "horizon_value", lang, months=horizon, end=content.end),
        outcome=word("outcomes", content.model.label, lang, months=horizon),
        cohort=word("cohorts", content.model.cohort, lang),
        known=_households(content.risk.height, lang),
        capacity=_capacity(content, lang),
        cut_off=_cut_off(content.shared, lang),
        listed=_listed(content, lang),
        expected=_expected(content, lang),
        expected_listed=word(
            "facts", "about_households_share", lang, count=rough(content.expected_listed), share=per_cent(caught)
        ),
    )


def _listed(content: RosterReport, lang: str) -> str:
    """Return how many are listed, by their risk and by rules."""
    whole, risk, rule = (counted(rows.height) for rows in (content.listed, content.by_risk, content.by_rule))
    return word("facts", "listed_value", lang, count=whole, risk=risk, rule=rule)


def _expected(content: RosterReport, lang: str) -> str:
    about = word("facts", "about_households", lang, count=rough(content.expected))
    if content.past_range is None:
        return about
    low, high = map(rough, content.past_range)
    return about + word("facts", "as_in_past_years", lang, low=low, high=high)


def model_facts(content: RosterReport, lang: str) -> tuple[Fact, ...]:
    """Return what the model is: where it is from, what it was trained on, how far it holds, its digest."""
    model = content.model
    return (
        *_facts(lang, origin=word("origins", model.origin, lang)),
        *_training_facts(model, lang),
        *_facts(
            lang,
            features=word("facts", "features_value", lang, count=model.features),
            release=model.release,
            digest=model.digest,
        ),
    )


def _training_facts(model: ModelFacts, lang: str) -> tuple[Fact, ...]:
    if model.evaluation is None:
        return ()
    ours = model.evaluation.standings[0].scores
    return _facts(
        lang,
        trained_on=word(
            "facts",
            "trained_on_value",
            lang,
            rows=counted(model.rows),
            households=counted(model.households),
            relapses=counted(model.relapses),
            days=listing(map(str, model.as_of), lang),
        ),
        trained_through=str(model.trained_through),
        calibration=word(
            "facts",
            "calibration_value" if model.origin == "own" else "calibration_elsewhere",
            lang,
            predicted=per_cent(ours.predicted),
            observed=per_cent(ours.observed),
            slope=decimal(ours.calibration_slope, 2),
        ),
    )


def guide(content: RosterReport, lang: str) -> tuple[str, ...]:
    """Return how to read a roster, one paragraph an idea."""
    shares = {name: f"{share:.0%}" for name, share in content.tiers.items()}
    assumed = "_assumed" if content.model.origin == "rule" else ""
    keys = (f"probability{assumed}", f"interval{assumed}", "tiers", "rules", "reasons", "order", "rule_only")
    return tuple(word("guide", key, lang, **shares) for key in keys)


def tier_grid(content: RosterReport, lang: str) -> Grid:
    """Return how many households are in each tier, how many of them only by a hard rule, and at what risk."""
    tiered = content.risk.filter(pl.col("tier").is_not_null())
    rows = [_tier_row(tier, tiered.filter(pl.col("tier") == tier), lang) for tier in TIERS]
    headers = ("tier", "households", "by_rule", "risk_range", "mean_risk", "expected")
    return grid_of(headers, [*rows, _tier_row(None, tiered, lang)], lang, numbers=5)


def rule_grid(content: RosterReport, lang: str) -> Grid:
    """Return what every hard rule does: to which tier it lifts, how many meet it, of how many that is not known."""
    rows = [
        (
            row[lang],
            word("tiers" if row["tier"] != "none" else "facts", row["tier"] if row["tier"] != "none" else "told", lang),
            *(counted(row[name]) for name in ("met", "listed", "unknown")),
        )
        for row in content.rules.rows(named=True)
    ]
    return grid_of(("rule", "tier", "met", "only_by_rule", "not_judged"), rows, lang, numbers=3)


def population_grid(content: RosterReport, lang: str) -> Grid:
    """Return where every household known on the day is, and why it was not scored; the rows sum to the total."""
    counts = content.risk.group_by("population", "exclusion_reason").len().rows()
    order = ("at_risk", "rule_only", "not_scored")
    rows = [
        (word("populations", population, lang), "" if why is None else wording("whys", why, lang), counted(count))
        for population, why, count in sorted(counts, key=lambda row: (order.index(row[0]), -row[2], row[1] or ""))
    ]
    total = (word("headers", "total", lang), "", counted(content.risk.height))
    return grid_of(("population", "exclusion_reason", "households"), [*rows, total], lang, numbers=1)


def account_grid(accounts: pl.DataFrame, lang: str, counts: Sequence[str] = ACCOUNTED) -> Grid:
    """Return the account of every row that was read (``Intake.accounts``), by the counts asked for."""
    names = ("source", "sheet", "table")
    rows = [
        (row["source"] or "", row["sheet"] or "", table_word(row["table"], lang), *(counted(row[c]) for c in counts))
        for row in accounts.rows(named=True)
    ]
    sums = tuple(counted(int(accounts[name].sum())) for name in counts)
    total = (word("headers", "total", lang), "", "", *sums)
    return grid_of((*names, *counts), [*rows, total], lang, numbers=len(counts))


def _tier_row(tier: str | None, households: pl.DataFrame, lang: str) -> tuple[str, ...]:
    risk = households["probability"]
    scored = risk.count() > 0
    low, high = (per_cent(bound) if scored else "" for bound in (risk.min(), risk.max()))  # type: ignore[arg-type]
    mean: Any = risk.mean()
    return (
        word("headers", "total", lang) if tier is None else word("tiers", tier, lang).capitalize(),
        counted(households.height),
        counted(households.filter(listed_for="rule").height),
        f"{low} – {high}",
        per_cent(mean),
        rough(float(risk.sum())),
    )


def _facts(lang: str, **values: str) -> tuple[Fact, ...]:
    return tuple((word("facts", label, lang), value) for label, value in values.items())


def _households(count: int, lang: str) -> str:
    return word("facts", "households_value", lang, count=counted(count))


def _capacity(content: RosterReport, lang: str) -> str:
    shared, count = content.shared, counted(content.capacity)
    key = "capacity_given" if content.capacity_share is None else "capacity_usual"
    share = per_cent(content.capacity_share or 0.0)
    said = [word("facts", key, lang, count=count, share=share)]
    if shared.capacity.per:
        level = word("levels", shared.capacity.per, lang)
        said.append(word("facts", "capacity_per", lang, level=level, areas=counted(shared.areas.height)))
    if shared.capacity.min_per_village:
        covered = counted(shared.summary["covered"])
        said.append(word("facts", "capacity_least", lang, least=shared.capacity.min_per_village, covered=covered))
    if costs := shared.capacity.costs:
        threshold = per_cent(costs.threshold)
        said.append(word("facts", "capacity_costs", lang, miss=costs.miss, waste=costs.waste, threshold=threshold))
    return "".join(said)


def _cut_off(shared: Allocation, lang: str) -> str:
    """Return where the list by risk ends, how many tie there, and by what digest the key of ties can be told."""
    told = shared.summary
    if shared.last is None:
        return word("facts", "cut_off_none", lang, digest=shared.key)
    key = "cut_off_value" if shared.areas.height == 1 else "cut_off_areas"
    tied, out = counted(told["tied"]), counted(told["tied_not_listed"])
    return word("facts", key, lang, last=per_cent(shared.last), tied=tied, out=out, digest=shared.key)


_CODES: Mapping[str, Callable[[str, str], str]] = {"reasons": reason_word, "models": model_word, "tables": table_word}


def _detail(name: str, value: Any, lang: str) -> str:
    if isinstance(value, tuple):
        in_words = _CODES.get(name)
        return listing((in_words(code, lang) if in_words else str(code) for code in value), lang)
    if isinstance(value, float):
        return per_cent(value)
    return counted(value) if isinstance(value, int) else str(value)
