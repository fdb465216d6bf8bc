"""The tables of an evaluation's page."""

from collections.abc import Callable, Sequence
from math import isnan

from relapse_risk.evaluation.checks.finding import kind_words
from relapse_risk.evaluation.model_report import GroupReport, ModelReport
from relapse_risk.metrics import Interval
from relapse_risk.policy import Texts
from relapse_risk.reports.evaluation.evaluation_content import EvaluationContent
from relapse_risk.reports.figures import counted, decimal, listing, per_cent, signed
from relapse_risk.reports.wording import Fact, Grid, group_cells, model_word

__all__ = [
    "band_grid",
    "benefit_grid",
    "day_grid",
    "definition_facts",
    "finding_grid",
    "group_grid",
    "list_grid",
    "model_grid",
    "split_grid",
]

Cell = Callable[[ModelReport], str]


def definition_facts(content: EvaluationContent, texts: Texts) -> tuple[Fact, ...]:
    """Return what every figure on the page refers to."""
    judgement = content.judgement
    values = {
        "outcome": texts("outcomes", content.label, months=content.horizon),
        "cohort": texts("cohorts", content.cohort),
        "horizon": _format("months", texts, months=content.horizon),
        "scheme": _scheme(content, texts),
        "days": listing(judgement.days, texts),
        "tested": _format(
            "tested_value",
            texts,
            rows=counted(judgement.rows),
            households=counted(judgement.households),
            events=counted(judgement.events),
            share=per_cent(judgement.observed),
            untested=counted(content.untested),
        ),
        "known_by": str(content.known_by),
        "to_come": per_cent(content.unreported_share),
        "protected": listing((one[texts.lang] for one in content.protected), texts) or texts("facts", "protected_none"),
        "groups": _kinds(content, texts),
        "weights": _format("weighted" if content.weighted else "unweighted", texts),
        "intervals": _format(
            f"intervals_{content.clusters}",
            texts,
            level=f"{judgement.level:.0%}",
            draws=counted(judgement.n_draws),
            clusters=counted(judgement.clusters),
        ),
    }
    return tuple((_format(name, texts), value) for name, value in values.items())


def _kinds(content: EvaluationContent, texts: Texts) -> str:
    """Return the kinds of groups by which models are judged; none where no group was large enough."""
    kinds = dict.fromkeys(group.kind for group in content.judgement.models[0].groups)
    return listing((kind_words(kind)[texts.lang] for kind in kinds), texts) or texts("facts", "protected_none")


def model_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return every model side by side."""
    cells: dict[str, Cell] = {
        "log_loss": _figure("log_loss", 4),
        "log_loss_over_default": lambda model: _difference(model, "log_loss", content),
        "brier": _figure("brier", 4),
        "brier_over_default": lambda model: _difference(model, "brier", content),
        "auc": _figure("auc", 3),
        "average_precision": _figure("average_precision", 3),
        "expected_observed_ratio": _figure("expected_observed_ratio", 2),
        "calibration_slope": _figure("calibration_slope", 2),
        "spiegelhalter_z": lambda model: decimal(model.spiegelhalter.z, 2),
    }
    return _by_model(content, cells, texts)


def split_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return each model's scores parted into miscalibration, discrimination and uncertainty."""
    names = [f"{score}{part}" for score in ("log_loss", "brier") for part in ("", *_PARTS)]
    return _by_model(content, {name: _figure(name, 4) for name in names}, texts)


def list_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return how each model's list fares at capacity."""
    cells: dict[str, Cell] = {
        "exclusion_error": _share("exclusion_error"),
        "inclusion_error": _share("inclusion_error"),
        "lead_time_months": _figure("lead_time_months", 1),
        "lead_time_months_median": _figure("lead_time_months_median", 1),
    }
    return _by_model(content, cells, texts)


def band_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return the bands of the default model that the diagram draws."""
    rows = [
        (
            f"{per_cent(band.low)} – {per_cent(band.high)}",
            counted(band.rows),
            counted(band.events),
            per_cent(band.predicted),
            _shares(band.observed),
        )
        for band in content.judgement.models[0].bands
    ]
    return _grid(("band", "rows", "events", "predicted", "observed"), rows, texts)


def day_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return the default model day by day."""
    rows = [
        (
            day.day,
            counted(day.rows),
            counted(day.events),
            per_cent(day.observed),
            per_cent(day.predicted),
            _numbers(day.expected_observed_ratio, 2),
            _numbers(day.slope, 2),
            _numbers(day.log_loss, 4),
        )
        for day in content.judgement.models[0].days
    ]
    headers = (
        "day",
        "rows",
        "events",
        "observed",
        "predicted",
        "expected_observed_ratio",
        "calibration_slope",
        "log_loss",
    )
    return _grid(headers, rows, texts)


