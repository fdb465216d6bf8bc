"""What became of earlier lists, counted by hand and found again in simulated months with known truth."""

from datetime import date

import numpy as np
import polars as pl
import pytest

from relapse_risk.errors import InputError
from relapse_risk.metrics import wilson
from relapse_risk.monitoring import realised_outcomes, visit_weights
from tests.monitoring.watched_months import ENDS, MONTHS, labels_of, watched

NOW = date(2020, 4, 1)
LISTED = pl.col("listed_for").is_in(["model", "rule"]).fill_null(False)


def endline_of(households, day=MONTHS[0], on=ENDS[0]):
    """Return visits of households at the end of the horizon."""
    return pl.DataFrame({"household_id": households, "as_of": day, "visited_on": on})


def by_hand():
    """Return ten households of a month: five listed, one drawn; one outcome is not known."""
    ids = [f"h{i}" for i in range(10)]
    relapsed = [True, False, False, None, False, True, False, False, True, False]
    months = [MONTHS[0]] * 10
    return {
        "scores": pl.DataFrame({"household_id": ids, "as_of": months, "probability": [0.6, 0.5, 0.4, 0.3] + [0.1] * 6}),
        "listings": pl.DataFrame(
            {
                "household_id": [*ids[:5], "h9"],
                "as_of": months[:6],
                "listed_for": ["model"] * 4 + ["rule", "random"],
                "inclusion_probability": [1.0] * 5 + [0.2],
            }
        ),
        "labels": labels_of(pl.DataFrame({"household_id": ids, "as_of": months, "relapsed": relapsed})),
        "visits": pl.DataFrame({"household_id": ids[:3], "as_of": months[:3], "found": [None, True, False]}),
        "endline": endline_of(ids[:3]),
    }


def test_missed_and_wrong_are_counted_as_by_hand():
    month = realised_outcomes(**by_hand(), on=NOW).months.row(0, named=True)
    assert (month["at_risk"], month["known"], month["unknown"], month["relapses"]) == (10, 9, 1, 3)
    assert (month["listed"], month["listed_known"]) == (5, 4)
    assert (month["missed"], month["missed_share"]) == (2, 2 / 3)
    # Of four listed with a known outcome one relapsed and one was found in difficulty: h2 and h4 were listed in vain.
    assert (month["wrong"], month["wrong_share"], month["found"], month["wrong_unvisited"]) == (2, 0.5, 1, 1)
    assert month["missed_upper"] == wilson(2 / 3, 3).upper
    assert (month["observed"], month["predicted"]) == (3 / 9, pytest.approx((0.6 + 0.5 + 0.4 + 0.6) / 9))


def test_relapses_still_to_come_are_allowed_for_beside_what_was_predicted():
    given = by_hand()
    now = realised_outcomes(**given, on=NOW).months.row(0, named=True)
    late = realised_outcomes(**(given | {"labels": labels_of(given["labels"].frame, to_come=0.25)}), on=NOW)
    later = late.months.row(0, named=True)
    assert (now["to_come"], later["to_come"]) == (0, 0.25)
    assert later["observed"] == pytest.approx(now["observed"] / 0.75)
    assert later["intercept"] > now["intercept"]
    assert (later["relapses"], later["missed_share"]) == (now["relapses"], now["missed_share"])


def test_those_drawn_with_other_chances_stand_for_as_many_as_their_chances_say():
    given = by_hand()
    drawn = given["listings"].tail(1)
    more = pl.concat([given["listings"], drawn.with_columns(household_id=pl.lit("h5"), inclusion_probability=0.4)])
    seen = endline_of(["h0", "h1", "h2", "h5", "h9"])
    weighted = realised_outcomes(**(given | {"listings": more, "endline": seen}), on=NOW).weighted.row(0, named=True)
    # h5 relapsed and stands for 1 / 0.4, h9 did not and stands for 1 / 0.2.
    assert weighted["outside_rate"] == pytest.approx(2.5 / 7.5)
    assert weighted["missed"] == pytest.approx(5 * 2.5 / 7.5)


