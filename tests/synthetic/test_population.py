"""The invented register: its size, its form, its truth."""

import hashlib
import json
from datetime import date

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.records import TABLES, Records, check_table
from relapse_risk.synthetic import synthesise, write_population

HAPPENS = {
    "members": ("birth_date", "left_on"),
    "incomes": ("period_end",),
    "illness": ("occurred_on",),
    "disabilities": ("certified_on",),
    "disasters": ("occurred_on",),
    "employment": ("started_on", "ended_on"),
    "loans": ("started_on", "status_on"),
    "assistance": ("started_on", "ended_on"),
    "monitoring": ("identified_on", "cleared_on"),
    "relapses": ("relapsed_on",),
}


@pytest.fixture(scope="module")
def population():
    return synthesise(households=8000, seed=11)


@pytest.fixture(scope="module")
def outcomes(population):
    """The risk of every household at risk at the end of 2015 to 2019, and whether it relapsed in the year after."""
    fell = population.truth["relapses"].select(
        "household_id", as_of=pl.date(pl.col("relapsed_on").dt.year() - 1, 12, 31), fell=pl.lit(1.0)
    )
    risk = population.truth["risk"].filter(pl.col("as_of") < population.exported_on)
    return risk.join(fell, on=["household_id", "as_of"], how="left").with_columns(pl.col("fell").fill_null(0.0))


def first_versions(population):
    return population.tables["households"].sort("recorded_on").unique("household_id", keep="first")


# As large as the real ones


@pytest.mark.parametrize(
    ("registered", "persons"), [(["exited", "poor"], 333_320 / 88_693), (["near_poor"], 23_774 / 7_569)]
)
def test_households_are_as_large_as_in_the_prefecture(population, registered, persons):
    size = first_versions(population).filter(pl.col("household_type").is_in(registered))["size"]
    assert size.mean() == pytest.approx(persons, abs=5 * size.std() / len(size) ** 0.5)


def test_near_poor_households_are_as_many_as_in_the_prefecture(population):
    types = first_versions(population)["household_type"]
    assert types.eq("near_poor").sum() / types.is_in(["exited", "poor"]).sum() == pytest.approx(
        7_569 / 88_693, rel=0.15
    )


@pytest.mark.parametrize(("day", "share"), [("2019-02-28", 13_675 / 88_693), ("2020-03-31", 2_903 / 88_693)])
def test_as_many_registered_households_have_not_exited_by_then(population, day, share):
    known = Records(population.tables, exported_on=population.exported_on).known_by(day).table("households")
    registered = known.filter(pl.col("poverty_cause").is_not_null())
    not_yet = registered.filter((pl.col("household_type") == "poor") & pl.col("exit_year").is_null())
    # General households that fell move it a little.
    assert not_yet.height / registered.height == pytest.approx(share, abs=0.015)


def test_villages_of_towns_of_counties(population):
    homes = first_versions(population)
    assert homes["village_code"].str.contains(r"^9999\d{8}$").all()
    assert (homes["household_id"].str.slice(0, 12) == homes["village_code"]).all()
    per_village = homes.group_by("village_code").agg(pl.col("town", "county").n_unique(), pl.len())
    assert per_village["town"].max() == per_village["county"].max() == 1
    assert 60 < per_village["len"].mean() < 120
    assert homes["county"].n_unique() >= 2


@pytest.mark.parametrize("year", range(2015, 2021))
def test_nearly_every_household_has_an_account_of_every_year(population, year):
    accounts = population.tables["incomes"].filter(pl.col("period_end").dt.year() == year)
    assert 0.94 < accounts["household_id"].n_unique() / 8000 <= 1


def test_accounts_add_up(population):
    accounts = population.tables["incomes"]
    net = pl.sum_horizontal("wage", "business", "property", "transfer") - pl.col("production_cost")
    assert accounts.select((net - pl.col("net_income")).abs().max()).item() < 0.011
    per_head = pl.col("net_income") / pl.col("household_size") - pl.col("net_income_per_capita")
    assert accounts.select(per_head.abs().max()).item() < 0.0051


