"""What changed marks mean to those who listen: absences told, explained and withdrawn."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session
from attendance_contracts.codes import NUMBER_OF
from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceWithdrawn,
    RegisterRecorded,
)
from register_service.registers import news
from register_service.registers.domain import ChangedMark, SchoolSession
from register_service.registers.news import Standing

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 8, 31, tzinfo=UTC)
N_ONLY = frozenset({"N"})


@pytest.mark.parametrize(
    ("code", "before", "contact_codes", "after"),
    [
        (None, Standing.HERE, N_ONLY, Standing.HERE),
        ("N", Standing.HERE, N_ONLY, Standing.UNEXPLAINED),
        ("/", Standing.UNEXPLAINED, N_ONLY, Standing.HERE),
        ("L", Standing.UNEXPLAINED, N_ONLY, Standing.HERE),
        ("U", Standing.UNEXPLAINED, N_ONLY, Standing.HERE),
        ("V", Standing.HERE, N_ONLY, Standing.HERE),
        ("#", Standing.HERE, N_ONLY, Standing.HERE),
        ("I", Standing.UNEXPLAINED, N_ONLY, Standing.EXPLAINED),
        ("G", Standing.UNEXPLAINED, N_ONLY, Standing.EXPLAINED),
        ("O", Standing.UNEXPLAINED, N_ONLY, Standing.UNEXPLAINED),
        ("O", Standing.HERE, N_ONLY, Standing.EXPLAINED),
        ("O", Standing.HERE, frozenset({"N", "O"}), Standing.UNEXPLAINED),
        ("U", Standing.HERE, frozenset({"N", "U"}), Standing.UNEXPLAINED),
    ],
)
def test_what_a_mark_means_to_somebody_looking_for_the_child(
    code: str | None, before: Standing, contact_codes: frozenset[str], after: Standing
) -> None:
    assert news.standing(code, before, contact_codes, MONDAY) is after


@pytest.mark.parametrize(
    ("previous", "code", "told"),
    [
        (None, "N", (AbsenceRecorded, "unexplained")),
        (None, "I", (AbsenceRecorded, "explained")),
        (None, "/", None),
        ("/", "N", (AbsenceRecorded, "unexplained")),
        ("N", "I", (AbsenceExplained, "explained")),
        ("N", "L", (AbsenceWithdrawn, "withdrawn")),
        ("N", "U", (AbsenceWithdrawn, "withdrawn")),
        ("N", "O", None),
        ("I", "N", (AbsenceRecorded, "unexplained")),
        ("I", "M", None),
        ("I", "/", (AbsenceWithdrawn, "withdrawn")),
        ("/", "L", None),
    ],
)
def test_which_absence_a_change_opens_explains_or_withdraws(
    previous: str | None, code: str, told: tuple[type, str] | None
) -> None:
    changed = [ChangedMark(uuid4(), uuid4(), previous, code)]
    at = SchoolSession(uuid4(), uuid4(), N_ONLY, taught=True)
    events = news.classify_changes(changed, at=at, day=MONDAY, session=Session.AM, now=NOW)
    assert [(type(event), event.state) for event in events] == ([told] if told else [])


def test_the_absences_of_a_submission_are_told_together_by_what_became_of_them() -> None:
    children = [UUID(int=number) for number in range(5)]
    changes = [(None, "N"), (None, "/"), ("N", "I"), (None, "N"), ("N", "L")]
    changed = [
        ChangedMark(child, child, *codes) for child, codes in zip(children, changes, strict=True)
    ]
    at = SchoolSession(uuid4(), uuid4(), N_ONLY, taught=True)

    events = news.classify_changes(changed, at=at, day=MONDAY, session=Session.AM, now=NOW)

    assert [(type(event), event.children) for event in events] == [
        (AbsenceRecorded, (children[0], children[3])),
        (AbsenceExplained, (children[2],)),
        (AbsenceWithdrawn, (children[4],)),
    ]
    assert all(event.enrolments == event.children for event in events)


CODES_OF_A_MORNING = sorted(set(NUMBER_OF) - {"\\"})


@given(st.lists(st.sampled_from(CODES_OF_A_MORNING), min_size=1, max_size=12))
def test_whatever_the_corrections_the_last_news_agrees_with_the_last_mark(codes: list[str]) -> None:
    """A listener who only hears the events knows at the end whether the child is looked for."""
    at = SchoolSession(uuid4(), uuid4(), N_ONLY, taught=True)
    believed = Standing.HERE
    previous: str | None = None
    for code in codes:
        if code == previous:
            continue
        changed = [ChangedMark(UUID(int=1), UUID(int=2), previous, code)]
        for event in news.classify_changes(changed, at=at, day=MONDAY, session=Session.AM, now=NOW):
            believed = Standing.HERE if event.state == "withdrawn" else Standing(event.state)
        previous = code
    final = news.standing(previous, Standing.HERE, at.contact_codes, MONDAY)
    # An O says "still nobody knows" after an N, and "settled" otherwise; either keeps the child
    # absent in the eyes of a listener.
    assert (believed is Standing.HERE) == (final is Standing.HERE)


def test_a_submission_that_changes_nothing_says_nothing() -> None:
    at = SchoolSession(uuid4(), uuid4(), N_ONLY, taught=True)
    assert news.news_of([], at=at, day=MONDAY, session=Session.AM, now=NOW) == []


def test_a_register_tells_when_its_session_begins() -> None:
    begins_at = datetime(2026, 9, 7, 7, 50, tzinfo=UTC)
    at = SchoolSession(uuid4(), uuid4(), N_ONLY, taught=True, begins_at=begins_at)
    mark = ChangedMark(uuid4(), uuid4(), None, "/")

    recorded, *_ = news.news_of([mark], at=at, day=MONDAY, session=Session.AM, now=NOW)

    assert isinstance(recorded, RegisterRecorded)
    assert recorded.begins_at == begins_at


def test_previous_codes_travel_only_when_there_are_any() -> None:
    new, changed = (
        ChangedMark(uuid4(), uuid4(), None, "/"),
        ChangedMark(uuid4(), uuid4(), "N", "L"),
    )
    school = SchoolSession(uuid4(), uuid4(), N_ONLY, taught=True)

    def event_of(*marks: ChangedMark) -> object:
        return news.register_recorded(marks, at=school, day=MONDAY, session=Session.AM, now=NOW)

    alone = event_of(new)
    both = event_of(new, changed)
    assert getattr(alone, "previous", "") is None
    assert getattr(both, "previous", ()) == (None, "N")
    assert getattr(both, "codes", ()) == ("/", "L")