def test_who_is_listed_by_a_visit_that_the_draw_left_over_stands_for_those_outside():
    given = by_hand()
    chance = pl.when(household_id="h0").then(0.5).otherwise("inclusion_probability")
    given["listings"] = given["listings"].with_columns(inclusion_probability=chance)
    given["endline"] = endline_of(["h0", "h1", "h2", "h9"])
    weighted = realised_outcomes(**given, on=NOW).weighted.row(0, named=True)
    assert (weighted["listed"], weighted["listed_visited"]) == (3, 2)
    # h0 relapsed and stands for 1 / 0.5, h9 did not and stands for 1 / 0.2.
    assert (weighted["outside"], weighted["drawn"]) == (6, 2)
    assert weighted["outside_rate"] == pytest.approx(2 / 7)


def test_a_month_whose_horizon_is_open_is_not_judged():
    found = realised_outcomes(**by_hand(), on=date(2020, 1, 30))
    month = found.months.row(0, named=True)
    assert (month["over"], month["known"], month["unknown"], month["listed"]) == (False, 0, 10, 5)
    assert all(month[name] is None for name in ("predicted", "observed", "missed", "wrong", "relapses"))
    assert found.weighted.is_empty()
    assert found.rows["relapsed"].null_count() == 10


def test_of_a_month_without_a_list_nobody_was_missed():
    given = by_hand()
    given["listings"] = given["listings"].with_columns(as_of=pl.lit(MONTHS[1]))
    month = realised_outcomes(**given, on=NOW).months.row(0, named=True)
    assert month["relapses"] == 3
    assert (month["missed"], month["listed"]) == (None, None)


def test_no_relapse_and_nobody_known_leave_shares_unknown():
    given = by_hand()
    frame = given["labels"].frame
    quiet = realised_outcomes(**given | {"labels": labels_of(frame.with_columns(relapsed=pl.lit(False)))}, on=NOW)
    month = quiet.months.row(0, named=True)
    assert (month["missed"], month["missed_share"], month["slope"], month["observed"]) == (0, None, None, 0.0)
    unknown = frame.with_columns(relapsed=pl.lit(None, dtype=pl.Boolean))
    none = realised_outcomes(**given | {"labels": labels_of(unknown)}, on=NOW).months.row(0, named=True)
    assert (none["unknown"], none["observed"], none["wrong"]) == (10, None, None)


def test_drawn_households_that_nobody_visits_again_say_only_what_was_found_at_the_visit():
    given, rows = watched(1, endline=False)
    weighted = realised_outcomes(**given, on=NOW).weighted
    drawn = rows.filter(pl.col("listed_for") == "random")
    assert weighted["refused"].to_list() == ["not_visited_again"] * 4
    assert weighted["found_rate"].to_list()[-1] == pytest.approx(drawn["found"].mean())
    assert weighted["recall"].null_count() == weighted["outside_rate"].null_count() == 4


def test_visits_before_the_end_of_the_horizon_are_no_visits_at_its_end():
    given, _ = watched(1)
    early = given["endline"].with_columns(visited_on=pl.col("as_of") + pl.duration(days=20))
    with pytest.raises(InputError) as refused:
        realised_outcomes(**(given | {"endline": early}), on=NOW)
    assert refused.value.code == "visits_early"
    assert refused.value.details["count"] == early.height


def test_months_that_were_not_followed_to_the_end_are_left_out_of_the_estimate():
    given, _ = watched(2, drawn=400)
    ended = given["endline"].filter(pl.col("as_of") != MONTHS[2])
    both = realised_outcomes(**(given | {"endline": ended}), on=NOW).weighted
    two = {name: frame for name, frame in given.items() if name != "labels"}
    two = {name: frame.filter(pl.col("as_of") != MONTHS[2]) for name, frame in two.items()}
    alone = realised_outcomes(**two, labels=given["labels"], on=NOW).weighted
    assert both["refused"].to_list() == [None, None, "not_visited_again", None]
    assert both.row(-1, named=True)["months"] == 2
    assert both.row(-1, named=True)["recall"] == pytest.approx(alone.row(-1, named=True)["recall"])


