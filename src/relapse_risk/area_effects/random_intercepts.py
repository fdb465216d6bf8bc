"""Shrunken intercepts of areas: how far the log-odds of a county and a village lie from what the score says."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import polars as pl
from scipy.stats import chi2
from sklearn.utils import check_consistent_length

from relapse_risk.area_effects.laplace import Curves, NestedAreas, fit_nested
from relapse_risk.metrics import Floats, Ints, checked_scores

__all__ = ["RandomIntercepts", "area_names", "fit_random_intercepts"]

# Stands between the names of a path from the widest level down; no name holds it.
_JOINT = "\x1f"
# A spread has one side only: under none at all, the likelihood ratio is zero half of the time (Self and Liang 1987).
_LEAST_RATIO = float(chi2.ppf(0.9, 1))


@dataclass(frozen=True, kw_only=True)
class RandomIntercepts:
    """What areas add to log-odds, level by level, the widest (county) first.

    Areas are named by their path from the widest level, so that villages of one name in two counties are two.

    Attributes
    ----------
    levels : tuple of Mapping of str to float
        By level, the shift of every area seen, in log-odds.
    errors : tuple of Mapping of str to float
        By level, the posterior standard error of the shifts summed down to the area.
    std_devs : tuple of float
        By level, the standard deviation between areas, in log-odds; exactly zero where none was found.

    Examples
    --------
    >>> shifts = RandomIntercepts(levels=({"Qinghe": 0.5},), errors=({"Qinghe": 0.1},), std_devs=(0.3,))
    >>> shifts.value([["Qinghe"], ["elsewhere"], [""]]).tolist()
    [0.5, 0.0, 0.0]
    >>> shifts.std_error([["Qinghe"], ["elsewhere"], [""]]).tolist()
    [0.1, 0.3, 0.3]
    """

    levels: tuple[Mapping[str, float], ...]
    errors: tuple[Mapping[str, float], ...]
    std_devs: tuple[float, ...]

    def __post_init__(self) -> None:
        if not len(self.levels) == len(self.errors) == len(self.std_devs) > 0:
            raise ValueError("expected shifts, standard errors and a standard deviation for each level of areas")
        if any(shifts.keys() != errors.keys() for shifts, errors in zip(self.levels, self.errors, strict=True)):
            raise ValueError("expected one shift and one standard error for each area")
        if not min(self.std_devs) >= 0 or any(not error >= 0 for errors in self.errors for error in errors.values()):
            raise ValueError("expected standard errors and standard deviations of at least 0")

    def value(self, place: Any) -> Floats:
        """Return the sum of the shifts of each row's areas, shape (n,).

        Parameters
        ----------
        place : array-like of shape (n, levels)
            Names or codes, the widest level first. An area never seen in training, like one that is not known (the
            empty text or none), adds zero.

        Raises
        ------
        ValueError
            For another number of levels than was fitted.
        """
        paths = _paths(place, len(self.levels))
        found = np.zeros(len(paths[0]))
        for path, shifts in zip(paths, self.levels, strict=True):
            found += _looked_up(path, shifts, 0.0)
        return found

    def std_error(self, place: Any) -> Floats:
        """Return the standard error of `value`, shape (n,): one never seen has the standard deviation of its level."""
        paths = _paths(place, len(self.levels))
        variance = np.zeros(len(paths[0]))
        for path, errors, std_dev in zip(paths, self.errors, self.std_devs, strict=True):
            known = _looked_up(path, errors, np.nan)
            variance = np.where(np.isnan(known), variance + std_dev**2, known**2)
        return np.sqrt(variance)

    def redrawn(self, place: Any, n_draws: int, *, seed: int = 0) -> Floats:
        """Return by how much `value` would differ in samples of other households of the areas, shape (n, n_draws).

        Of shifts with the posterior variance e² under one of v between areas, e² (1 - e² / v) is by chance of who was
        drawn; the rest is what shrinking leaves out of every sample alike. An area never seen adds zero in all.
        """
        paths, found = _paths(place, len(self.levels)), np.zeros((len(place), n_draws))
        between, normal = 0.0, np.random.default_rng(seed).standard_normal
        for path, errors, std_dev in zip(paths, self.errors, self.std_devs, strict=True):
            names, between = sorted(errors), between + std_dev**2
            if between == 0 or not names:
                continue
            draws = normal((len(names), n_draws))
            left_out = np.array([errors[name] for name in names]) ** 2
            scale = np.sqrt(np.maximum(left_out * (1 - left_out / between), 0.0))
            at = _looked_up(path, dict(zip(names, range(len(names)), strict=True)), -1.0).astype(np.int64)
            found[at >= 0] = (draws * scale[:, None])[at[at >= 0]]
        return found


def fit_random_intercepts(score: Any, outcome: Any, weight: Any, place: Any) -> RandomIntercepts:
    """Estimate the intercepts of areas from scores of rows that their model did not see.

    The model is logit P = score + constant + intercept of county + intercept of village + …; the intercepts of one
    level come from a normal distribution of mean zero, nested. The constant, which the calibrator provides, fits all
    rows without intercepts; it is estimated first, kept fixed, and not part of what is returned. So intercepts do not
    change the number of events predicted for all rows (for which rare events need intercepts of a mean a little below
    zero), and an area of which little is known is shrunken to the average of the rows, which an area never seen also
    gets. The standard deviations maximise the marginal likelihood in Laplace's approximation (Breslow and Clayton
    1993), which puts them too low rather than too high where areas have few events; intercepts are the modes given
    them. A level whose standard deviation does not raise the likelihood by more than chance (5 %, one-sided) has a
    standard deviation and intercepts of exactly zero.

    Parameters
    ----------
    score : array-like of shape (n,)
        Log-odds, out of fold.
    outcome : array-like of shape (n,)
        0 or 1.
    weight : array-like of shape (n,)
        A weight of 2 is a row given twice: where a household has several rows that are alike, or weights
        stand for households that were not asked, they should be scaled to what the rows are worth.
    place : array-like of shape (n, levels)
        Names or codes of the areas, the widest level first; the empty text or none where not known.

    Raises
    ------
    ValueError
        Where `place` has no second dimension or another length, a score is not finite, an outcome not 0 or 1, a
        weight negative.

    Examples
    --------
    >>> place = [["a"]] * 400 + [["b"]] * 400 + [["c"]] * 400
    >>> fell = ([1] + [0] * 3) * 100 + ([1] + [0] * 9) * 40 + ([1] + [0] * 19) * 20
    >>> shifts = fit_random_intercepts([-2.0] * 1200, fell, [1.0] * 1200, place)
    >>> shifts.value([["a"], ["b"], ["c"], ["d"]]).round(2).tolist()
    [0.76, -0.31, -0.99, 0.0]
    """
    paths = _paths(place, None)
    areas, of_row = _areas(paths)
    scores, outcomes, weights = checked_scores(score, outcome, weight)
    check_consistent_length(scores, of_row)
    curves = Curves.of(scores, outcomes, weights, of_row, len(areas.level))
    used = list(range(len(paths)))
    found = fit_nested(curves, areas, used)
    while used:
        less = {level: fit_nested(curves, areas, [other for other in used if other != level]) for level in used}
        weakest = max(used, key=lambda level: less[level].likelihood)
        if 2 * (found.likelihood - less[weakest].likelihood) > _LEAST_RATIO:
            break
        used.remove(weakest)
        found = less[weakest]
    errors, levels = np.sqrt(found.variance(areas)), areas.by_level()
    return RandomIntercepts(
        levels=tuple({areas.names[area]: float(found.shift[area]) for area in level} for level in levels),
        errors=tuple({areas.names[area]: float(errors[area]) for area in level} for level in levels),
        std_devs=tuple(found.std_devs.tolist()),
    )


def _areas(paths: list[pl.Series]) -> tuple[NestedAreas, Ints]:
    """Return all areas seen, and the narrowest known one of each row."""
    names, level, parent = [""], [np.array([-1])], [np.array([0])]
    of_row = np.zeros(len(paths[0]), dtype=np.int64)
    for number, path in enumerate(paths):
        known = np.flatnonzero((path != "").to_numpy())
        seen = path.to_numpy()[known].astype(np.str_)
        distinct, first, inverse = np.unique(seen, return_index=True, return_inverse=True)
        level.append(np.full(len(distinct), number))
        parent.append(of_row[known[first]])
        of_row[known] = len(names) + inverse
        names.extend(distinct.tolist())
    areas = NestedAreas(
        names=tuple(names), level=np.concatenate(level), parent=np.concatenate(parent), n_levels=len(paths)
    )
    return areas, of_row


def _paths(place: Any, n_levels: int | None) -> list[pl.Series]:
    """Return, level by level, the path of each row's area; the empty text where it is not known."""
    names = area_names(place, n_levels)
    found: list[pl.Series] = []
    path = pl.Series([""]).new_from_index(0, len(names))
    for number, column in enumerate(names.T):
        here = pl.Series(column.tolist(), dtype=pl.String)
        path = path + (_JOINT if number else "") + here
        found.append(pl.select(pl.when(here != "").then(path).otherwise(pl.lit(""))).to_series())
    return found


def area_names(place: Any, n_levels: int | None = None) -> npt.NDArray[np.object_]:
    """Return names or codes of areas as texts, the empty one where not known, shape (n, levels).

    Raises
    ------
    ValueError
        Where `place` has no second dimension or another number of levels.
    """
    names = np.asarray(place, dtype=object)
    if names.ndim != 2 or names.shape[1] == 0 or n_levels not in (None, names.shape[1]):
        wanted = "(n, levels)" if n_levels is None else f"(n, {n_levels})"
        raise ValueError(f"place must have the shape {wanted}, not {names.shape}")
    return np.array([_text(one) for one in names.ravel().tolist()], dtype=object).reshape(names.shape)


def _text(one: Any) -> str:
    """Return a name or code as text; none and not-a-number are not known."""
    return "" if one is None or one != one else str(one)


def _looked_up(path: pl.Series, by_area: Mapping[str, float], default: float) -> Floats:
    figures = path.replace_strict(list(by_area), list(by_area.values()), default=default, return_dtype=pl.Float64)
    return figures.to_numpy()
