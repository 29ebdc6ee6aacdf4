"""When a correction goes: by day, by the school's own clock, until the next school day ends."""

from datetime import date, datetime, time

import pytest

from notification_service.recipients.domain import CorrectionHours
from notification_testing.facts import at

TUESDAY, WEDNESDAY = date(2026, 9, 8), date(2026, 9, 9)
OF_MONDAY = CorrectionHours(time(20), time(8), last_day=TUESDAY)
NO_LIMIT = CorrectionHours(time(20), time(8), last_day=None)


@pytest.mark.parametrize(
    "now", [at("08:40"), at("18:59"), at("07:00", TUESDAY), at("18:59", TUESDAY)]
)
def test_by_day_it_goes_at_once(now: datetime) -> None:
    assert OF_MONDAY.may_go_at(now) == now


@pytest.mark.parametrize(
    "now",
    [
        at("19:00"),  # eight in the evening, British summer time
        at("22:59"),
        at("23:30"),  # past midnight in England
        at("06:59", TUESDAY),
    ],
)
def test_at_night_it_waits_for_the_morning(now: datetime) -> None:
    assert OF_MONDAY.may_go_at(now) == at("07:00", TUESDAY)


@pytest.mark.parametrize(
    "now", [at("19:00", TUESDAY), at("03:00", WEDNESDAY), at("09:00", WEDNESDAY)]
)
def test_after_the_next_school_day_it_goes_no_more(now: datetime) -> None:
    assert OF_MONDAY.may_go_at(now) is None


def test_it_is_never_too_late_while_no_next_school_day_is_known() -> None:
    july = at("09:00", date(2027, 7, 30))

    assert NO_LIMIT.may_go_at(july) == july


@pytest.mark.parametrize(
    ("evening", "morning"),
    [
        (at("21:00", date(2026, 10, 24)), at("08:00", date(2026, 10, 25))),
        (at("21:00", date(2027, 3, 27)), at("07:00", date(2027, 3, 28))),
    ],
    ids=["the clocks go back", "the clocks go forward"],
)
def test_the_morning_comes_by_the_schools_own_clock(evening: datetime, morning: datetime) -> None:
    assert NO_LIMIT.may_go_at(evening) == morning


def test_a_school_has_quiet_hours_of_its_own() -> None:
    early = CorrectionHours(time(18, 30), time(7), last_day=TUESDAY)

    assert early.may_go_at(at("17:29")) == at("17:29")
    assert early.may_go_at(at("17:30")) == at("06:00", TUESDAY)