def test_of_few_relapses_among_the_drawn_no_recall_is_given():
    given, _ = watched(3)
    relapses = realised_outcomes(**given, on=NOW).weighted.row(-1, named=True)["drawn_relapses"]
    for least, refused in ((relapses, None), (relapses + 1, "few_relapses")):
        row = realised_outcomes(**given, on=NOW, least_relapses=least).weighted.row(-1, named=True)
        assert row["refused"] == refused
        assert (row["recall"] is None) == (refused is not None)
        assert row["outside_rate"] is not None


def test_without_visits_no_weighted_figure_is_given():
    given = by_hand()
    given.pop("visits")
    given.pop("endline")
    row = realised_outcomes(**given, on=NOW).weighted.row(0, named=True)
    assert (row["drawn"], row["outside_rate"], row["recall"]) == (None, None, None)
    assert (row["refused"], row["found_rate"]) == ("not_visited_again", None)


@pytest.mark.parametrize("name", ["scores", "listings", "visits", "endline"])
def test_frames_that_lack_a_column_or_have_a_household_twice_are_refused(name):
    for change, code in (
        (lambda f: f.drop("household_id"), "frame_columns"),
        (lambda f: pl.concat([f, f]), "frame_twice"),
    ):
        given = by_hand()
        given[name] = change(given[name])
        with pytest.raises(InputError) as refused:
            realised_outcomes(**given, on=NOW)
        assert refused.value.code == code
        assert refused.value.details["name"] == name


def test_row_order_never_matters():
    given, _ = watched(1, n=300, listed=30, drawn=20)
    ours = realised_outcomes(**given, on=NOW)
    for name in ("scores", "listings", "visits", "endline"):
        given[name] = given[name].sample(fraction=1, shuffle=True, seed=3)
    theirs = realised_outcomes(**given, on=NOW)
    assert theirs.months.equals(ours.months)
    assert theirs.weighted.equals(ours.weighted)


def truth(rows):
    outside = rows.filter(~LISTED)
    fell = rows.filter("fell")
    return {"outside_rate": outside["fell"].mean(), "recall": fell.filter(LISTED).height / fell.height}


@pytest.fixture(
    scope="module",
    params=[(None, 40), (40, 40), pytest.param((40, 200), marks=pytest.mark.slow)],
    ids=["all of the listed followed", "40 a month followed", "40 a month followed, 200 times"],
)
def repeated(request):
    """Return, of many simulated prefectures, the figures of all months together beside the truth."""
    found, (sampled, repeats) = [], request.param
    for seed in range(repeats):
        given, rows = watched(seed, drawn=400, sampled=sampled)
        weighted = realised_outcomes(**given, on=NOW).weighted.filter(pl.col("as_of").is_null()).row(0, named=True)
        found.append((weighted, truth(rows)))
    return found


@pytest.mark.parametrize(("figure", "sign"), [("outside_rate", -1), ("recall", 1)])
def test_the_naive_figure_is_off_where_a_visit_finds_out_more_and_the_weighted_one_is_not(repeated, figure, sign):
    naive = np.array([weighted[f"naive_{figure}"] - true[figure] for weighted, true in repeated])
    ours = np.array([weighted[figure] - true[figure] for weighted, true in repeated])
    error = ours.std(ddof=1) / np.sqrt(len(ours))
    assert abs(ours.mean()) < min(0.02, 4 * error)
    if figure == "outside_rate":  # of recall, the naive figure is off by how much less the others are followed
        assert sign * naive.mean() > 10 * error
    assert np.abs(naive).mean() > abs(ours.mean())


