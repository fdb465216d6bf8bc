"""A real panel of spells: the published fixed-effects logit, entries and fall-backs, the hazard of falling back.

Usage: python experiments/teen_poverty.py [--data FILE]

1,151 young women in five yearly waves (NLSY79 extract). The published conditional logit of poverty by statsmodels;
the transitions by the library's spell builder; and, among those whose exit was seen, the hazard of being back in the
next year by the years since exit, alone and adjusted for what is known of the woman.
"""

import argparse
from pathlib import Path

import polars as pl
from statsmodels.discrete.conditional_models import ConditionalLogit

from relapse_risk.labels import fall_back_rates, find_spells, periods_at_risk
from relapse_risk.models import HazardClassifier

DATA = Path(__file__).resolve().parents[2] / "shared" / "data" / "teen_poverty" / "teen_poverty_long.csv"
PUBLISHED = ("mother", "spouse", "inschool", "hours")
KNOWN = (*PUBLISHED, "age", "black")
# Nothing but the data is to speak here: a penalty only so large that the fit is defined.
FREE = 1e-4


def read_panel(path: Path) -> pl.DataFrame:
    """Every woman and wave: unit, period, poor, and what is known of her."""
    return pl.read_csv(path).select(
        *KNOWN,
        unit=pl.col("id").cast(pl.Int64),
        period=pl.col("year").cast(pl.Int64),
        poor=pl.col("pov") == 1,
    )


def published_logit(panel: pl.DataFrame):
    """Fit the conditional logit with dummies of the waves, among women whose state varies."""
    varying = panel.filter(pl.col("poor").n_unique().over("unit") > 1)
    waves = [(pl.col("period") == wave).cast(pl.Float64).alias(f"wave_{wave}") for wave in range(2, 6)]
    design = varying.select(*PUBLISHED, *waves).to_pandas()
    model = ConditionalLogit(varying["poor"].cast(pl.Float64).to_numpy(), design, groups=varying["unit"].to_numpy())
    return model.fit(disp=0, method="newton"), varying


def at_risk_rows(panel: pl.DataFrame) -> pl.DataFrame:
    """Every woman and wave out of poverty whose next wave is known, with the months since her first wave out of it."""
    at_risk = periods_at_risk(find_spells(panel))
    months = ((pl.col("duration") - 1) * 12).alias("since_exit")
    return at_risk.with_columns(months).join(panel, on=["unit", "period"], how="left", maintain_order="left")


def fit_fall_back(rows: pl.DataFrame, columns: tuple[str, ...]) -> HazardClassifier:
    """Fit the hazard of being back a year later."""
    model = HazardClassifier(duration="since_exit", calibration=None, penalty=FREE)
    return model.fit(rows.select("since_exit", *columns), rows["fell"], household=rows["unit"])


def show_logit(panel: pl.DataFrame) -> None:
    fitted, varying = published_logit(panel)
    print(
        f"conditional logit: log likelihood {fitted.llf:.4f}, {varying['unit'].n_unique()} women, {varying.height} rows"
    )
    for name in PUBLISHED:
        print(f"  {name:<9} {fitted.params[name]:8.4f} ({fitted.bse[name]:.4f})")


def show_transitions(at_risk: pl.DataFrame) -> None:
    print(f"entries: {at_risk['fell'].sum()} of {at_risk.height} woman-years out of poverty")
    for wave, there, fell, share in fall_back_rates(at_risk.filter(pl.col("duration") == 1), "period").iter_rows():
        print(f"back the year after an exit seen in wave {wave}: {fell} of {there} ({100 * share:.1f} %)")


def show_hazard(rows: pl.DataFrame) -> None:
    alone, adjusted = fit_fall_back(rows, ()), fit_fall_back(rows, KNOWN)
    print("year since exit | at risk | back | share | hazard (95 %) | with what is known of her (95 %)")
    mean = rows.select(KNOWN).mean()
    for duration, there, fell, share in fall_back_rates(rows, "duration").iter_rows():
        at = mean.select(pl.lit((duration - 1) * 12).alias("since_exit"), *KNOWN)
        figures = [
            f"{100 * model.predict_proba(X)[0, 1]:.1f} ({100 * low:.1f}, {100 * high:.1f})"
            for model, X in ((alone, at.select("since_exit")), (adjusted, at))
            for low, high in model.predict_interval(X, level=0.95)
        ]
        print(f"{duration} | {there} | {fell} | {100 * share:.1f} | {' | '.join(figures)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--data", type=Path, default=DATA)
    panel = read_panel(parser.parse_args().data)
    at_risk = at_risk_rows(panel)
    show_logit(panel)
    show_transitions(at_risk)
    show_hazard(at_risk.filter(pl.col("duration").is_not_null()))


if __name__ == "__main__":
    main()