def group_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return the default model group by group."""
    rows = [_group_row(one, texts) for one in content.judgement.models[0].groups]
    headers = (
        "group",
        "rows",
        "events",
        "observed",
        "predicted",
        "error",
        "z",
        "smallest_seen",
        "auc",
        "exclusion_error",
    )
    return _grid(headers, rows, texts)


def benefit_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return the net benefit of visiting by the default model, per thousand households."""
    rows = [
        (per_cent(one.threshold), *(_numbers(_thousand(found), 2) for found in (one.model, one.visit_all, one.gain)))
        for one in content.judgement.models[0].net_benefit
    ]
    return _grid(("threshold", "net_benefit", "visit_all", "gain"), rows, texts)


def finding_grid(content: EvaluationContent, texts: Texts) -> Grid:
    """Return what the checks found and what to do about it."""
    rows = [
        (
            one.code,
            texts("evaluation.severities", one.severity),
            texts(f"evaluation.checks.{one.code}", "name"),
            one.sentence(texts),
            texts(f"evaluation.checks.{one.code}", "todo"),
        )
        for one in content.findings
    ]
    return _grid(("code", "severity", "check", "sentence", "todo"), rows, texts, numbers=0)


_PARTS = ("_miscalibration", "_discrimination", "_uncertainty")


def _by_model(content: EvaluationContent, cells: dict[str, Cell], texts: Texts) -> Grid:
    rows = [(model_word(one.name, texts), *(cell(one) for cell in cells.values())) for one in content.judgement.models]
    return _grid(("model", *cells), rows, texts)


def _grid(headers: Sequence[str], rows: Sequence[tuple[str, ...]], texts: Texts, numbers: int | None = None) -> Grid:
    first = 1 if numbers is None else len(headers) - numbers
    return Grid(
        headers=tuple(texts("measures", header) for header in headers),
        rows=tuple(rows),
        numbers=frozenset(range(first, len(headers))),
    )


def _group_row(one: GroupReport, texts: Texts) -> tuple[str, ...]:
    return (
        *group_cells(one, texts),
        _points(one.error),
        decimal(one.z, 1),
        per_cent(one.smallest_seen),
        _numbers(one.auc, 3),
        _shares(one.exclusion_error),
    )


def _figure(name: str, digits: int) -> Cell:
    return lambda model: _numbers(model.figures[name], digits)


def _share(name: str) -> Cell:
    return lambda model: _shares(model.figures[name])


def _difference(model: ModelReport, name: str, content: EvaluationContent) -> str:
    if model is content.judgement.models[0]:
        return ""
    return _with_bounds(model.over_default[name], lambda value: signed(value, 4))


def _numbers(found: Interval, digits: int) -> str:
    return _with_bounds(found, lambda value: decimal(value, digits))


def _shares(found: Interval) -> str:
    return _with_bounds(found, per_cent)


def _points(found: Interval) -> str:
    """Return a difference of shares in percentage points."""
    return _with_bounds(found, lambda value: signed(100 * value, 1))


def _with_bounds(found: Interval, fmt: Callable[[float], str]) -> str:
    """Return a figure with its interval below it, where there is one; a dash where there is no figure."""
    if isnan(found.estimate):
        return decimal(found.estimate, 0)
    return fmt(found.estimate) + ("" if isnan(found.lower) else f"\n({fmt(found.lower)}, {fmt(found.upper)})")


def _thousand(found: Interval) -> Interval:
    return Interval(estimate=1000 * found.estimate, lower=1000 * found.lower, upper=1000 * found.upper)


def _scheme(content: EvaluationContent, texts: Texts) -> str:
    way = _format("forward" if content.forward else "sideways", texts)
    return f"{texts('schemes', content.scheme)} {way}"


def _format(key: str, texts: Texts, **details: object) -> str:
    return texts("evaluation", key, **details)