@pytest.mark.parametrize("figure", ["outside_rate", "recall", "missed"])
def test_its_interval_holds_the_truth_about_as_often_as_it_says(repeated, figure):
    outside = 3 * (1500 - 150)
    inside = [
        weighted[f"{figure}_lower"]
        <= (true["outside_rate"] * outside if figure == "missed" else true[figure])
        <= weighted[f"{figure}_upper"]
        for weighted, true in repeated
    ]
    assert np.mean(inside) >= 0.95 - 3 * np.sqrt(0.05 * 0.95 / len(inside))
    assert np.mean(inside) <= 0.98 or len(inside) < 200


def test_where_all_are_found_out_both_agree():
    given, rows = watched(7, found_unvisited=1.0, drawn=600)
    weighted = realised_outcomes(**given, on=NOW).weighted.row(-1, named=True)
    assert weighted["naive_recall"] == truth(rows)["recall"]
    assert weighted["recall_lower"] <= weighted["naive_recall"] <= weighted["recall_upper"]


def test_listed_households_that_nobody_visited_are_stood_for_by_those_visited():
    errors = []
    for seed in range(20):
        given, rows = watched(seed, goes=0.7, drawn=400)
        errors.append(realised_outcomes(**given, on=NOW).weighted.row(-1, named=True)["recall"] - truth(rows)["recall"])
    assert abs(np.mean(errors)) < 3 * np.std(errors, ddof=1) / np.sqrt(20)


def test_every_month_counts_for_its_households_whatever_share_of_its_visits_took_place():
    """Of 4 drawn out of 20 all were visited, of 4 drawn out of 60 only one: the months weigh 20 to 60 all the same."""
    parts = [(MONTHS[0], 20, 4, [True, False, False, False]), (MONTHS[1], 60, 1, [True, False, False, False])]
    frames = [
        pl.DataFrame({"household_id": [f"h{i:02d}" for i in range(of)], "as_of": day, "probability": 0.1})
        for day, of, _, _ in parts
    ]
    drawn = [frame.head(4) for frame in frames]
    chances = [pl.lit(4 / of) for _, of, _, _ in parts]
    listings = [
        one.with_columns(listed_for=pl.lit("random"), inclusion_probability=each)
        for one, each in zip(drawn, chances, strict=True)
    ]
    seen = [
        one.head(visited).select("household_id", "as_of", visited_on=pl.lit(ENDS[1]))
        for one, (_, _, visited, _) in zip(drawn, parts, strict=True)
    ]
    fell = [one for _, of, _, first in parts for one in first + [False] * (of - 4)]
    scores = pl.concat(frames)
    labels = labels_of(scores.select("household_id", "as_of").with_columns(relapsed=pl.Series(fell)))
    found = realised_outcomes(scores, pl.concat(listings), labels, on=NOW, endline=pl.concat(seen))
    assert found.weighted["outside_rate"].to_list() == pytest.approx([0.25, 1.0, (20 * 0.25 + 60 * 1.0) / 80])


def test_weights_of_the_visited_stand_for_all_households():
    given, rows = watched(3)
    visited = given["endline"].join(given["listings"], on=["household_id", "as_of"])
    weight = visit_weights(rows, visited, given["labels"].days)
    assert weight.sum() == pytest.approx(rows.height)
    assert (rows.filter(weight > 0)["fell"] == rows.filter(weight > 0)["relapsed"]).all()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"inclusion_probability": 0.0}, "visits_chance"),
        ({"inclusion_probability": None}, "visits_chance"),
        ({"inclusion_probability": 1.5}, "visits_chance"),
        ({"as_of": ENDS[0]}, "visits_no_day"),
        ({"visited_on": MONTHS[2]}, "visits_early"),
        ({"visited_on": None}, "visits_early"),
    ],
)
def test_visits_that_cannot_weight_are_refused(change, code):
    given, rows = watched(3, n=200, listed=20, drawn=5)
    visits = given["listings"].with_columns(visited_on=pl.lit(NOW))
    visits = visits.with_columns(pl.lit(value).alias(name) for name, value in change.items())
    if code == "visits_no_day":
        visits = visits.unique("household_id")
    with pytest.raises(InputError) as refused:
        visit_weights(rows, visits, given["labels"].days)
    assert refused.value.code == code
