"""How long households were followed, and what ended it."""

from datetime import date

import pytest

from relapse_risk.errors import InputError
from relapse_risk.labels import follow_up
from tests.labels.small_registers import home, member, register, relapse

DAY = "2018-12-31"


def followed(*relapses, exported_on=date(2021, 12, 31), left_on=None, days=DAY, **options):
    records = register(
        exported_on=exported_on,
        households=[home()],
        relapses=list(relapses),
        members=[member(), member(left_on=left_on, left_reason="death", recorded_on=left_on)]
        if left_on
        else [member()],
    )
    return follow_up(records, days, **options).select("months", "relapsed", "competing_event").rows()


def test_who_does_not_fall_back_is_followed_to_the_end():
    assert followed() == [(24.0, False, False)]
    assert followed(most=6) == [(6.0, False, False)]
    assert followed(exported_on=date(2019, 9, 30)) == [(9.0, False, False)]


@pytest.mark.parametrize(
    ("day", "months"), [(date(2019, 6, 30), 6.0), (date(2019, 12, 31), 12.0), (date(2020, 2, 29), 14.0)]
)
def test_months_are_those_of_the_calendar(day, months):
    assert followed(relapse(day)) == [(pytest.approx(months), True, False)]


def test_the_first_relapse_after_the_day_ends_it():
    first, second = relapse(date(2019, 1, 16)), relapse(date(2019, 9, 1))
    assert followed(second, first) == [(pytest.approx(16 / 30.4375, abs=0.01), True, False)]


def test_a_relapse_after_the_end_is_none():
    assert followed(relapse(date(2020, 3, 1)), most=12) == [(12.0, False, False)]


def test_who_had_fallen_already_by_a_later_entry_is_not_followed():
    late = relapse(date(2018, 12, 20), recorded_on=date(2019, 1, 10))
    assert followed(late) == followed(late, relapse(date(2019, 5, 1))) == []
    assert followed(late, known_by="2019-01-09") == [(pytest.approx(9 / 31, abs=0.01), False, False)]


def test_who_is_gone_is_followed_to_the_day():
    assert followed(left_on=date(2019, 3, 31)) == [(3.0, False, True)]
    assert followed(left_on=date(2021, 6, 1)) == [(24.0, False, False)]


def test_of_relapse_and_departure_the_first_one_counts():
    assert followed(relapse(date(2019, 2, 28)), left_on=date(2019, 3, 31)) == [(2.0, True, False)]
    assert followed(relapse(date(2019, 4, 30)), left_on=date(2019, 3, 31)) == [(3.0, False, True)]


def test_what_is_recorded_after_known_by_is_not_seen():
    late = relapse(date(2019, 2, 28), recorded_on=date(2020, 5, 1))
    assert followed(late, known_by="2020-04-30") == [(16.0, False, False)]
    assert followed(late, known_by="2020-05-01")[0][1] is True


def test_every_day_has_its_rows():
    assert [months for months, _, _ in followed(days=["2019-12-31", DAY], most=12)] == [12.0, 12.0]


def test_without_relapses_or_days_there_is_nothing_to_follow():
    for records, days, code in (
        (register(households=[home()]), DAY, "no_relapse_table"),
        (register(households=[home()], relapses=[]), [], "label_no_day"),
    ):
        with pytest.raises(InputError) as caught:
            follow_up(records, days)
        assert caught.value.code == code
