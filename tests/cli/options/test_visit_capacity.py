"""The options of capacity: what a table of visits may look like."""

import pytest

from relapse_risk.alerts import Costs
from relapse_risk.cli.options import AskedCapacity, capacity_options
from relapse_risk.errors import InputError
from relapse_risk.policy import Texts, read_policy


def asked(capacity, per="town", least=0, costs=None):
    options = {"capacity": capacity, "capacity_per": per, "min_per_village": least, "costs": costs}
    options["rules_beyond_capacity"] = False
    return AskedCapacity.of(options).of_policy(read_policy())


@pytest.mark.parametrize(
    ("content", "encoding"),
    [
        ("县,乡镇,走访户数\n甲县,东镇, 3\n甲县,西镇,2\n", "gb18030"),
        ("county,town,visits\n甲县,东镇,3\n甲县,西镇,2\n", "utf-8-sig"),
        ("县,乡镇,走访户数\n甲县,东镇,3\n甲县,西镇,2\n", "utf-16"),
        ("县\t乡镇\t走访户数\n甲县\t东镇\t3\n甲县\t西镇\t2\n", "utf-16-le"),  # Excel's "Unicode text"
    ],
)
def test_a_table_is_read_as_offices_save_it(tmp_path, content, encoding):
    path = tmp_path / "visits.csv"
    path.write_bytes(content.encode(encoding))
    assert asked(path).visits.rows() == [("甲县", "东镇", 3), ("甲县", "西镇", 2)]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (None, "capacity_file"),
        ("", "capacity_file"),
        ("乡镇,乡,走访户数\na,a,1\n", "capacity_file"),
        ("乡镇,走访户数\n东镇,三\n", "capacity_table"),
        ("村,走访户数\n东村,3\n", "capacity_table"),
    ],
)
def test_what_is_no_table_of_visits_is_refused(tmp_path, content, code):
    path = tmp_path / "visits.csv"
    if content is not None:
        path.write_text(content, encoding="utf-8")
    with pytest.raises(InputError) as refused:
        asked(path)
    assert refused.value.code == code


def test_numbers_and_costs_go_on_as_they_are():
    found = asked(5, "town", 1, Costs(miss=2, waste=1))
    assert (found.visits, found.per, found.min_per_village, found.costs.threshold) == (5, "town", 1, 1 / 3)


def given(text):
    return capacity_options(Texts("en"))[0].callback(None, None, text)


@pytest.mark.parametrize(
    ("text", "capacity"), [("500", 500), ("8%", 0.08), ("0.08", 0.08), (".5", 0.5), ("12.5％", 0.125)]
)
def test_a_capacity_is_a_number_or_a_share(text, capacity):
    assert given(text) == pytest.approx(capacity)
    assert asked(given(text), per=None).visits == given(text)


@pytest.mark.parametrize("text", ["0", "-3", "100%", "0%", "1.5", "many", "5%%", "1e-2"])
def test_what_is_neither_is_refused_as_it_was_written(text):
    with pytest.raises(InputError) as refused:
        given(text)
    assert (refused.value.code, str(refused.value.details["found"])) == ("capacity_number", text)
