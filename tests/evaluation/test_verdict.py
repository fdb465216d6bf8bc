"""The plain verdict: what a list finds, what it misses, and who is better, without euphemism."""

from math import nan

import pytest

from relapse_risk.evaluation import Verdict
from relapse_risk.metrics import Interval
from relapse_risk.policy import Texts


def _of(estimate, lower, upper):
    return Interval(estimate=estimate, lower=lower, upper=upper)


SAME = _of(0.0, -0.1, 0.1)
MISSED = _of(0.83, 0.72, 0.91)


def _verdict(missed=MISSED, **rivals):
    """Return the verdict beside rivals: the share missed, and paired differences by figure."""
    everybody = {"reason_additive": missed} | {name: share for name, (share, _) in rivals.items()}
    over = {"reason_additive": {}} | {name: {"exclusion_error": SAME} | over for name, (_, over) in rivals.items()}
    return Verdict.of(everybody, over, capacity_share=0.05, level=0.95)


def _said(verdict, lang="en"):
    return verdict.sentences(Texts(lang))


def test_the_first_sentence_says_what_is_found_and_missed_in_both_languages():
    verdict = _verdict()
    (english,) = _said(verdict)
    (chinese,) = _said(verdict, "zh")
    for sentence in (english, chinese):
        assert all(figure in sentence for figure in ("5%", "17%", "9%", "28%", "83%"))
    assert "misses 83%" in english
    assert "漏掉 83%" in chinese
    assert verdict.in_words() == {"zh": [chinese], "en": [english]}


@pytest.mark.parametrize(
    ("less_missed", "words", "chinese"),
    [
        (_of(-0.08, -0.15, -0.01), "more than chance explains", "不是偶然"),
        (_of(-0.08, -0.19, 0.03), "which may be chance", "也可能是偶然"),
    ],
)
def test_a_rival_whose_list_finds_more_is_named_with_its_share(less_missed, words, chinese):
    verdict = _verdict(
        income=(_of(0.9, 0.8, 0.95), {}), logistic=(_of(0.75, 0.6, 0.9), {"exclusion_error": less_missed})
    )
    _, rival, better = _said(verdict)
    assert all(part in rival for part in ("logistic", "25%", "10% to 40%", "8 points more", words))
    assert chinese in _said(verdict, "zh")[1]
    assert better.startswith('"logistic" is better') == (less_missed.upper < 0)


def test_every_rival_better_on_something_is_told_and_on_what():
    higher, lower = _of(0.02, 0.01, 0.03), _of(-0.02, -0.03, -0.01)
    verdict = _verdict(
        logistic=(MISSED, {"auc": higher, "log_loss": SAME}),
        lightgbm=(MISSED, {"auc": lower, "log_loss": lower, "brier": lower}),
        income=(MISSED, {"auc": lower, "log_loss": higher}),
    )
    said = _said(verdict)
    assert '"logistic" is better than this model on ranking (AUC), by more than chance.' in said
    assert '"LightGBM" is better than this model on log loss, Brier score, by more than chance.' in said
    assert not any('"income alone" is better' in sentence for sentence in said)
    assert {one.name: one.worse_on for one in verdict.rivals}["income"] == ("auc", "log_loss")


def test_where_nobody_is_better_that_is_said_too():
    *_, last = _said(_verdict(logistic=(_of(0.9, 0.8, 0.95), {"exclusion_error": _of(0.07, 0.01, 0.12)})))
    assert last.startswith("No other model is better")


def test_without_relapses_or_intervals_nothing_is_made_up():
    (sentence,) = _said(
        _verdict(_of(nan, nan, nan), logistic=(_of(nan, nan, nan), {"exclusion_error": _of(nan, nan, nan)}))
    )
    assert "cannot be said" in sentence
    alone = _verdict(_of(0.8, nan, nan), logistic=(_of(0.7, nan, nan), {"exclusion_error": _of(-0.1, nan, nan)}))
    for lang in ("zh", "en"):
        said = _said(alone, lang)
        assert not any("nan" in one for one in said)
        assert "20%" in said[0]
        assert "30%" in said[1]
