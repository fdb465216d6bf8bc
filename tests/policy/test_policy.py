import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from relapse_risk.errors import InputError
from relapse_risk.policy import REASONS, ColumnCondition, Lines, LinesFile, read_model, read_policy


def test_our_lines_are_those_of_the_domain():
    lines = read_policy().lines
    assert [lines.of_year(year) for year in (2010, 2014, 2018, 2019, 2020)] == [2300, 2800, 2995, 3218, 4000]


def test_every_line_of_ours_has_a_source_and_no_monitoring_line_is_under_the_poverty_line():
    file = read_model(LinesFile, "lines")
    every = [file.lines, *file.monitoring.line.values()]
    assert all(line.source for years in every for line in years.values())
    lines, monitoring = read_policy().lines, file.monitoring.line
    assert all(one.yuan > lines.of_year(int(year)) for years in monitoring.values() for year, one in years.items())


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


def _refused(tmp_path, name, text):
    mine = tmp_path / f"{name}.toml"
    mine.write_bytes(text if isinstance(text, bytes) else text.encode())
    with pytest.raises(InputError) as caught:
        read_policy(**{name: mine})
    for lang in ("zh", "en"):
        said = caught.value.in_language(lang)
        assert not set("\n{}'") & set(said), said  # one line, without Python's way of writing things
    return caught.value.code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("not toml", "data_file_not_toml"),
        (b"\xff\xfe", "data_file_not_text"),
        ("a = " + "[" * 5000, "data_file_too_deep"),
        ("[lines.soon]\nyuan = 1", "data_value"),
        ("[lines.1899]\nyuan = 1", "data_value"),
        ("[lines.20200]\nyuan = 1", "data_value"),
        ("[lines.2020]\nyuan = 'many'", "data_value"),
        ("[lines.2020]\nyuan = '4000'", "data_value"),
        ("[lines.2020]\nyuan = true", "data_value"),
        ("[lines.2020]\nyuan = inf", "data_value"),
        ("[lines.2020]\nyuan = nan", "data_value"),
        ("[lines.2020]\nyuan = 0", "data_value"),
        ("[lines.2020]\nyuan = -4000", "data_value"),
        ("[lines.2020]\nyuan = [1]", "data_value"),
        ("[lines.2021]\nsource = 'x'", "data_key_missing"),
        ("[lines]\n2020 = 4000", "data_value"),
        ("[lines.2020]\nyan = 4000", "data_key_unknown"),
        ("lines = 4000", "data_table_needed"),
        ("[line.2020]\nyuan = 4000", "data_table_unknown"),
        ("[monitoring]\nfactor = 0", "data_value"),
        ("[monitoring.line.'云南'.soon]\nyuan = 1", "data_value"),
        ('[monitoring.line."湖南省"]\n', "data_value"),
    ],
)
def test_unusable_lines_are_refused_when_they_are_read(tmp_path, text, code):
    assert _refused(tmp_path, "lines", text) == code


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("[capasity]\nshare = 0.1", "data_table_unknown"),
        ("capacity = 0.1", "data_table_needed"),
        *((f"[capacity]\nshare = {share}", "data_value") for share in ("0", "-0.1", "1.5", "nan", "'x'", "true")),
        ("[capacity]\nshares = 0.1", "data_key_unknown"),
        *(
            (f"[assumed]\n{figure}", "data_value")
            for figure in ("risk = 0", "risk = 1", "risk = 'x'", "odds_ratio = 0.5", "factor = nan")
        ),
        ("[assumed]\nrisks = 0.1", "data_key_unknown"),
        ("[tiers]\npurple = 0.1", "data_key_unknown"),
        ("[tiers]\nred = 0.6", "data_value"),
        ("[tiers]\nyellow = 0.9", "data_value"),
        ("[tiers]\nred = 0", "data_value"),
        ("[tiers]\nred = 'a'", "data_value"),
        ("[tiers]\nred = [0.1]", "data_value"),
        ("[rule]\nlow_income = 3", "data_value"),
        ("[rule.new]\nat_least = 1", "data_key_missing"),
        ("[rule.new]\ncolumn = 'size'", "data_value"),
        ("[rule.new]\ncolumn = 3\nat_least = 1", "data_value"),
        ("[rule.new]\ncolumn = 'size'\nat_least = 1\nat_most = 3", "data_value"),
        ("[rule.new]\ncolumn = 'size'\nat_leats = 1", "data_key_unknown"),
        ("[rule.new]\ncolumn = 'size'\nat_least = '1'", "data_value"),
        ("[rule.new]\ncolumn = 'size'\nat_least = inf", "data_value"),
        ("[rule.new]\ncolumn = 'size'\nis = 3", "data_value"),
    ],
)
def test_unusable_thresholds_are_refused_when_they_are_read(tmp_path, text, code):
    assert _refused(tmp_path, "thresholds", text) == code