def test_bills_add_up(population):
    bills = population.tables["illness"]
    rest = pl.col("total_cost") - pl.col("reimbursed") - pl.col("self_paid")
    assert bills.select(rest.abs().max()).item() < 0.011
    assert bills["self_paid"].min() >= 0


# In the form of the contract


def test_every_row_conforms_to_the_record_tables(population):
    assert set(population.tables) == set(TABLES)
    for name, frame in population.tables.items():
        checked = check_table(name, frame)
        assert checked.refused.is_empty(), name
        assert checked.blanked.is_empty(), name
        assert frame.schema == {column: TABLES[name].columns[column].dtype for column in frame.columns}


@pytest.mark.parametrize("name", HAPPENS)
def test_nothing_is_entered_before_it_happened_or_after_the_export(population, name):
    frame = population.tables[name]
    assert frame["recorded_on"].max() <= population.exported_on
    for column in HAPPENS[name]:
        early = frame.filter(pl.col("recorded_on") < pl.col(column))
        assert early.is_empty(), f"{name}.{column}"


@pytest.mark.parametrize("name", HAPPENS)
def test_most_things_are_entered_later_than_they_happen(population, name):
    # Disasters and grants are known within days, everything else within weeks.
    lag = pl.col("recorded_on") - pl.col(HAPPENS[name][0])
    assert population.tables[name].select(lag.dt.total_days().mean()).item() > 3


def test_versions_under_a_key_differ_in_their_day(population):
    for name, frame in population.tables.items():
        key = ("event_id",) if TABLES[name].event else TABLES[name].key
        assert not frame.select(*key, "recorded_on").is_duplicated().any(), name


def test_every_person_and_event_belongs_to_a_household(population):
    homes = population.tables["households"]["household_id"].unique().to_list()
    for name, frame in population.tables.items():
        assert frame["household_id"].drop_nulls().is_in(homes).all(), name
    persons = population.tables["members"].select("person_id", "household_id").unique()
    assert not persons["person_id"].is_duplicated().any()
    for name in ("illness", "disabilities", "employment"):
        pairs = population.tables[name].select("person_id", "household_id")
        assert pairs.join(persons, on=["person_id", "household_id"], how="anti").is_empty(), name


def test_what_was_known_can_be_asked_for_any_day(population):
    records = Records(population.tables, exported_on=population.exported_on)
    known = [records.known_by(day).table("relapses").height for day in ("2015-12-31", "2017-06-30", "2020-12-31")]
    assert known == sorted(known)
    assert known[0] == 0 < known[1]


def test_households_have_one_head(population):
    records = Records(population.tables, exported_on=population.exported_on).known_by("2019-12-31")
    there = records.table("members").filter(pl.col("left_on").is_null())
    heads = there.group_by("household_id").agg((pl.col("relation") == "head").sum())["relation"]
    assert heads.max() == 1
    assert (heads == 1).mean() > 0.98


def test_identity_numbers_are_nobodys(population):
    numbers = population.tables["members"].unique("person_id")["id_number"]
    assert numbers.str.contains(r"^999999\d{11}[\dX]$").all()
    assert not numbers.is_duplicated().any()
    weights = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)
    for number in numbers.head(500):
        total = sum(weight * int(digit) for weight, digit in zip(weights, number[:17], strict=True))
        assert number[17] == "10X98765432"[total % 11]


def test_identity_numbers_agree_with_birth_and_sex(population):
    people = population.tables["members"]
    born = pl.col("id_number").str.slice(6, 8) == pl.col("birth_date").dt.strftime("%Y%m%d")
    odd = pl.col("id_number").str.slice(16, 1).cast(pl.Int32) % 2 == 1
    assert people.select((born & (odd == (pl.col("sex") == "male"))).all()).item()


# Its relapses follow the law


def test_the_base_rate_is_three_to_five_per_cent(outcomes):
    assert 0.03 < outcomes["fell"].mean() < 0.05


def within_sampling_error(rows):
    """Whether relapses are as many as the risk says, to four standard errors."""
    spread = rows.select((pl.col("risk") * (1 - pl.col("risk"))).sum()).item() ** 0.5
    return abs(rows["fell"].sum() - rows["risk"].sum()) < 4 * spread


def test_relapses_are_as_many_as_the_risk_says(outcomes):
    assert within_sampling_error(outcomes)


