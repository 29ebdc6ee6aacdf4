"""Domain moments in real ones, under a clock that ran and jumped."""

from datetime import UTC, datetime

import pytest

from demo_authority.play.journal import ClockSetting, Journal

NINE = datetime(2026, 11, 23, 9, tzinfo=UTC)
SECONDS = NINE.timestamp()


@pytest.fixture
def journal() -> Journal:
    """Ran from nine at sixty times for ten real seconds, then jumped to eleven."""
    settings = [ClockSetting(1000, SECONDS, 60), ClockSetting(1010, SECONDS + 7200, 1)]
    return Journal(settings=settings, rests=[1005.0])


@pytest.mark.parametrize(
    ("hour", "minute", "real"),
    [(8, 0, 1000), (9, 0, 1000), (9, 5, 1005), (10, 0, 1010), (11, 0, 1010), (11, 1, 1070)],
)
def test_a_domain_moment_came_at(journal: Journal, hour: int, minute: int, real: float) -> None:
    assert journal.real_moment(NINE.replace(hour=hour, minute=minute)) == pytest.approx(real)


def test_without_a_clock_no_moment_came() -> None:
    with pytest.raises(LookupError):
        Journal().real_moment(NINE)


@pytest.mark.parametrize(
    ("before", "after", "rested"), [(1000, 1010, True), (1006, 1010, False), (1000, 1004, False)]
)
def test_a_rest_lies_between(journal: Journal, before: float, after: float, rested: bool) -> None:
    assert journal.rested_between(before, after) == rested
