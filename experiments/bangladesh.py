"""Vulnerability on the Bangladesh household panel, compared with its three regressions done in statsmodels.

Usage: python experiments/bangladesh.py [FOLDER]

FOLDER holds hh_9198.dta (World Bank, Handbook on Impact Evaluation); by default in `shared` next to the project.
"""

import sys
import warnings
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.stats import norm
from statsmodels.regression.linear_model import OLS, WLS

from relapse_risk.errors import RelapseRiskWarning
from relapse_risk.metrics import auc
from relapse_risk.models import Fgls, fit_fgls, fit_fgls_panel

FOLDER = Path(__file__).resolve().parents[2] / "shared" / "data" / "bangladesh"
FLOOR = 0.1


def read(folder: Path) -> pd.DataFrame:
    """Return both waves, households in one order, with log expenditure per head and characteristics."""
    frame = pd.read_stata(folder / "hh_9198.dta").astype(float).sort_values(["year", "nh"], ignore_index=True)
    return frame.assign(
        log_spending=np.log(frame["exptot"]),
        ones=1.0,
        log_land=np.log(frame["hhland"]),
        log_assets=np.log(frame["hhasset"]),
    )


CHARACTERISTICS = ["ones", "agehead", "sexhead", "educhead", "famsize", "log_land", "log_assets", "dmmfd", "dfmfd"]


def by_hand(X: np.ndarray, y: np.ndarray, log_line: float, *, floor: float | None) -> dict[str, np.ndarray]:
    """Return the three regressions with nothing but statsmodels; with `floor` None without a floor."""
    squares = OLS(y, X).fit().resid ** 2
    least = -np.inf if floor is None else floor * squares.mean()
    fitted = np.maximum(OLS(squares, X).fit().fittedvalues, least)
    second = WLS(squares, X, weights=1 / fitted**2).fit()
    variance = np.maximum(X @ second.params, least)
    third = WLS(y, X, weights=1 / variance).fit()
    return {
        "theta": second.params,
        "theta_covariance": second.cov_params(),
        "beta": third.params,
        "beta_covariance": third.cov_params(),
        "probability": norm.cdf((log_line - X @ third.params) / np.sqrt(variance)),
    }


def furthest(found: Fgls, X: np.ndarray, log_line: float, hand: dict[str, np.ndarray]) -> float:
    """Return the largest difference of any coefficient, covariance or probability."""
    own = {name: getattr(found, name) for name in hand if name != "probability"}
    own["probability"] = found.probability(X, log_line)
    return max(float(np.abs(own[name] - hand[name]).max()) for name in hand)


def head(*names: str) -> None:
    print(f"| {' | '.join(names)} |\n|{' --- |' * len(names)}")


def main() -> None:
    frame = read(Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER)
    X, y = frame[CHARACTERISTICS].to_numpy(), frame["log_spending"].to_numpy()
    first, second = (np.flatnonzero(frame["year"] == wave) for wave in (0, 1))
    line = float(frame["exptot"][first].quantile(0.4))
    above = y[first] >= np.log(line)
    fell = above & (y[second] < np.log(line))
    print(f"line {line:.1f} taka: {above.sum()} above it in 1991, {fell.sum()} of them below it in 1998\n")

    warnings.simplefilter("ignore", RelapseRiskWarning)
    fits = {
        "1991": (first, y[first], fit_fgls(X[first], y[first])),
        "1998": (second, y[second], fit_fgls(X[second], y[second])),
        "1991 to 1998": (first, y[second], fit_fgls_panel(X, y, frame["nh"], frame["year"])),
    }
    compared = ("largest difference from statsmodels", "without a floor")
    head("fitted on", "rows", "at the floor, step 2 and 3", *compared, "vulnerable", "mean", "below")
    for name, (rows, target, found) in fits.items():
        risk = found.probability(X[rows], np.log(line))
        floored = f"{found.floored_in_step_2} and {found.floored}"
        far = furthest(found, X[rows], np.log(line), by_hand(X[rows], target, np.log(line), floor=FLOOR))
        plain = "-"  # variances may be negative: there is no third step
        if found.floored_in_step_2 == found.floored == 0:
            plain = f"{furthest(found, X[rows], np.log(line), by_hand(X[rows], target, np.log(line), floor=None)):.0e}"
        print(
            f"| {name} | {len(rows)} | {floored} | {far:.0e} | {plain} | {(risk > 0.5).sum()} | {risk.mean():.3f} "
            f"| {(target < np.log(line)).mean():.3f} |"
        )

    print()
    head("of those above the line in 1991, by", "vulnerable", "of them fell", "AUC", "mean risk", "mean standard error")
    for name in ("1991", "1991 to 1998"):
        found = fits[name][2]
        risk = found.probability(X[first][above], np.log(line))
        error = found.standard_error(X[first][above], np.log(line)).mean()
        listed = risk > 0.5
        print(
            f"| {name} | {listed.sum()} | {fell[above][listed].sum()} | {auc(fell[above].astype(float), risk):.3f} "
            f"| {risk.mean():.3f} | {error:.3f} |"
        )
    spent = auc(fell[above].astype(float), np.exp(np.log(line) - y[first][above]))
    print(f"\nSpending in 1991 alone: AUC {spent:.3f}; fell: {fell[above].mean():.3f}")


if __name__ == "__main__":
    main()
