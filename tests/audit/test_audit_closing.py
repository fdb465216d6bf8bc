"""What a correction closed, what is still open, and what was not sent this time: that corrects nothing."""

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from polars.testing import assert_frame_equal

from relapse_risk.audit import COUNTS, FINDINGS, SENT, STANDINGS, AuditTrail, close, sent_rows
from relapse_risk.policy import read_policy

POLICY = read_policy().audit
RULES = ("unknown_code", "income_negative", "missing")
RUN = pl.DataFrame([{"rule": rule} for rule in RULES], schema=COUNTS)
HOMES = [f"h{number}" for number in range(6)]

FINDING = st.fixed_dictionaries(
    {
        "source": st.sampled_from(["a.xlsx", "b.xlsx"]),
        "sheet": st.sampled_from(["收入", None]),
        "row": st.integers(4, 9),
        "table": st.just("incomes"),
        "household_id": st.sampled_from(["h1", "h2", None]),
        "person_id": st.none(),
        "column": st.sampled_from(["wage", "net_income"]),
        "rule": st.sampled_from(RULES),
        "severity": st.just("warn"),
        "value_masked": st.just("999"),
    }
)


def findings(rows):
    return pl.DataFrame(rows, schema=FINDINGS)


def sent(homes=HOMES, table="incomes", source="a.xlsx", sheet="收入", village=None):
    rows = [(table, source, sheet, (village or {}).get(home), home) for home in homes]
    return pl.DataFrame(rows, schema=SENT, orient="row")


def of(home, table="incomes", rule="unknown_code", source="a.xlsx", row=4):
    place = {"source": source, "sheet": "收入", "row": row, "table": table}
    return place | {"household_id": home, "column": "wage", "rule": rule, "severity": "warn"}


def compared(before, after, sent_before, sent_now, run=RUN):
    earlier = AuditTrail(findings=findings(before), sent=sent_before)
    return close(earlier, AuditTrail(findings=findings(after), sent=sent_now), run, POLICY)


LISTS = st.lists(FINDING, max_size=12)
SOME_SENT = st.lists(st.sampled_from(HOMES), unique=True).map(sent)


@given(LISTS, LISTS, SOME_SENT)
def test_every_finding_of_both_audits_is_closed_not_sent_open_or_new(before, after, now):
    found = compared(before, after, sent(), now)
    assert found.closed.height + found.not_sent.height + found.open.height == len(before)
    assert found.new.height + found.open.height == len(after)
    assert [*found.totals] == [*STANDINGS]


@given(LISTS)
def test_against_itself_all_is_open(audit):
    found = compared(audit, audit, sent(), sent())
    assert found.totals == {"closed": 0, "not_sent": 0, "open": len(audit), "new": 0}


@given(LISTS, LISTS, SOME_SENT, st.randoms())
def test_the_order_of_lines_does_not_matter(before, after, now, random):
    mixed = sorted(after, key=lambda _: random.random())
    one, other = (compared(before, rows, sent(), now) for rows in (after, mixed))
    for name in STANDINGS:
        assert_frame_equal(getattr(one, name), getattr(other, name))


def test_a_fault_that_moved_to_another_row_of_another_file_is_still_open():
    moved = of("h1") | {"row": 400, "source": "new.xlsx"}
    assert compared([of("h1")], [moved], sent(), sent(source="new.xlsx")).counts().rows() == [
        ("unknown_code", 0, 0, 1, 0)
    ]


@pytest.mark.parametrize(
    ("now", "closed"),
    [
        (sent(), True),
        (sent(source="renamed.xlsx", sheet="Sheet1"), True),  # the same households under another name
        (sent(HOMES[2:]), True),  # the row was taken out, its sheet was sent
        (sent(HOMES[4:]), False),  # most of the sheet is missing
        (sent(table="loans"), False),  # the table is
        (sent([]), False),
    ],
)
def test_only_what_was_sent_again_is_closed(now, closed):
    found = compared([of("h1")], [], sent(), now)
    assert (found.closed.height, found.not_sent.height) == (int(closed), int(not closed))
    nameless = compared([of(None)], [], pl.concat([sent(), sent([None])]), now)
    assert nameless.closed.height == int(closed)


def test_a_village_that_was_left_out_is_not_sent_though_the_rest_of_its_sheet_is():
    homes = [f"h{number}" for number in range(20)]
    village = {home: "V" if number < 4 else "W" for number, home in enumerate(homes)}
    found = compared([of("h1")], [], sent(homes, village=village), sent(homes[4:], village=village))
    assert found.not_sent.height == 1
    taken_out = compared([of("h1")], [], sent(homes, village=village), sent([*homes[:1], *homes[2:]], village=village))
    assert taken_out.closed.height == 1


def test_a_registered_household_that_stands_nowhere_any_more_is_not_sent_a_misspelt_one_is_closed():
    register = sent(table="households")
    before = pl.concat([register, sent([*HOMES, "misspelt"])])
    now = pl.concat([sent([*HOMES[:1], *HOMES[2:]], table="households"), sent([*HOMES[:1], *HOMES[2:]])])
    found = compared([of("h1"), of("misspelt")], [], before, now)
    assert found.not_sent["household_id"].to_list() == ["h1"]
    assert found.closed["household_id"].to_list() == ["misspelt"]


def test_a_finding_whose_rule_looks_at_a_table_that_was_not_sent_is_not_closed():
    no_head = of("h1", table="households", rule="no_head") | {"column": "household_id"}
    run = pl.concat([RUN, pl.DataFrame([{"rule": "no_head"}], schema=COUNTS)])
    register = sent(table="households")
    both = pl.concat([register, sent(table="members", source="b.xlsx")])
    assert compared([no_head], [], both, both, run).closed.height == 1
    assert compared([no_head], [], both, register, run).not_sent.height == 1


def test_a_rule_that_could_not_be_checked_closes_nothing():
    lacking = pl.DataFrame([{"rule": "unknown_code", "missing": "incomes.wage"}], schema=COUNTS)
    assert compared([of("h1")], [], sent(), sent(), lacking).not_sent.height == 1
    assert compared([of("h1", rule="reported_wrong")], [], sent(), sent()).not_sent.height == 1


def test_villages_are_told_by_their_names_else_by_the_code_that_numbers_begin_with():
    place = {"_source": ["a.xlsx"] * 3, "_sheet": ["s"] * 3}
    homes = {"household_id": ["533399000000000001", "h2", None], "village": [None, "V", "V"], "town": ["T", "T", "T"]}
    loans = pl.DataFrame({"x": [1], "_source": ["a.xlsx"], "_sheet": ["s"]})
    found = sent_rows({"households": pl.DataFrame(homes | place), "loans": loans})
    assert found.select("table", "household_id", "village").rows() == [
        ("households", None, None),
        ("households", "533399000000000001", "533399000000"),
        ("households", "h2", "T/V"),
        ("loans", None, None),
    ]
