"""The roster: every household's risk, those to visit, and the files they are handed on in."""

from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from relapse_risk.databases import append_run
from relapse_risk.monitoring import Drift
from relapse_risk.reports import Remark, RosterReport, render_page, write_household_table, write_workbook

__all__ = ["Roster"]


@dataclass(frozen=True, kw_only=True, eq=False)
class Roster:
    """What `score` found.

    Attributes
    ----------
    content : RosterReport
        Everything that workbook and page say.
    split_by : str or None
        The level the workbook is split by.
    drift : Drift or None
        How the households at risk differ from those the model was trained on; None where nothing was trained.
    """

    content: RosterReport
    split_by: str | None = None
    drift: Drift | None = None

    @property
    def frame(self) -> pl.DataFrame:
        """Every household known on the day, exactly once, in the order of their codes (``risk.parquet``).

        household_id, as_of, population (``at_risk``, ``rule_only``, ``not_scored``), stale, probability, lower,
        upper, tier (what is demanded), rank, tier_model (by the model and the capacity alone), listed_again (the share
        of equally good trainings on other households that would list it, by the model alone; null where the model does
        not say), override (the hard rules met, joined by ``+``), listed_for (``model``, ``rule`` where only a rule
        lists it), visit_for (what it is visited for this month: ``model``, ``rule``, ``revisit``, ``endline``,
        ``random``), waiting_for (the same but ``random``: the capacity does not reach it), waiting_since (since then
        every month), reason_1
        to reason_3 (codes), reason_text, ``contribution_<reason>`` and contribution_base (log-odds: base +
        contributions = logit of the probability), exclusion_reason (a code where it is not at risk). Households not at
        risk have nulls but for what rules and open alerts say.
        """
        return self.content.risk

    @property
    def listed(self) -> pl.DataFrame:
        """The rows of `frame` that are listed: the most urgent tier first, in it by rank, those without a rank last."""
        return self.content.listed

    @property
    def areas(self) -> pl.DataFrame:
        """Every area from the group to the prefecture, see `alerts.assess_areas` (``areas.parquet``).

        The bounds of the 90 % prediction interval of relapses are null where the bundle does not know what villages
        have in common (`Bundle.shocks`).
        """
        return self.content.areas

    @property
    def curve(self) -> pl.DataFrame | None:
        """Relapses expected by the number of visits, see `alerts.visit_curve` (``capacity.parquet``).

        None where the rule alone scores: its probabilities are assumed.
        """
        return self.content.curve

    @property
    def forecast(self) -> bool:
        """Whether the scores are a forecast: no outcome the model was trained on lies after the day."""
        return not any(code == "not_forecast" for code, _ in self.remarks)

    @property
    def remarks(self) -> tuple[Remark, ...]:
        """What a reader must know before using it: codes and details, worded by ``reports.remark_text``."""
        return self.content.remarks

    @property
    def summary(self) -> dict[str, Any]:
        """The counts of this roster, as JSON data (for ``run.json``)."""
        content = self.content
        populations = dict(content.risk.group_by("population").len().rows())
        tiers = dict(content.listed.group_by("tier").len().rows())
        return {
            "as_of": str(content.as_of),
            "horizon": content.model.horizon,
            "forecast": self.forecast,
            "households": content.risk.height,
            **{name: populations.get(name, 0) for name in ("at_risk", "rule_only", "not_scored")},
            "stale": int(content.at_risk["stale"].sum()),
            "capacity": content.capacity,
            "sharing": content.shared.summary,
            "listed": content.listed.height,
            "listed_by_risk": content.by_risk.height,
            "listed_by_rule": content.by_rule.height,
            "waiting": content.plan.waiting,
            "plan": content.plan.summary,
            **{name: tiers.get(name, 0) for name in ("red", "orange", "yellow")},
            "expected_overlap": content.shared.overlap,
            "expected_relapses": content.expected,
            "expected_relapses_in_past_years": None if content.past_range is None else list(content.past_range),
            "expected_relapses_listed": content.expected_listed,
            "drift": self.drift and self.drift.summary,
            "rules": content.rules.drop("zh", "en").to_dicts(),
            "bundle": content.model.digest,
            "origin": content.model.origin,
            "trained_through": content.model.trained_through and str(content.model.trained_through),
            "remarks": [{"code": code, **_plain(details)} for code, details in self.remarks],
        }

    def __repr__(self) -> str:
        """Say how much there is; never of whom."""
        summary = self.summary
        return (
            f"Roster(as of {summary['as_of']}, {summary['at_risk']} of {summary['households']} at risk, "
            f"{summary['listed_by_risk']} listed by risk, {summary['listed_by_rule']} by rule)"
        )

    def to_excel(
        self,
        path: str | Path,
        *,
        lang: str = "zh",
        carried: pl.DataFrame | None = None,
        accounts: pl.DataFrame | None = None,
    ) -> None:
        """Write the listed households as a workbook to be printed and filled in.

        Parameters
        ----------
        path : str or Path
        lang : {"zh", "en"}
        carried : pl.DataFrame, optional
            household_id and identifying columns to print (``Intake.carried``); they go nowhere else.
        accounts : pl.DataFrame, optional
            What became of every row that was read (``Intake.accounts``).

        Raises
        ------
        InputError
            If more households are listed than a sheet holds (``roster_too_long``).
        """
        write_workbook(self.content, path, lang=lang, carried=carried, split_by=self.split_by, accounts=accounts)

    def to_html(self, path: str | Path, *, lang: str = "zh", accounts: pl.DataFrame | None = None) -> None:
        """Write the page: totals only, in one file that needs nothing else. Parameters as `to_excel`."""
        Path(path).write_text(render_page(self.content, lang=lang, accounts=accounts), encoding="utf-8")

    def to_table(self, path: str | Path, *, lang: str = "zh", carried: pl.DataFrame | None = None) -> None:
        """Write every household in an office's words, as ``.xlsx``, ``.csv`` or ``.parquet`` by the suffix.

        Parameters as `to_excel`; what is written, see `reports.write_household_table`.

        Raises
        ------
        InputError
            If it is to be another kind of file (``table_kind``), or there are more households than a sheet holds
            (``table_too_long``).
        """
        write_household_table(self.content, path, lang=lang, carried=carried)

    def append_to(self, url: str, *, table: str = "risk", run_id: str | None = None) -> None:
        """Append every household to a table of a database, in one transaction.

        Parameters
        ----------
        url : str
            ``duckdb:///file.db`` or ``postgresql://user@host/database``.
        table : str
            Made where there is none: the columns of `frame` (``as_of`` among them), and before them ``run_id`` and
            ``bundle``, the digest of what scored.
        run_id : str, optional
            By default `run_id`: the same bundle on the same day. A run that is in the table is refused.

        Raises
        ------
        InputError
            As `relapse_risk.databases.append_run`.
        """
        frame = self.frame.select(pl.lit(self.content.model.digest, dtype=pl.String).alias("bundle"), pl.all())
        append_run(url, table, frame, run_id or self.run_id)

    @property
    def run_id(self) -> str:
        """What the run is called in tables where nobody names it: its day and what scored."""
        return f"{self.content.as_of}-{(self.content.model.digest or 'rule')[:12]}"

    def write(
        self,
        folder: str | Path,
        *,
        lang: str = "zh",
        carried: pl.DataFrame | None = None,
        accounts: pl.DataFrame | None = None,
        tables: Collection[str] = (),
    ) -> None:
        """Write ``risk.parquet``, ``areas.parquet``, ``capacity.parquet`` (if there is a curve) and the two reports.

        Parameters as `to_excel`, and `tables`: kinds of file (``xlsx``, ``csv``, ``parquet``) as which every household
        is written, too (``households.xlsx`` …).
        """
        folder = Path(folder)
        folder.mkdir(parents=True, exist_ok=True)
        for kind in tables:  # first: what does not fit is refused before anything is written
            self.to_table(folder / f"households.{kind}", lang=lang, carried=carried)
        self.frame.write_parquet(folder / "risk.parquet")
        self.areas.write_parquet(folder / "areas.parquet")
        if self.curve is not None:
            self.curve.write_parquet(folder / "capacity.parquet")
        self.to_excel(folder / "roster.xlsx", lang=lang, carried=carried, accounts=accounts)
        self.to_html(folder / "report.html", lang=lang, accounts=accounts)


def _plain(details: Any) -> dict[str, Any]:
    return {
        name: list(value) if isinstance(value, tuple) else value if isinstance(value, int | float) else str(value)
        for name, value in details.items()
    }
