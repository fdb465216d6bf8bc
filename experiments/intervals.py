"""How often the stated 90 % interval covers the true probability, on simulated truths.

Usage: python experiments/intervals.py

Ten columns in two reasons; outcomes simulated from a risk that is linear, curved, interacting or stepwise in them;
the intervals of 4,000 new households compared with their true risk.
"""

import numpy as np
from scipy.special import expit

from relapse_risk.models import ReasonAdditiveClassifier

SIZES, SEEDS, NEW = (2000, 8000), (0, 1, 2), 4000
REASONS = {f"x{i}": "first" if i < 5 else "second" for i in range(10)}
TRUTHS = {
    "linear": lambda X: -2.5 + X[:, 0] - 0.5 * X[:, 1] + 0.3 * X[:, 2],
    "curved": lambda X: -2.5 + 1.5 * np.sin(2 * X[:, 0]) + 0.7 * np.abs(X[:, 1]),
    "interacting": lambda X: -2.5 + 1.2 * X[:, 0] * (X[:, 1] > 0) + 0.5 * X[:, 2],
    "stepwise": lambda X: -2.5 + (X[:, 0] > 0.3) - 1.2 * (X[:, 1] > -0.5) + 0.8 * (X[:, 2] * X[:, 3] > 0),
}


def coverage(name: str, n: int, seed: int) -> tuple[float, float, float]:
    """Shares of all new households and of the riskiest tenth whose interval covers the truth, and its mean width."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 10))
    y = random.logistic(size=n) < TRUTHS[name](X)
    model = ReasonAdditiveClassifier(REASONS, random_state=seed).fit(X, y)
    new = random.normal(size=(NEW, 10))
    risk, bounds = expit(TRUTHS[name](new)), model.predict_interval(new, level=0.9)
    inside = (bounds[:, 0] <= risk) & (risk <= bounds[:, 1])
    return inside.mean(), inside[risk > np.quantile(risk, 0.9)].mean(), np.ptp(bounds, axis=1).mean()


def main() -> None:
    print("| truth | rows | covered, by seed | of the riskiest tenth | mean width |\n| --- | --- | --- | --- | --- |")
    for name in TRUTHS:
        for n in SIZES:
            every, top, width = zip(*(coverage(name, n, seed) for seed in SEEDS), strict=True)
            shown = (", ".join(f"{share:.2f}" for share in shares) for shares in (every, top))
            print(f"| {name} | {n:,} | {' | '.join(shown)} | {np.mean(width):.3f} |", flush=True)


if __name__ == "__main__":
    main()