def test_in_every_tenth_of_the_risk_and_every_year(outcomes):
    by = outcomes.with_columns(tenth=pl.col("risk").rank() * 10 // outcomes.height, year=pl.col("as_of"))
    for column in ("tenth", "year"):
        for _, rows in by.group_by(column):
            assert within_sampling_error(rows)


def test_the_parts_add_up_to_the_risk(population):
    risk = population.truth["risk"]
    log_odds = risk.select(pl.sum_horizontal(pl.col("^part_.*$")))["part_income"].to_numpy()
    assert np.allclose(1 / (1 + np.exp(-log_odds)), risk["risk"].to_numpy(), atol=1e-12)


def test_the_risk_varies_enough_to_be_worth_predicting(outcomes):
    ranked = outcomes["risk"].rank().to_numpy()
    fell = outcomes["fell"].to_numpy() == 1
    auc = (ranked[fell].mean() - (fell.sum() + 1) / 2) / (~fell).sum()
    assert 0.75 < auc < 0.9


def test_causes_follow_the_parts(population, outcomes):
    causes = population.truth["relapses"].select(
        "household_id", "cause", as_of=pl.date(pl.col("relapsed_on").dt.year() - 1, 12, 31)
    )
    fell = outcomes.join(causes, on=["household_id", "as_of"])
    assert fell.height == int(outcomes["fell"].sum())
    for reason in ("illness", "disability", "disaster", "labour", "employment"):
        part = f"part_{reason}"
        assert fell.filter(pl.col("cause") == reason)[part].min() > 0
        assert fell.filter(pl.col("cause") == reason)[part].mean() > 1.5 * fell[part].mean()


def test_nobody_relapses_before_the_exit(population):
    exits = population.tables["households"].filter(pl.col("exit_year").is_not_null())
    first = exits.group_by("household_id").agg(pl.col("exit_year").min())
    started = first_versions(population).filter(pl.col("household_type") == "poor").select("household_id")
    fell = population.truth["relapses"].join(started, on="household_id")
    assert fell.height > 100
    both = fell.join(first, on="household_id", how="left")
    assert (both["relapsed_on"].dt.year() > both["exit_year"]).all()


def test_whoever_relapses_is_poor_until_the_next_exit(population):
    fell = population.tables["relapses"].filter(pl.col("relapsed_on") < date(2020, 6, 1))
    known = Records(population.tables, exported_on=population.exported_on).known_by("2020-11-15").table("households")
    now = fell.join(known, on="household_id")
    back = (now["household_type"] == "exited") & (now["exit_year"] > now["relapsed_on"].dt.year())
    assert ((now["household_type"] == "poor") | back).all()


def test_relapses_bring_incomes_down(population):
    accounts = population.tables["incomes"].with_columns(year=pl.col("period_end").dt.year())
    pairs = accounts.join(
        accounts.with_columns(pl.col("year") + 1), on=["household_id", "year"], suffix="_before"
    ).with_columns(change=pl.col("net_income_per_capita") / pl.col("net_income_per_capita_before"))
    fell = population.truth["relapses"].select("household_id", year=pl.col("relapsed_on").dt.year())
    assert pairs.join(fell, on=["household_id", "year"])["change"].median() < 0.85
    assert pairs.join(fell, on=["household_id", "year"], how="anti")["change"].median() > 0.95


def test_some_relapses_are_not_entered_yet_on_the_day_of_the_export(population):
    entered, true = population.tables["relapses"], population.truth["relapses"]
    late = true.filter(pl.col("recorded_on") > population.exported_on)
    assert 0 < late.height == true.height - entered.height


# The same arguments give the same tables


def test_the_same_seed_gives_the_same_bytes(tmp_path):
    for name in ("one", "two"):
        write_population(synthesise(households=300, seed=5), tmp_path / name)
    files = sorted(path.relative_to(tmp_path / "one") for path in (tmp_path / "one").rglob("*.parquet"))
    assert {path.stem for path in files} == {*TABLES, "risk", "relapses"}
    assert len(files) == len(TABLES) + 2
    for path in files:
        assert (tmp_path / "one" / path).read_bytes() == (tmp_path / "two" / path).read_bytes()


def test_a_seed_gives_the_register_it_always_gave():
    made = synthesise(households=60, seed=7)
    digest = hashlib.sha256()
    for name, frame in [*made.tables.items(), *made.truth.items()]:
        digest.update(json.dumps([name, frame.columns, [*map(_plain, frame.iter_rows())]]).encode())
    assert digest.hexdigest() == "e65ea6f899a5a912d8031626587c557701a00b669f1afa7e6ff0037b2347b187"


def _plain(row):
    """Return its values as text and numbers. The last bits of the true risks are the processor's (its logarithms)."""
    return [
        value.isoformat() if isinstance(value, date) else round(value, 9) + 0.0 if isinstance(value, float) else value
        for value in row
    ]


def test_another_seed_gives_another_register():
    one, two = (synthesise(households=300, seed=seed).tables["incomes"] for seed in (5, 6))
    assert not one.equals(two)


def test_what_is_written_is_what_was_made(tmp_path):
    made = synthesise(households=200, seed=1)
    write_population(made, tmp_path)
    assert pl.read_parquet(tmp_path / "incomes.parquet").equals(made.tables["incomes"])
    assert pl.read_parquet(tmp_path / "truth" / "risk.parquet").equals(made.truth["risk"])


def test_progress_goes_from_nothing_to_everything():
    reports = []
    synthesise(households=50, seed=1, progress=lambda stage, share: reports.append((stage, share)))
    assert {stage for stage, _ in reports} == {"synthesise"}
    shares = [share for _, share in reports]
    assert shares == sorted(shares)
    assert shares[-1] == 1.0


def test_other_years_can_be_asked_for():
    made = synthesise(households=400, seed=1, years=range(2017, 2020))
    assert made.exported_on == date(2019, 12, 31)
    assert made.truth["risk"]["as_of"].unique().sort().to_list() == [date(year, 12, 31) for year in (2017, 2018, 2019)]
    assert made.truth["relapses"]["relapsed_on"].dt.year().is_in([2018, 2019]).all()


@pytest.mark.parametrize(
    "wrong", [{"households": 0}, {"seed": -1}, {"years": [2016, 2018]}, {"years": [2016]}, {"years": []}]
)
def test_numbers_out_of_range_are_refused(wrong):
    with pytest.raises(InputError, match="out of range"):
        synthesise(**({"households": 10, "seed": 0} | wrong))


@settings(max_examples=12, deadline=None)
@given(st.integers(1, 40), st.integers(0, 10_000))
def test_registers_of_any_size_conform(households, seed):
    made = synthesise(households=households, seed=seed, years=range(2018, 2021))
    assert made.tables["households"]["household_id"].n_unique() == households
    for name, frame in made.tables.items():
        assert check_table(name, frame).refused.is_empty(), name


# Reasons that interact


@pytest.fixture(scope="module")
def interacting():
    return synthesise(households=1500, seed=11, interacting=True)


def test_the_parts_add_up_where_reasons_interact(interacting):
    risk = interacting.truth["risk"]
    log_odds = risk.select(pl.sum_horizontal(pl.col("^part_.*$")))["part_income"].to_numpy()
    assert np.allclose(1 / (1 + np.exp(-log_odds)), risk["risk"].to_numpy(), atol=1e-12)


def test_what_interacting_reasons_add_together_is_no_sum_over_them(interacting):
    risk = interacting.truth["risk"]
    reasons = [name for name in risk.columns if name.startswith("part_") and name != "part_interaction"]
    single, together = risk.select(reasons).to_numpy(), risk["part_interaction"].to_numpy()
    X = np.column_stack([np.ones(len(single)), single])
    left = together - X @ np.linalg.lstsq(X, together, rcond=None)[0]
    assert left.std() > 0.3


def test_interacting_reasons_change_who_relapses_but_not_what_came_before(interacting):
    plain = synthesise(households=1500, seed=11)
    assert "part_interaction" not in plain.truth["risk"].columns
    first = [made.truth["risk"].filter(pl.col("as_of") == date(2015, 12, 31)) for made in (plain, interacting)]
    assert first[0]["part_illness"].equals(first[1]["part_illness"])
    assert not first[0]["risk"].equals(first[1]["risk"])
