import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.policy import REASONS, Lines, read_policy, word


def test_our_lines_are_those_of_the_domain():
    lines = read_policy().lines
    assert [lines.of_year(year) for year in (2010, 2014, 2018, 2019, 2020)] == [2300, 2800, 2995, 3218, 4000]


def test_a_year_without_a_line_takes_the_last_before_it():
    lines = read_policy().lines
    assert lines.of_year(2009) is None
    assert lines.of_year(2031) == lines.of_year(max(lines.by_year))
    assert not lines.is_own(2031)


@given(st.dictionaries(st.integers(1990, 2040), st.floats(1, 1e6), min_size=1), st.integers(1980, 2050))
def test_a_column_of_years_reads_like_single_years(by_year, year):
    lines = Lines(by_year=by_year)
    assert pl.select(lines.of_years(pl.lit(year))).item() == lines.of_year(year)


def test_a_users_lines_win_over_ours_year_by_year(tmp_path):
    mine = tmp_path / "lines.toml"
    mine.write_text("[lines.2020]\nyuan = 5000\n[lines.2021]\nyuan = 6000\n", encoding="utf-8")
    lines = read_policy(lines=mine).lines
    assert (lines.of_year(2019), lines.of_year(2020), lines.of_year(2021)) == (3218, 5000, 6000)


@pytest.mark.parametrize(
    "text", ["not toml", "[lines.soon]\nyuan = 1", "[lines.2020]\nyuan = 'many'", "[lines]\n2020 = 4000"]
)
def test_an_unusable_file_is_one_clear_line(tmp_path, text):
    mine = tmp_path / "lines.toml"
    mine.write_text(text, encoding="utf-8")
    with pytest.raises(InputError) as caught:
        read_policy(lines=mine)
    assert "\n" not in str(caught.value)


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        read_policy(thresholds=tmp_path / "nowhere.toml")


def test_every_reason_has_both_wordings_and_no_cause_has_two():
    causes = [cause for reason in REASONS.values() for cause in reason.cause]
    assert len(causes) == len(set(causes))
    assert all(reason.zh and reason.en for reason in REASONS.values())


def test_words_come_in_both_languages():
    assert word("tiers", "red", "zh") != word("tiers", "red", "en")
