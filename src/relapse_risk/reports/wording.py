"""The facts that the workbook and the page both state, in words."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import polars as pl

from relapse_risk.alerts import DEMANDS, Allocation, VisitPlan
from relapse_risk.evaluation import GroupReport, ModelChoice
from relapse_risk.evaluation.checks.finding import group_words, kind_words
from relapse_risk.metrics import GroupError
from relapse_risk.policy import Texts
from relapse_risk.reports.figures import counted, decimal, listing, per_cent, rough
from relapse_risk.reports.roster_report import ModelFacts, Remark, RosterReport

__all__ = [
    "ACCOUNTED",
    "TIERS",
    "Fact",
    "Grid",
    "account_grid",
    "choice_words",
    "compared_sentences",
    "controls_words",
    "grid_of",
    "group_cells",
    "guide",
    "list_facts",
    "model_facts",
    "model_word",
    "plan_grid",
    "plan_text",
    "population_grid",
    "remark_text",
    "rule_grid",
    "rule_words",
    "tier_grid",
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


def grid_of(headers: Sequence[str], rows: Sequence[tuple[str, ...]], texts: Texts, *, numbers: int) -> Grid:
    """Return a table under headers by their keys, of which the last so many are numbers."""
    return Grid(
        headers=tuple(texts("headers", header) for header in headers),
        rows=tuple(rows),
        numbers=frozenset(range(len(headers) - numbers, len(headers))),
    )


def rule_words(codes: str | None, rules: pl.DataFrame, texts: Texts) -> str:
    r"""Return the hard rules a household meets in words, one a line; nothing where it meets none.

    Examples
    --------
    >>> rule_words("a+b", pl.DataFrame({"rule": ["b", "a"], "en": ["second", "first"]}), Texts("en"))
    'first\nsecond'
    """
    wordings = dict(rules.select("rule", texts.lang).iter_rows())
    return "\n".join(wordings[code] for code in codes.split("+")) if codes else ""


def group_cells(one: GroupError | GroupReport, texts: Texts) -> tuple[str, ...]:
    """Return what a group is called, its rows and relapses, and how often they fell and were expected to."""
    name = f"{kind_words(one.kind)[texts.lang]} · {group_words(one.kind, one.group)[texts.lang]}"
    return name, counted(one.rows), counted(one.events), per_cent(one.observed), per_cent(one.predicted)


def model_word(name: str, texts: Texts) -> str:
    """Return what a model is called; a user's own by its class."""
    found = texts.label("cli", f"model_{name}")
    return name if found == f"model_{name}" else found


def remark_text(remark: Remark, texts: Texts) -> str:
    """Return a remark in words: shares as per cent, counts with thousands apart, codes in the words of their kind.

    Examples
    --------
    >>> remark_text(("unseen_reasons", {"reasons": ("illness", "debt")}), Texts("en"))
    'The model had no data on the following, and scores cannot reflect it: Illness, Debt.'
    """
    code, details = remark
    return texts("remarks", code, **{name: _detail(name, value, texts) for name, value in details.items()})


def list_facts(content: RosterReport, texts: Texts) -> tuple[Fact, ...]:
    """Return what the list is: the day, the horizon, who is at risk, how many are listed and expected."""
    horizon = content.model.horizon
    return _facts(
        texts,
        as_of=str(content.as_of),
        horizon=texts("facts", "horizon_value", months=horizon, end=content.end),
        outcome=texts("outcomes", content.model.label, months=horizon),
        cohort=texts("cohorts", content.model.cohort),
        known=_households(content.risk.height, texts),
        capacity=_capacity(content, texts),
        cut_off=_cut_off(content.shared, texts),
        listed=_listed(content, texts),
        **({} if content.shared.overlap is None else {"overlap": _overlap(content.shared, texts)}),
        **({} if content.assumed else _expected_facts(content, texts)),
    )


def _listed(content: RosterReport, texts: Texts) -> str:
    """Return how many are listed, by their risk and by rules."""
    whole, risk, rule = (counted(rows.height) for rows in (content.listed, content.by_risk, content.by_rule))
    return texts("facts", "listed_value", count=whole, risk=risk, rule=rule)


def _overlap(shared: Allocation, texts: Texts) -> str:
    """Return how much of the list by risk another training would list too, and how many nearly tie where it ends."""
    summary = shared.summary
    overlap = texts("facts", "overlap_value", share=f"{shared.overlap:.0%}")
    if not summary["nearly_tied_not_listed"]:
        return overlap
    near, out = counted(summary["nearly_tied"]), counted(summary["nearly_tied_not_listed"])
    return texts("facts", "overlap_near", overlap=overlap, near=near, out=out)


def _expected_facts(content: RosterReport, texts: Texts) -> dict[str, str]:
    """Return how many relapses are expected, in all and among those listed by their risk."""
    caught = content.expected_listed / content.expected if content.expected else None
    among = texts("facts", "about_households_share", count=rough(content.expected_listed), share=per_cent(caught))
    return {"expected": _expected(content, texts), "expected_listed": among}


