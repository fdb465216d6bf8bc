"""Amounts a power of ten off, against peers and against the household's own other entries.

An amount x was either written as it is, or is 10^k times what was meant. How likely either is depends on three things:
how far log10(x), and log10(x) - k, are from what peers of the kind and year and the household's other entries let
expect; where the last digit stands, as a slip moves that too; and whether the very amount recurs among the peers, as
rates of support do. How many amounts are k powers off is estimated with it (empirical Bayes; one minus the certainty is
the local false discovery rate of Efron 2008, Statistical Science 23, 1-22).
"""

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl
from numpy.typing import NDArray

from relapse_risk.audit.anomalies.anomaly_frames import TESTS, Anomaly, flagged_rows, missing, nothing, placed, tests_of
from relapse_risk.audit.anomalies.likelihood import entries_of, likelihoods
from relapse_risk.audit.anomalies.upper_tails import poisson_upper_tail
from relapse_risk.policy import SlipAmounts, SlipLimits

__all__ = ["certainties", "slips"]

RULE = "slipped_by_ten"

_AMOUNTS = (1e-5, 1e11)  # yuan; no unit makes less or more of an amount
_PASSES = 3  # what was found is left out when the others are judged again
_ROUNDS = 20  # of estimating the shares of slips

Array = NDArray[np.float64]


def slips(rows: Mapping[str, pl.DataFrame], settings: SlipLimits) -> list[Anomaly]:
    """Return the amounts that are a power of ten off, by the columns that are looked at."""
    return [_found(rows, entry, settings) for entry in settings.amounts]


def _found(rows: Mapping[str, pl.DataFrame], entry: SlipAmounts, settings: SlipLimits) -> Anomaly:
    table = entry.table
    present = rows[table].columns if table in rows else []
    columns = [name for name in entry.columns if name in present]
    if not columns:
        return nothing(RULE, missing(rows, table, entry.columns) or table)
    frame = placed(rows, table, entry.day).with_columns(_amount(name) for name in columns)
    frame = frame.filter(pl.any_horizontal(pl.col(name).is_not_null() for name in columns))
    kind = [name for name in entry.kind if name in present]
    own = entry.own if set(entry.own) <= {*frame.columns} else []
    frame = _listed(certainties(frame, columns, kind, own, settings), settings.false)
    labels = {"table": table, "column": columns[0] if len(columns) == 1 else "(all amounts)", "rule": RULE}
    return Anomaly(rows=flagged_rows(frame.filter("listed"), **labels), tests=_tests(frame, settings, labels))


def _listed(frame: pl.DataFrame, false: float) -> pl.DataFrame:
    """Mark the surest rows, as many as are expected to hold no more than that share of false ones.

    See Newton et al. 2004, Biostatistics 5, 155-176.
    """
    ranked = frame.select("certainty", pl.int_range(pl.len()).alias("at")).sort("certainty", descending=True)
    expected = (1.0 - pl.col("certainty")).cum_sum() / pl.int_range(1, pl.len() + 1)
    listed = ranked.with_columns(listed=(expected <= false) & (pl.col("certainty") > 0.5)).sort("at")["listed"]
    return frame.with_columns(listed)


def _amount(name: str) -> pl.Expr:
    """Return amounts that can be told by their size; others are null."""
    return pl.when(pl.col(name).is_between(*_AMOUNTS)).then(pl.col(name).cast(pl.Float64)).alias(name)


def certainties(
    frame: pl.DataFrame, columns: Sequence[str], kind: Sequence[str], own: Sequence[str], settings: SlipLimits
) -> pl.DataFrame:
    """Return rows with the certainty that their amounts are a power of ten off, and the power.

    Parameters
    ----------
    frame : pl.DataFrame
        Rows with a year, of which at least one of the amounts is known; all that are known are above zero.
    columns : sequence of str
        Amounts, yuan, that one slip changes together.
    kind, own : sequence of str
        Columns that make peers, and entries of one household or person.
    settings : SlipLimits

    Returns
    -------
    pl.DataFrame
        The rows with ``certainty`` and ``power``: the amounts are 10^power times what was meant.
    """
    if frame.is_empty():
        return frame.with_columns(certainty=pl.lit(0.0), power=pl.lit(0))
    entries = entries_of(frame, columns, kind, own)
    reference = np.full(frame.height, True)
    for _ in range(_PASSES):
        likelihood = likelihoods(entries, reference, [0, *settings.powers], settings.any_form)
        posterior = _posterior(likelihood, settings.share, settings.strength)
        before, reference = reference, posterior.sum(axis=0) < 0.5
        if (before == reference).all():
            break
    power = np.array(settings.powers)[posterior.argmax(axis=0)]
    return frame.with_columns(certainty=pl.Series(posterior.sum(axis=0)), power=pl.Series(power))


def _posterior(likelihood: Array, share: float, strength: float) -> Array:
    """Return how probable each slip is; how many there are of each power by expectation-maximisation."""
    straight, slipped = likelihood[0], likelihood[1:]
    prior = np.full(len(slipped), share / len(slipped))
    shares = prior
    for _ in range(_ROUNDS):
        joint = shares[:, None] * slipped
        posterior: Array = joint / (joint.sum(axis=0) + (1.0 - shares.sum()) * straight)
        shares = (posterior.sum(axis=1) + prior * strength) / (len(straight) + strength)
    return posterior


def _tests(frame: pl.DataFrame, settings: SlipLimits, labels: Mapping[str, str]) -> pl.DataFrame:
    """Return by file and year how many slips there are, and how many of them the spread of the peers would explain."""
    units = frame.group_by(unit="_source", year="year").agg(
        n=pl.len(),
        statistic=pl.col("listed").sum(),
        expected=pl.when("listed").then(1.0 - pl.col("certainty")).otherwise(0.0).clip(lower_bound=0.0).sum(),
    )
    if units.is_empty():
        return TESTS.to_frame()
    chance = poisson_upper_tail(units["statistic"].to_numpy().astype(float), units["expected"].to_numpy())
    return tests_of(units.with_columns(p_value=chance), settings.level, unit_kind="source", **labels)
