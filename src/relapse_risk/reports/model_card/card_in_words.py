"""A model card in words: a document to be shown on screen, as a page, a workbook, a text document or Markdown."""

from collections.abc import Iterator
from datetime import date
from math import exp, isnan
from pathlib import Path

from scipy.stats import norm

from relapse_risk.metrics import GroupError
from relapse_risk.policy import Texts, tables_worded
from relapse_risk.reports.charts import evaluation_grid
from relapse_risk.reports.documents import Document, Section, write_document
from relapse_risk.reports.figures import counted, decimal, listing, per_cent, signed
from relapse_risk.reports.model_card.model_card_report import ModelCard
from relapse_risk.reports.wording import Fact, Grid, compared_sentences, group_cells, model_facts, model_word

__all__ = ["model_card_document", "write_model_card"]

_USES = ("use_visits", "use_budget", "use_areas")
_NOT_FOR = ("not_for_eligibility", "not_for_removal", "not_for_single", "not_for_others", "not_for_cadres")
_NEVER = date(1980, 1, 1)  # the day of a card of what was not trained


def model_card_document(card: ModelCard, *, lang: str = "zh") -> Document:
    """Return a model card in words.

    Parameters
    ----------
    card : ModelCard
    lang : {"zh", "en"}
    """
    texts, model = Texts(lang), card.model
    sections = (
        Section(title=_said("about", texts), facts=_about(card, texts)),
        Section(title=_said("use", texts), notes=tuple(_said(key, texts) for key in _USES)),
        Section(title=_said("not_for", texts), notes=tuple(_said(key, texts) for key in _NOT_FOR)),
        _performance(card, texts),
        _by_group(card, texts),
        Section(title=_said("years", texts), notes=tuple(_years(card, texts))),
        Section(title=_said("limits", texts), notes=tuple(_limits(card, texts))),
        Section(title=_said("inputs", texts), notes=(_said("inputs_note", texts),), tables=(_inputs(card, texts),)),
    )
    return Document(
        title=_said("title", texts, months=model.horizon),
        subtitle=_said("subtitle", texts, digest=model.digest[:12], release=model.release),
        as_of=model.trained_through or _NEVER,
        sections=tuple(section for section in sections if not section.is_empty),
        private=_said("private", texts),
        kind="model",
    )


def write_model_card(card: ModelCard, path: str | Path, *, lang: str = "zh") -> None:
    """Write a model card, in the kind of file that its name asks for, see `write_document`.

    Parameters as `model_card_document`.
    """
    write_document(model_card_document(card, lang=lang), path, Texts(lang))


def _said(key: str, texts: Texts, **details: object) -> str:
    return texts("model_card", key, **details)


def _about(card: ModelCard, texts: Texts) -> tuple[Fact, ...]:
    model = card.model
    tried = "" if model.evaluation is None else f" ({model_word(model.evaluation.default, texts)})"
    return (
        (_said("kind", texts), f"{card.kind}{tried}"),
        (_said("outcome", texts), texts("outcomes", model.label, months=model.horizon)),
        (_said("cohort", texts), texts("cohorts", model.cohort)),
        *model_facts(model, texts),
        (_said("versions", texts), listing((f"{name} {release}" for name, release in card.versions.items()), texts)),
    )


def _performance(card: ModelCard, texts: Texts) -> Section:
    evaluation = card.model.evaluation
    how = () if evaluation is None else (texts("page", "compared_how"),)
    return Section(
        title=_said("performance", texts),
        notes=(*compared_sentences(card.model, texts), *how),
        tables=() if evaluation is None else (evaluation_grid(evaluation, texts),),
    )


def _by_group(card: ModelCard, texts: Texts) -> Section:
    """Return how far probabilities of each group are off; nothing where no group is known."""
    evaluation = card.model.evaluation
    if evaluation is None or not evaluation.groups:
        return Section(title=_said("groups", texts))
    rows = [_group_row(one, evaluation.level, texts) for one in evaluation.groups]
    headers = tuple(texts("measures", key) for key in ("group", "rows", "events", "observed", "predicted", "error"))
    grid = Grid(headers=headers, rows=tuple(rows), numbers=frozenset(range(1, len(headers))))
    note = _said("groups_note", texts, level=f"{evaluation.level:.0%}")
    return Section(title=_said("groups", texts), notes=(note,), tables=(grid,))


def _group_row(one: GroupError, level: float, texts: Texts) -> tuple[str, ...]:
    return (*group_cells(one, texts), _error(one, level))


def _error(one: GroupError, level: float) -> str:
    """Return an error in percentage points with the interval of its noise; a dash where that is not known.

    The bootstrap's interval is none where nobody of a group fell: every draw has the same outcomes.
    """
    reach = norm.ppf((1 + level) / 2) * one.standard_error
    if isnan(reach):
        return decimal(reach, 1)
    estimate, lower, upper = (signed(100 * (one.error.estimate + side * reach), 1) for side in (0, -1, 1))
    return f"{estimate} ({lower}, {upper})"


def _years(card: ModelCard, texts: Texts) -> Iterator[str]:
    """Yield how far past years and villages lay from what was predicted, as factors of the odds."""
    for day, shift in card.past_years:
        yield _said("past_year", texts, day=day, factor=decimal(exp(shift), 2))
    yield _said("past_years_note" if card.past_years else "past_years_none", texts)
    if card.village_shock is not None:
        yield _said("village_shock", texts, factor=decimal(exp(card.village_shock), 2))


def _limits(card: ModelCard, texts: Texts) -> Iterator[str]:
    if card.rough_level:
        yield _said("limit_few", texts, relapses=card.model.relapses)
    if card.unreported_share > 0:
        yield _said("limit_unreported", texts, share=per_cent(card.unreported_share))
    if card.carried_forward_line:
        yield _said("limit_line", texts, count=counted(card.carried_forward_line))
    for key in ("limit_records", "limit_years", "limit_places", "limit_visits", "limit_causes"):
        yield _said(key, texts)


def _inputs(card: ModelCard, texts: Texts) -> Grid:
    """Return what the model reads, a row for each reason."""
    reasons = dict.fromkeys(one.reason for one in card.inputs)
    rows = []
    for reason in reasons:
        own = [one for one in card.inputs if one.reason == reason]
        tables = ", ".join(dict.fromkeys(one.table for one in own))
        named = listing((one.words[texts.lang] for one in own), texts)
        rows.append((texts("reasons", reason), counted(len(own)), tables_worded(tables, texts), named))
    headers = tuple(_said(key, texts) for key in ("input_reason", "input_count", "input_tables", "input_names"))
    return Grid(headers=headers, rows=tuple(rows), numbers=frozenset({1}))
