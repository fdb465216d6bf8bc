"""Rows held out from fitting, and what was predicted of them: planned in one place for training and for evaluation."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Self

import numpy as np
import numpy.typing as npt
import polars as pl

from relapse_risk.errors import InputError
from relapse_risk.evaluation import EvaluationFolds, Predictions, Scheme, plan_scheme
from relapse_risk.metrics import cluster_ids
from relapse_risk.training.sample import GROUPS, MOST_TO_COME, TrainingRows

__all__ = ["LEAST_HOUSEHOLDS", "HeldOut"]

Floats = npt.NDArray[np.float64]
Texts = npt.NDArray[np.str_]

LEAST_HOUSEHOLDS = 5
"""Groups of fewer households are not told of, so that no figure points at a household."""


@dataclass(frozen=True, kw_only=True, eq=False)
class HeldOut:
    """The trials over a sample, and who its rows are.

    Attributes
    ----------
    material : TrainingRows
    folds : EvaluationFolds
    """

    material: TrainingRows
    folds: EvaluationFolds

    @classmethod
    def of(cls, material: TrainingRows, *, scheme: Scheme = "auto", seed: int = 0) -> Self:
        """Return the trials of a scheme; see `plan_scheme`."""
        sample, who = material.sample, material.who
        folds = plan_scheme(
            scheme,
            household=sample.household,
            time=sample.time,
            outcome=sample.relapsed,
            known_then=material.known_then,
            county=_texts(who, "county"),
            village=_texts(who, "village"),
            seed=seed,
        )
        return cls(material=material, folds=folds)

    @property
    def who(self) -> pl.DataFrame:
        """Who the rows are, see `TrainingRows.who`."""
        return self.material.who

    @property
    def clusters(self) -> str:
        """What a bootstrap draws whole: ``village`` where they are known, else ``household``."""
        villages = self.who["village"].unique()
        return "village" if (villages != "").sum() > 1 else "household"

    @property
    def weighted(self) -> bool:
        """Whether households have a weight (a survey's)."""
        return bool(self.who["weight"].is_not_null().any())

    def predictions(
        self, risks: Mapping[str, Floats], fell_after: Floats | None = None, stands_for: Floats | None = None
    ) -> Predictions:
        """Return what was predicted of the rows that were tested, and what became of these.

        Parameters
        ----------
        risks : Mapping of str to ndarray of shape (n,)
            Probabilities of all rows by model, from `predict_tested`.
        fell_after : ndarray of shape (n,), optional
            Months to the relapse, where known.
        stands_for : ndarray of shape (n,), optional
            How many households each row stands for, besides its weight.

        Raises
        ------
        InputError
            If no tested household has a positive weight (``weights_none``).
        """
        sample = self.material.sample
        tested, weight = np.sort(np.concatenate([trial.test for trial in self.folds.trials])), self._weights()
        for counts in (sample.stands_for(sample.relapsed), stands_for):
            if counts is not None:
                tested, weight = tested[counts[tested] > 0], weight * counts
        if not weight[tested].sum() > 0:
            raise InputError("weights_none")
        homes, after = sample.household[tested], np.full(len(weight), np.nan) if fell_after is None else fell_after
        village = _texts(self.who, "village") if self.clusters == "village" else np.full(len(weight), "")
        return Predictions(
            outcome=sample.relapsed[tested],
            weight=weight[tested],
            household=homes,
            day=sample.day[tested],
            cluster=cluster_ids(village, sample.household)[tested],
            risks={name: risk[tested] for name, risk in risks.items()},
            groups={name: _large_enough(_texts(self.who, name)[tested], homes) for name in GROUPS},
            to_come=self._to_come()[tested],
            fell_after=after[tested],
        )

    def _to_come(self) -> Floats:
        """Return the share of the relapses of each row's day that are not entered when the evaluation is made."""
        shares = self.material.labels.days.select("as_of", "unreported_share")
        rows = self.material.sample.frame.select("as_of").join(shares, on="as_of", how="left", maintain_order="left")
        return rows["unreported_share"].fill_nan(None).fill_null(0.0).clip(0.0, MOST_TO_COME).to_numpy()

    def _weights(self) -> Floats:
        """Return each row's weight; the mean of the others where it is not known, 1 where none is."""
        mean = self.who["weight"].mean()
        return self.who["weight"].fill_null(1.0 if mean is None else mean).to_numpy()


def _texts(who: pl.DataFrame, name: str) -> Texts:
    return who[name].to_numpy().astype(np.str_)


def _large_enough(group: Texts, household: Any) -> Texts:
    """Return groups without those of so few households that a figure would point at one."""
    counts = pl.DataFrame({"group": group, "home": household}).group_by("group").agg(pl.col("home").n_unique())
    small = counts.filter(pl.col("home") < LEAST_HOUSEHOLDS)["group"].to_list()
    return np.where(np.isin(group, small), "", group)