def _expected(content: RosterReport, texts: Texts) -> str:
    about = texts("facts", "about_households", count=rough(content.expected))
    if content.past_range is None:
        return about + (texts("facts", "too_few_years") if content.model.evaluation is not None else "")
    low, high = map(rough, content.past_range)
    return about + texts("facts", "as_in_past_years", low=low, high=high)


def compared_sentences(model: ModelFacts, texts: Texts) -> tuple[str, ...]:
    """Return on what models were compared and what came of it, or that there was no model to compare."""
    evaluation = model.evaluation
    if evaluation is None:
        return (texts("page", "compared_nothing"),)
    reference = evaluation.comparisons[0].scores
    trials = texts(
        "page",
        f"compared_{evaluation.scheme}",
        days=listing(evaluation.days, texts),
        rows=counted(reference.rows),
        events=counted(reference.events),
    )
    elsewhere = () if model.origin == "own" else (texts("page", "compared_elsewhere"),)
    return (*elsewhere, *evaluation.verdict.sentences(texts), trials)


def model_facts(model: ModelFacts, texts: Texts) -> tuple[Fact, ...]:
    """Return what the model is: where it is from, what it was trained on, how far it holds, its digest."""
    return (
        *_facts(texts, origin=texts("origins", model.origin)),
        *_training_facts(model, texts),
        *_facts(
            texts,
            features=texts("facts", "features_value", count=model.features),
            protected=_protected(model, texts),
            release=model.release,
            digest=model.digest,
        ),
    )


def _protected(model: ModelFacts, texts: Texts) -> str:
    if not model.protected:
        return texts("facts", "protected_none")
    return listing((one[texts.lang] for one in model.protected), texts)


def _training_facts(model: ModelFacts, texts: Texts) -> tuple[Fact, ...]:
    if model.evaluation is None:
        return ()
    reference = model.evaluation.comparisons[0].scores
    return _facts(
        texts,
        trained_on=texts(
            "facts",
            "trained_on_value",
            rows=counted(model.rows),
            households=counted(model.households),
            relapses=counted(model.relapses),
            days=listing(map(str, model.as_of), texts),
        ),
        **({} if model.controls == 1 else {"controls": controls_words(model.controls, texts)}),
        trained_through=str(model.trained_through),
        **({} if model.choice is None else {"choice": choice_words(model.choice, texts)}),
        calibration=texts(
            "facts",
            "calibration_value" if model.origin == "own" else "calibration_elsewhere",
            predicted=per_cent(reference.predicted),
            observed=per_cent(reference.observed),
            slope=decimal(reference.calibration_slope, 2),
        ),
    )


def controls_words(controls: float, texts: Texts) -> str:
    """Return how many of the rows without a relapse a model was trained on."""
    return texts("facts", "controls_value", share=per_cent(controls), times=decimal(1 / controls, 1))


def choice_words(choice: ModelChoice, texts: Texts) -> str:
    """Return which of two models was returned, and by which figures."""
    return texts(
        "facts",
        "choice_value",
        name=model_word(choice.returned, texts),
        other=model_word(choice.other, texts),
        log_loss=decimal(choice.log_loss, 4),
        other_log_loss=decimal(choice.other_log_loss, 4),
    )


def guide(content: RosterReport, texts: Texts) -> tuple[str, ...]:
    """Return how to read a roster, one paragraph an idea."""
    shares = {name: f"{share:.0%}" for name, share in content.tiers.items()}
    assumed = "_assumed" if content.assumed else ""
    again = () if content.shared.overlap is None else ("listed_again",)
    keys = (f"probability{assumed}", f"interval{assumed}", *again, "tiers", "rules", "reasons", "order", "rule_only")
    return tuple(texts("guide", key, **shares) for key in keys)


def tier_grid(content: RosterReport, texts: Texts) -> Grid:
    """Return how many households are in each tier, how many of them only by a hard rule, and at what risk."""
    tiered = content.risk.filter(pl.col("tier").is_not_null())
    rows = [_tier_row(tier, tiered.filter(pl.col("tier") == tier), texts) for tier in TIERS]
    headers = ("tier", "households", "by_rule", "waiting", "risk_range", "mean_risk", "expected")
    width = len(headers) - 2 * content.assumed  # of assumed probabilities neither mean nor sum
    rows = [row[:width] for row in (*rows, _tier_row(None, tiered, texts))]
    return grid_of(headers[:width], rows, texts, numbers=width - 1)


def plan_grid(plan: VisitPlan, texts: Texts) -> Grid:
    """Return for what households are to be visited, and what becomes of them this month; the rows sum to the total."""
    states = ("demanded", "visit", "in_hand", "waiting")
    cells = {kind: tuple(counted(counts[state]) for state in states) for kind, counts in plan.counts.items()}
    rows = [(texts("plan", kind), *cells[kind]) for kind in DEMANDS]
    total = (texts("headers", "total"), *cells["all"])
    return grid_of(("demanded_for", *states), [*rows, total], texts, numbers=len(states))


def plan_text(plan: VisitPlan, texts: Texts) -> str:
    """Return the same in a sentence."""
    counts = {state: counted(count) for state, count in plan.counts["all"].items()}
    return texts("plan", "short", capacity=counted(plan.capacity), **counts)


