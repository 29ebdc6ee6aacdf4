"""The played days as stretches of time."""

from datetime import timedelta
from itertools import pairwise

from demo_authority.authority.generator import DemoAuthority
from demo_authority.play.pace import FIRST_MORNING_SECONDS, stretches


def test_every_event_is_played_once_and_in_its_own_stretch(authority: DemoAuthority) -> None:
    found = stretches(authority)
    assert [event for one in found for event in one.events] == list(authority.timeline)
    assert all(one.start < event.at < one.end for one in found for event in one.events)


def test_stretches_come_in_order_and_none_is_long(authority: DemoAuthority) -> None:
    found = stretches(authority)
    assert all(before.start < after.start for before, after in pairwise(found))
    assert max(one.end - one.start for one in found) < timedelta(minutes=22)


def test_nights_are_jumped_over(authority: DemoAuthority) -> None:
    found = stretches(authority)
    assert sum((one.end - one.start for one in found), timedelta()) < timedelta(hours=5 * 9)


def test_the_first_morning_is_slow_enough_to_watch(authority: DemoAuthority) -> None:
    morning = [
        one
        for one in stretches(authority)
        if one.start.date() == authority.marks.play_from and one.start.hour < 10
    ]
    seconds = sum((one.end - one.start).total_seconds() / one.rate for one in morning)
    assert 0.9 * FIRST_MORNING_SECONDS < seconds < 1.5 * FIRST_MORNING_SECONDS


def test_the_platform_rests_after_contact_was_due_and_at_the_end_of_each_day(
    authority: DemoAuthority,
) -> None:
    rests = [one for one in stretches(authority) if one.rest]
    days = {one.end.date() for one in rests}
    assert len(days) == 5
    assert all(sum(one.end.date() == day for one in rests) >= 3 for day in days)