@pytest.mark.parametrize("name", ["aliases", "codes", "thresholds"])
def test_a_file_given_for_another_is_refused_with_what_it_may_hold(tmp_path, name):
    assert _refused(tmp_path, name, "[lines.2020]\nyuan = 4000") == "data_table_unknown"
    with pytest.raises(InputError, match={"aliases": "headers", "codes": "blank", "thresholds": "tiers"}[name]):
        read_policy(**{name: tmp_path / f"{name}.toml"})


def test_a_condition_may_get_another_test_without_its_column(tmp_path):
    mine = tmp_path / "thresholds.toml"
    mine.write_text("[rule.low_income]\nat_most = 2\n[rule.disaster]\nat_least = 2\n")
    rule = read_policy(thresholds=mine).thresholds.rule
    assert rule["low_income"] == ColumnCondition(column="income_over_line", at_most=2)
    assert rule["disaster"].at_least == 2
    assert read_policy().thresholds.rule["low_income"].below == 1.5


def test_a_user_may_name_a_dictionary_of_codes(tmp_path):
    mine = tmp_path / "codes.toml"
    mine.write_text("[dictionary]\n'households.village' = 'villages'\n[villages]\n'上村' = 'a'\n")
    assert read_policy(codes=mine).codes.dictionaries["villages"] == {"上村": "a"}


def test_a_file_that_begins_with_a_byte_order_mark_is_read(tmp_path):
    mine = tmp_path / "lines.toml"
    mine.write_text("[lines.2020]\nyuan = 5000\n", encoding="utf-8-sig")
    assert read_policy(lines=mine).lines.of_year(2020) == 5000


def test_no_lines_at_all_are_refused():
    with pytest.raises(InputError) as caught:
        Lines(by_year={})
    assert caught.value.code == "lines_empty"


def test_a_missing_file_is_named(tmp_path):
    with pytest.raises(InputError, match=r"nowhere\.toml"):
        read_policy(thresholds=tmp_path / "nowhere.toml")


def test_every_reason_has_both_wordings_and_no_cause_has_two():
    causes = [cause for reason in REASONS.values() for cause in reason.cause]
    assert len(causes) == len(set(causes))
    assert all(reason.zh and reason.en for reason in REASONS.values())


def test_a_province_s_own_monitoring_lines_stand_beside_the_poverty_lines(tmp_path):
    mine = tmp_path / "lines.toml"
    mine.write_text('[lines.2024]\nyuan = 5000\n[monitoring.line."云南".2024]\nyuan = 8600\n', encoding="utf-8")
    policy = read_policy(lines=mine)
    rows = pl.DataFrame({"year": [2024, 2024, 2023, 2020, 2018], "province": ["云南省", None, "云南省", None, None]})
    poverty = policy.lines.of_years(pl.col("year"))
    found = rows.select(
        poverty.alias("poverty"),
        policy.monitoring.of_years(pl.col("year"), poverty, rows.columns).alias("monitoring"),
    )
    assert found["poverty"].to_list() == [5000, 5000, 4000, 4000, 2995]
    assert found["monitoring"].to_list() == [8600, 6000, 6000, 5000, 4492.5]


def test_the_line_of_the_smallest_place_decides_by_name_or_code_from_its_first_year_on(tmp_path):
    mine = tmp_path / "lines.toml"
    places = {
        "云南": (2021, 6100),
        "楚雄": (2022, 6500),
        "大姚县": (2023, 7000),
        "532326": (2024, 7500),
        "5301": (2022, 6600),
    }
    tables = [f'[monitoring.line."{place}".{year}]\nyuan = {yuan}\n' for place, (year, yuan) in places.items()]
    mine.write_text("".join(tables), encoding="utf-8")
    lines = read_policy(lines=mine).monitoring
    dayao = {"province": "云南省", "prefecture": "楚雄州", "county": "大姚县", "village_code": "532326100201"}
    homes = [dayao | {"year": year} for year in range(2020, 2026)]
    homes += [{"year": 2024, "county": "大姚县"}, {"year": 2024, "village_code": "530102001001"}, {"year": 2024}]
    rows = pl.DataFrame(homes, schema={"year": pl.Int32} | dict.fromkeys(dayao, pl.String))
    found = rows.select(lines.of_years(pl.col("year"), pl.lit(4000.0), rows.columns)).to_series().to_list()
    assert found == [5000, 6100, 6500, 7000, 7500, 7500, 7000, 6600, 6000]
    assert lines.given == set(places)


@pytest.mark.parametrize("place", ["云", "53232", " 云南", ""])
def test_a_place_that_could_be_anywhere_is_refused_in_one_line(tmp_path, place):
    mine = tmp_path / "lines.toml"
    mine.write_text(f'[monitoring.line."{place}".2024]\nyuan = 8600\n', encoding="utf-8")
    with pytest.raises(InputError, match=r"2, 4 or 6 digits") as refused:
        read_policy(lines=mine)
    assert "\n" not in str(refused.value)
