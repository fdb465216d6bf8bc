"""The plain verdict on a model: what its list finds, and which other models are better on what."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import isfinite, isnan
from typing import Self

from relapse_risk.errors import LANGUAGES
from relapse_risk.metrics import Interval
from relapse_risk.policy import Texts

__all__ = ["RivalVerdict", "Verdict"]

_HIGHER_IS_BETTER = ("auc",)


@dataclass(frozen=True, kw_only=True)
class RivalVerdict:
    """One model that the default one is compared with.

    Attributes
    ----------
    name : str
    found : Interval
        Share of the relapses that its list finds.
    more : Interval
        That share minus the default model's, paired.
    better_on, worse_on : tuple of str
        The figures on which its paired interval says that it is better, or worse.
    """

    name: str
    found: Interval
    more: Interval
    better_on: tuple[str, ...]
    worse_on: tuple[str, ...]


@dataclass(frozen=True, kw_only=True)
class Verdict:
    """What the list of a model finds, and which others are better.

    Attributes
    ----------
    name : str
        Of the default model.
    found : Interval
        Share of the relapses that are found where `capacity_share` of each day's households are visited; not a number
        where nobody relapsed.
    rivals : tuple of RivalVerdict
        Those whose list finds most first.
    capacity_share : float
    level : float
        Of the intervals.
    """

    name: str
    found: Interval
    rivals: tuple[RivalVerdict, ...]
    capacity_share: float
    level: float

    @classmethod
    def of(
        cls,
        missed: Mapping[str, Interval],
        over_default: Mapping[str, Mapping[str, Interval]],
        *,
        capacity_share: float,
        level: float,
    ) -> Self:
        r"""Return the verdict on the first of some models.

        Parameters
        ----------
        missed : Mapping of str to Interval
            The exclusion error of each model's list; the default model first.
        over_default : Mapping of str to Mapping of str to Interval
            By model and figure (``exclusion_error`` among them), the paired difference to the default model.

        Examples
        --------
        >>> missed = {"reason_additive": Interval(estimate=0.83, lower=0.75, upper=0.9),
        ...           "logistic": Interval(estimate=0.75, lower=0.65, upper=0.85)}
        >>> less = {"exclusion_error": Interval(estimate=-0.08, lower=-0.15, upper=-0.01)}
        >>> found = Verdict.of(missed, {"reason_additive": {}, "logistic": less}, capacity_share=0.05, level=0.95)
        >>> print(*found.sentences(Texts("en")), sep="\n")
        Visiting the 5% at highest risk finds about 17% of those who relapse (95% interval 10% to 25%) and misses 83%.
        The model "logistic" finds 25% (15% to 35%): 8 points more (+1 to +15), more than chance explains.
        "logistic" is better than this model on the share of relapses its list finds, by more than chance.
        """
        default, *others = missed
        rivals = [_rival(name, missed[name], over_default[name]) for name in others]
        return cls(
            name=default,
            found=_found(missed[default]),
            rivals=tuple(sorted(rivals, key=lambda one: -one.found.estimate if isfinite(one.found.estimate) else 1.0)),
            capacity_share=capacity_share,
            level=level,
        )

    def sentences(self, texts: Texts) -> tuple[str, ...]:
        """Return the verdict in a few sentences: what is found and missed, the best rival's list, who is better."""
        return tuple(self._sentences(texts))

    def in_words(self) -> dict[str, list[str]]:
        """Return the sentences by language, as plain JSON data."""
        return {lang: list(self.sentences(Texts(lang))) for lang in LANGUAGES}

    def _sentences(self, texts: Texts) -> Iterator[str]:
        if isnan(self.found.estimate):
            yield texts("verdict", "nobody")
            return
        yield texts(
            "verdict",
            "found_alone" if isnan(self.found.lower) else "found",
            share=self.capacity_share,
            level=self.level,
            missed=1 - self.found.estimate,
            **_bounds(self.found),
        )
        if self.rivals:
            yield self._best_rival(self.rivals[0], texts)
            yield from self._better(texts)

    def _best_rival(self, rival: RivalVerdict, texts: Texts) -> str:
        key = "rival_less" if rival.more.estimate <= 0 else "rival_more" if rival.more.lower > 0 else "rival_perhaps"
        key = "rival_alone" if isnan(rival.more.lower) else key
        points = {f"more_{name}": 100 * value for name, value in _bounds(rival.more).items()}
        return texts("verdict", key, model=_word(rival, texts), **points, **_bounds(rival.found))

    def _better(self, texts: Texts) -> Iterator[str]:
        better = [rival for rival in self.rivals if rival.better_on]
        for rival in better:
            figures = texts("facts", "list_separator").join(texts("verdict_figures", one) for one in rival.better_on)
            yield texts("verdict", "better", model=_word(rival, texts), figures=figures)
        if not better:
            yield texts("verdict", "none_better", level=self.level)


def _rival(name: str, missed: Interval, over: Mapping[str, Interval]) -> RivalVerdict:
    gains = {figure: found if figure in _HIGHER_IS_BETTER else _turned(found) for figure, found in over.items()}
    return RivalVerdict(
        name=name,
        found=_found(missed),
        more=gains["exclusion_error"],
        better_on=tuple(figure for figure, gain in gains.items() if gain.lower > 0),
        worse_on=tuple(figure for figure, gain in gains.items() if gain.upper < 0),
    )


def _turned(found: Interval) -> Interval:
    return Interval(estimate=-found.estimate, lower=-found.upper, upper=-found.lower)


def _found(missed: Interval) -> Interval:
    return Interval(estimate=1 - missed.estimate, lower=1 - missed.upper, upper=1 - missed.lower)


def _bounds(found: Interval) -> dict[str, float]:
    return {"estimate": found.estimate, "lower": found.lower, "upper": found.upper}


def _word(rival: RivalVerdict, texts: Texts) -> str:
    return texts.label("cli", f"model_{rival.name}").removeprefix("model_")
