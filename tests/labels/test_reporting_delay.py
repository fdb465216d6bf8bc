"""How many entries are still to come."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.labels import label_relapse, reporting_delay_cdf, unreported_error, unreported_share
from tests.labels.small_registers import home, register, relapse

TODAY = date(2020, 12, 31)


def test_without_truncation_it_is_the_share_of_the_entries():
    lag = np.array([0, 1, 1, 3, 8])
    assert reporting_delay_cdf(lag, np.full(5, 100))[:10].tolist() == pytest.approx(
        [0.2, 0.6, 0.6, 0.8, 0.8, 0.8, 0.8, 0.8, 1, 1]
    )


def test_recent_events_do_not_make_lags_look_short():
    # Half of all events are entered at once and half after ten days; of the recent ones only the former are seen.
    lag = np.array([0, 10] * 50 + [0] * 200)
    age = np.array([30] * 100 + [3] * 200)
    assert reporting_delay_cdf(lag, age)[0] == pytest.approx(0.5)


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40)), min_size=1, max_size=60))
def test_the_share_entered_grows_with_age_to_one(drawn):
    lag = np.array([late for late, _ in drawn])
    share = reporting_delay_cdf(lag, lag + np.array([more for _, more in drawn]))
    assert (np.diff(share) >= -1e-12).all()
    assert share[0] >= 0
    assert share[lag.max() :].tolist() == pytest.approx([1.0] * (share.size - lag.max()))


def simulated(mean_lag, seed=0, count=60_000):
    """Return what is known today of events spread evenly over four years, and how many of the last year are not."""
    rng = np.random.default_rng(seed)
    ago = rng.integers(0, 4 * 365, count)
    lag = np.floor(rng.gamma(1.6, mean_lag / 1.6, count)).astype(int)
    seen = lag <= ago
    entries = pl.DataFrame({"ago": ago[seen], "lag": lag[seen]}).select(
        happened_on=pl.lit(TODAY) - pl.duration(days="ago"),
        entered_on=pl.lit(TODAY) - pl.duration(days="ago") + pl.duration(days="lag"),
    )
    return entries, float((~seen)[ago < 365].mean())


@pytest.mark.parametrize("mean_lag", [5, 30, 120])
def test_it_finds_the_share_still_to_come(mean_lag):
    entries, missing = simulated(mean_lag)
    found = unreported_share(entries, TODAY - timedelta(days=365), TODAY, TODAY)
    assert found == pytest.approx(missing, abs=0.01)


YEAR = (TODAY - timedelta(days=365), TODAY, TODAY)


def test_past_nowcasts_that_were_right_leave_little_doubt():
    entries, _ = simulated(60)
    share = unreported_share(entries, *YEAR)
    assert 0 < unreported_error(entries, *YEAR) < -np.log1p(-share) / 2


def test_past_nowcasts_that_were_wrong_leave_much():
    # In the last year entries come after 90 days in place of 10: the nowcasts of before did not expect that.
    ago = np.arange(4 * 365)
    lag = np.where(ago < 365, 90, 10)
    changed = pl.DataFrame({"ago": ago, "lag": lag}).filter(pl.col("lag") <= pl.col("ago"))
    steady = pl.DataFrame({"ago": ago, "lag": np.full(ago.size, 90)}).filter(pl.col("lag") <= pl.col("ago"))
    errors = [unreported_error(dated(rows), *YEAR) for rows in (steady, changed)]
    assert errors[1] > 1.3 * errors[0] > 0


def test_without_past_nowcasts_all_that_is_to_come_is_in_doubt():
    entries = dated(pl.DataFrame({"ago": [40, 60, 200], "lag": [0, 50, 0]}))
    share = unreported_share(entries, *YEAR)
    assert unreported_error(entries, *YEAR) == pytest.approx(-np.log1p(-share))


def test_nothing_to_come_leaves_no_doubt():
    entries, _ = simulated(5)
    assert unreported_error(entries, TODAY - timedelta(days=900), TODAY - timedelta(days=535), TODAY) == 0.0


@given(st.lists(st.tuples(st.integers(0, 1400), st.integers(0, 300)), max_size=40))
def test_the_doubt_is_a_number_and_what_is_entered_later_does_not_change_it(drawn):
    rows = [{"ago": ago, "lag": lag} for ago, lag in drawn]
    known = dated(pl.DataFrame([row for row in rows if row["lag"] <= row["ago"]], schema=_DRAWN))
    later = dated(pl.DataFrame(rows, schema=_DRAWN))
    error = unreported_error(known, *YEAR)
    assert 0 <= error < np.inf
    assert unreported_error(later, *YEAR) == error


_DRAWN = {"ago": pl.Int64, "lag": pl.Int64}


def dated(rows):
    happened = pl.lit(TODAY) - pl.duration(days="ago")
    return rows.select(happened_on=happened, entered_on=happened + pl.duration(days="lag"))


def test_in_a_world_of_known_delays_the_rate_learned_is_the_true_one():
    # Every household falls with 10 % in a year, by day; entries come after up to 150 days, 45 on average.
    rng, count, rate = np.random.default_rng(11), 12_000, 0.1
    after = np.floor(rng.exponential(-365 / np.log1p(-rate), count)).astype(int) + 1
    lag = np.minimum(rng.gamma(2, 22.5, count).astype(int), 150)
    began = date(2017, 12, 31)
    fell = [
        relapse(began + timedelta(days=int(days)), f"h{i:05}", began + timedelta(days=int(days + late)))
        for i, (days, late) in enumerate(zip(after, lag, strict=True))
        if days + late <= (TODAY - began).days
    ]
    records = register(exported_on=TODAY, households=[home(f"h{i:05}") for i in range(count)], relapses=fell)
    labels = label_relapse(records, "2019-12-31")
    (day,) = labels.days.rows(named=True)
    still = after > (date(2019, 12, 31) - began).days
    true = (after[still] <= (TODAY - began).days).mean()
    assert day["relapses"] / day["known"] < 0.92 * true
    assert day["relapses"] / (1 - day["unreported_share"]) / day["known"] == pytest.approx(true, rel=0.02)
    assert labels.counts["entered_late"] > 100


def test_days_after_today_are_still_to_come():
    entries, _ = simulated(0.01)
    assert unreported_share(entries, TODAY - timedelta(days=90), TODAY + timedelta(days=10), TODAY) == pytest.approx(
        0.1
    )
    nobody = entries.clear()
    assert unreported_share(nobody, TODAY - timedelta(days=90), TODAY + timedelta(days=10), TODAY) == pytest.approx(0.1)


def late_register(exported_on):
    """One relapse a week for three years, every one entered 60 days later."""
    households = [home(f"h{i:03}") for i in range(160)]
    days = [date(2018, 1, 5) + timedelta(days=7 * i) for i in range(160)]
    entered = [relapse(day, f"h{i:03}", day + timedelta(days=60)) for i, day in enumerate(days)]
    known = [entry for entry in entered if entry["recorded_on"] <= exported_on]
    return register(exported_on=exported_on, households=households, relapses=known)


def test_labels_say_how_many_of_their_relapses_are_still_to_come():
    labels = label_relapse(late_register(date(2020, 12, 31)), ["2018-12-31", "2019-12-31"])
    early, late = labels.days["unreported_share"]
    assert early == pytest.approx(0.0)
    assert late == pytest.approx(60 / 366, abs=0.005)
    known = labels.days["known"].to_numpy()
    assert labels.unreported_share == pytest.approx(np.average([early, late], weights=known))


def test_what_was_known_earlier_is_estimated_from_what_was_known_earlier():
    whole = label_relapse(late_register(date(2021, 6, 30)), "2019-12-31", known_by="2020-12-31")
    then = label_relapse(late_register(date(2020, 12, 31)), "2019-12-31")
    assert whole.unreported_share == pytest.approx(then.unreported_share)
    assert whole.frame.equals(then.frame)


def test_incomes_have_none_to_come():
    assert label_relapse(late_register(date(2020, 12, 31)), "2019-12-31", label="income").unreported_share == 0.0


def test_corrections_of_entries_are_not_late_entries():
    days = [date(2018, 1, 5) + timedelta(days=7 * i) for i in range(100)]
    entered = [{**relapse(day, f"h{i}", day + timedelta(days=5)), "event_id": f"e{i}"} for i, day in enumerate(days)]
    corrected = [{**entry, "recorded_on": date(2020, 6, 30)} for entry in entered[:40]]
    households = [home(f"h{i}") for i in range(100)]
    plain, again = (
        label_relapse(register(households=households, relapses=rows), "2018-12-31").unreported_share
        for rows in (entered, entered + corrected)
    )
    assert plain == again
