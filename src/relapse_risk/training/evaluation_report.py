"""The report of an evaluation: one table, one page, every number with what it is a number of."""

from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.errors import LANGUAGES
from relapse_risk.evaluation.plain import plain
from relapse_risk.evaluation.table import figure_table
from relapse_risk.policy import Texts
from relapse_risk.reports import EvaluationContent, render_evaluation_page

__all__ = ["Report"]


@dataclass(frozen=True, kw_only=True)
class Report(EvaluationContent):
    """What `evaluate` found; see `EvaluationContent` for its parts."""

    @property
    def table(self) -> pl.DataFrame:
        """Every figure: scheme, the columns of `figure_table`, and label, cohort and horizon it holds for."""
        what = {"label": self.label, "cohort": self.cohort, "horizon": self.horizon}
        scheme = pl.lit(self.scheme).alias("scheme")
        return figure_table(self.judgement).select(scheme, pl.all(), *(pl.lit(v).alias(k) for k, v in what.items()))

    def definitions(self, lang: str = "zh") -> str:
        """Return in one sentence what a relapse is and who is at risk here."""
        texts = Texts(lang)
        return texts(
            "evaluation",
            "definitions",
            outcome=texts("outcomes", self.label, months=self.horizon),
            cohort=texts("cohorts", self.cohort),
            months=self.horizon,
        )

    def to_json(self) -> dict[str, Any]:
        """Return plain JSON data, with the definitions in words; what is not a number becomes None."""
        return {**self.summary(), "judgement": self.judgement.to_json()}

    def summary(self) -> dict[str, Any]:
        """Return what was evaluated and what the checks found, as plain JSON data (for ``run.json``)."""
        findings = [
            {**asdict(one), "sentence": {lang: one.sentence(Texts(lang)) for lang in LANGUAGES}}
            for one in self.findings
        ]
        return {
            "verdict": self.judgement.verdict.in_words(),
            "as_trained": self.as_trained,
            "definitions": {lang: self.definitions(lang) for lang in LANGUAGES},
            "scheme": self.scheme,
            "forward": self.forward,
            "label": self.label,
            "cohort": self.cohort,
            "horizon": self.horizon,
            "as_of": [str(day) for day in self.as_of],
            "known_by": str(self.known_by),
            "unreported_share": self.unreported_share,
            "trials": self.trials,
            "untested": self.untested,
            "weighted": self.weighted,
            "clusters": self.clusters,
            "protected": [dict(one) for one in self.protected],
            "remarks": [{"code": code, **details} for code, details in self.remarks],
            "findings": plain(findings),
        }

    def to_html(self, path: str | Path, lang: str = "zh") -> None:
        """Write the page: one file, nothing fetched, no household in it."""
        Path(path).write_text(render_evaluation_page(self, lang=lang), encoding="utf-8")

    def write(self, folder: str | Path, lang: str = "zh") -> None:
        """Write ``evaluation.parquet`` (the table) and ``evaluation.html`` to a folder."""
        place = Path(folder)
        place.mkdir(parents=True, exist_ok=True)
        self.table.write_parquet(place / "evaluation.parquet")
        self.to_html(place / "evaluation.html", lang)
