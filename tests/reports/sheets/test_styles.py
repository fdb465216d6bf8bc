from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.reports.sheets import row_height, sheet_names

NAMES = st.lists(st.text(st.sampled_from("城关镇Aa '[]:*?/\\\t\n1"), max_size=40), max_size=12)


@given(NAMES)
def test_sheet_names_are_ones_a_spreadsheet_takes(names):
    found = sheet_names(names, taken=["说明"])
    assert len(found) == len(names)
    assert len({name.casefold() for name in found} | {"说明", "history"}) == len(names) + 2
    for name in found:
        assert 0 < len(name) <= 31
        assert not set(name) & set("[]:*?/\\\t\n")
        assert name.strip("'") == name


@given(st.text(max_size=300), st.text(max_size=50))
def test_more_text_never_needs_less_room(text, more):
    assert row_height([(text + more, 30.0)]) >= row_height([(text, 30.0)])


def test_a_chinese_text_takes_twice_the_room():
    assert row_height([("病" * 60, 30.0)]) > row_height([("a" * 60, 30.0)])