def rule_grid(rules: pl.DataFrame, texts: Texts) -> Grid:
    """Return for every hard rule its tier, how many meet it, and for how many that is unknown; of `rule_counts`."""
    rows = [
        (
            row[texts.lang],
            texts("facts", "information_only") if row["tier"] == "none" else texts("tiers", row["tier"]),
            *(counted(row[name]) for name in ("met", "listed", "waiting", "unknown")),
        )
        for row in rules.rows(named=True)
    ]
    return grid_of(("rule", "tier", "met", "only_by_rule", "waiting", "not_judged"), rows, texts, numbers=4)


def population_grid(content: RosterReport, texts: Texts) -> Grid:
    """Return where every household known on the day is, and why it was not scored; the rows sum to the total."""
    counts = content.risk.group_by("population", "exclusion_reason").len().rows()
    order = ("at_risk", "rule_only", "not_scored")
    rows = [
        (
            texts("populations", population),
            "" if reason is None else texts.label("exclusion_reasons", reason),
            counted(count),
        )
        for population, reason, count in sorted(counts, key=lambda row: (order.index(row[0]), -row[2], row[1] or ""))
    ]
    total = (texts("headers", "total"), "", counted(content.risk.height))
    return grid_of(("population", "exclusion_reason", "households"), [*rows, total], texts, numbers=1)


def account_grid(accounts: pl.DataFrame, texts: Texts, counts: Sequence[str] = ACCOUNTED) -> Grid:
    """Return the account of every row that was read (``Intake.accounts``), by the counts asked for."""
    names = ("source", "sheet", "table")
    rows = [
        (
            row["source"] or "",
            row["sheet"] or "",
            texts.label("tables", row["table"]),
            *(counted(row[c]) for c in counts),
        )
        for row in accounts.rows(named=True)
    ]
    sums = tuple(counted(int(accounts[name].sum())) for name in counts)
    total = (texts("headers", "total"), "", "", *sums)
    return grid_of((*names, *counts), [*rows, total], texts, numbers=len(counts))


def _tier_row(tier: str | None, households: pl.DataFrame, texts: Texts) -> tuple[str, ...]:
    risk = households["probability"]
    scored = risk.count() > 0
    low, high = (per_cent(bound) if scored else "" for bound in (risk.min(), risk.max()))  # type: ignore[arg-type]
    mean: Any = risk.mean()
    return (
        texts("headers", "total") if tier is None else texts("tiers", tier).capitalize(),
        counted(households.height),
        counted(households.filter(listed_for="rule").height),
        counted(households["waiting_for"].count()),
        f"{low} – {high}",
        per_cent(mean),
        rough(float(risk.sum())),
    )


def _facts(texts: Texts, **values: str) -> tuple[Fact, ...]:
    return tuple((texts("facts", label), value) for label, value in values.items())


def _households(count: int, texts: Texts) -> str:
    return texts("facts", "households_value", count=counted(count))


def _capacity(content: RosterReport, texts: Texts) -> str:
    shared, count = content.shared, counted(content.capacity)
    key = "capacity_given" if content.capacity_share is None else "capacity_usual"
    share = per_cent(content.capacity_share or 0.0)
    said = [texts("facts", key, count=count, share=share)]
    if shared.capacity.per:
        level = texts("levels", shared.capacity.per)
        said.append(texts("facts", "capacity_per", level=level, areas=counted(shared.areas.height)))
    if shared.capacity.min_per_village:
        covered = counted(shared.summary["covered"])
        said.append(texts("facts", "capacity_least", least=shared.capacity.min_per_village, covered=covered))
    if costs := shared.capacity.costs:
        threshold = per_cent(costs.threshold)
        said.append(texts("facts", "capacity_costs", miss=costs.miss, waste=costs.waste, threshold=threshold))
    return "".join(said)


def _cut_off(shared: Allocation, texts: Texts) -> str:
    """Return where the list by risk ends, and how many tie there."""
    summary = shared.summary
    if shared.last is None:
        return texts("facts", "cut_off_none")
    key = "cut_off_value" if shared.areas.height == 1 else "cut_off_areas"
    tied, out = counted(summary["tied"]), counted(summary["tied_not_listed"])
    return texts("facts", key, last=per_cent(shared.last), tied=tied, out=out)


_CALLED: Mapping[str, Callable[[str, Texts], str]] = {
    "reasons": lambda code, texts: texts("reasons", code),
    "models": model_word,
    "tables": lambda code, texts: texts.label("tables", code),
    "level": lambda code, texts: texts("levels", code),
}


def _detail(name: str, value: Any, texts: Texts) -> str:
    if isinstance(value, Mapping):
        return _detail(name, value[texts.lang], texts)
    called = _CALLED.get(name)
    if isinstance(value, tuple):
        return listing((called(code, texts) if called else str(code) for code in value), texts)
    if isinstance(value, float):
        return per_cent(value)
    if isinstance(value, int):
        return counted(value)
    return called(value, texts) if called else str(value)
