"""Focus lists: each criterion at its bound, what is unknown, and bounds as data."""

from datetime import date

import polars as pl
import pytest

from relapse_risk.alerts import find_focus
from relapse_risk.errors import InputError
from relapse_risk.policy import read_policy

POLICY = read_policy()
NAMES = ("prefecture", "county", "town", "village", "group_name")


def area(level, name, poor=0, persons=1000, unknown=0, households=300):
    """An area of which `unknown` persons may be poor or not."""
    column = "group_name" if level == "group" else level
    return {
        **dict.fromkeys(NAMES),
        "level": level,
        column: name,
        "households": households,
        "persons": persons,
        "poor_persons": poor,
        "poor_persons_least": poor,
        "poor_persons_most": poor + unknown,
        "incidence": poor / (persons - unknown),
        "incidence_least": poor / persons,
        "incidence_most": (poor + unknown) / persons,
    }


def site(name, households=10, persons=40, unknown=0):
    row = {"prefecture": None, "county": "K", "resettlement_site": name, "households": households, "persons": persons}
    return {**row, "persons_least": persons + unknown, "persons_most": persons + 20 * unknown}


def focus(areas=(), sites=(), policy=POLICY, as_of=date(2020, 12, 31)):
    schema = dict.fromkeys(NAMES, pl.String)
    return find_focus(
        pl.DataFrame([*areas, area("county", "K")], schema_overrides=schema, infer_schema_length=None),
        pl.DataFrame([*sites, site("S")], schema_overrides={"prefecture": pl.String}),
        policy,
        as_of,
    )


def on(found, **where):
    return found.entries.filter(state="on", **where)


def test_villages_of_a_high_incidence():
    found = focus([area("village", "at", 100), area("village", "over", 101), area("town", "other", 500)])
    assert on(found, list="villages_high").select("village", "value", "bound", "over").rows() == [
        ("over", 0.101, 0.1, pytest.approx(0.001))
    ]
    counts = found.counts.filter(list="villages_high").row(0, named=True)
    assert (counts["n_on"], counts["n_known"], counts["unknown"], counts["unplaced"]) == (1, 2, 0, 0)


def test_a_village_says_by_which_criteria_it_is_on():
    found = focus(
        [
            area("village", "both", 50, 1000),
            area("village", "many", 50, 5000),
            area("village", "dense", 4, 100),
            area("village", "neither", 30, 1000),
        ]
    )
    rows = on(found, list="villages").select("village", "criterion").rows()
    assert sorted(rows) == [
        *(("both", "incidence"), ("both", "poor_persons"), ("dense", "incidence"), ("many", "poor_persons"))
    ]


def test_towns_and_sites():
    found = focus(
        [area("town", "at", 300, 9000), area("town", "over", 301, 9000)],
        [site("hundred", 100, 999), site("thousand", 99, 1000), site("small", 99, 999)],
    )
    assert on(found, list="towns")["town"].to_list() == ["over"]
    assert on(found, list="sites")["resettlement_site"].to_list() == ["hundred"]
    assert on(found, list="sites_large").select("county", "resettlement_site", "over").rows() == [
        ("K", "thousand", 0.0)
    ]


def test_what_nobody_knows_is_said():
    found = focus(
        [area("village", "perhaps", 40, 5000, unknown=20), area("village", None, 90, 100, households=7)],
        [site("perhaps", 99, 990, unknown=5)],
    )
    assert found.entries.select("list", "criterion", "state").rows() == [
        ("villages", "poor_persons", "unknown"),
        ("sites_large", "persons", "unknown"),
    ]
    counts = found.counts.filter(list="villages", criterion="poor_persons").row(0, named=True)
    assert (counts["n_on"], counts["n_known"], counts["unknown"], counts["unplaced"]) == (0, 0, 1, 7)


def test_an_area_that_meets_a_criterion_whatever_the_unknown_are_is_on():
    found = focus([area("village", "surely", 60, 1000, unknown=20)])
    assert on(found, list="villages", criterion="poor_persons")["least"].to_list() == [60.0]


def test_without_villages_in_the_records_no_village_is_counted():
    counts = focus().counts.filter(list="villages_high").row(0, named=True)
    assert (counts["n_known"], counts["unplaced"]) == (0, None)


def with_file(tmp_path, text):
    file = tmp_path / "mechanism.toml"
    file.write_text(text)
    return read_policy(mechanism=file)


def test_bounds_are_data(tmp_path):
    policy = with_file(tmp_path, "[focus.lists.towns.criteria.poor_persons]\nabove = 299\n")
    assert on(focus([area("town", "at", 300, 9000)], policy=policy), list="towns").height == 1


def test_a_column_that_areas_have_not_is_refused(tmp_path):
    policy = with_file(tmp_path, "[focus.lists.towns.criteria.poor_persons]\ncolumn = 'incidense'\n")
    with pytest.raises(InputError) as raised:
        focus(policy=policy)
    assert raised.value.code == "focus_column"
    for lang in ("zh", "en"):
        line = raised.value.in_language(lang)
        assert "mechanism.toml" in line and "focus.lists.towns.criteria.poor_persons" in line and "incidence" in line


def test_every_list_is_worded():
    for one in POLICY.mechanism.focus.lists.values():
        assert all(wording.zh and wording.en for wording in (one, *one.criteria.values()))


def test_lists_of_the_campaign_of_2020_end_with_it_and_those_of_sites_stay():
    there = [area("village", "over", 200)], [site("S", 200)]
    before, after = (focus(*there, as_of=day) for day in (date(2020, 12, 31), date(2021, 1, 1)))
    assert {"villages_high", "villages", "towns", "sites", "sites_large"} == set(before.counts["list"])
    assert {"sites", "sites_large"} == set(after.counts["list"])
    assert set(after.entries["list"]) == {"sites"} < set(before.entries["list"])
