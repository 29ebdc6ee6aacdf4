"""What changed marks mean to those who listen: absences told, explained and withdrawn."""

from collections.abc import Sequence
from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session
from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceRetracted,
    AbsenceSettled,
    AbsenceWithdrawn,
    RegisterRecorded,
)
from register_service.absences.domain import (
    Absence,
    Entry,
    Standing,
    Turn,
    absence_news,
    standing,
    standings,
)
from register_service.calendar.domain import SchoolSession
from register_service.registers.domain import ChangedMark, news

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 8, 31, tzinfo=UTC)
ROBIN = UUID(int=1)
N_ONLY = frozenset({"N"})
AT = SchoolSession(uuid4(), uuid4(), N_ONLY, taught=True)


def a_mark(*codes: str, child: UUID = ROBIN, by_name: bool = False) -> ChangedMark:
    """A mark that has said all this, and says the last of it newly."""
    *before, code = codes
    previous = before[-1] if before else None
    return ChangedMark(child, child, previous, code, by_name, tuple(map(Entry, before)))


def absences_of(*changed: ChangedMark) -> Sequence[Absence]:
    _, *absences = news.news_of(changed, at=AT, day=MONDAY, session=Session.AM, now=NOW)
    return absences  # type: ignore[return-value] # what follows the register


@pytest.mark.parametrize(
    ("codes", "told"),
    [
        ("N", (AbsenceRecorded, "unexplained")),
        ("I", (AbsenceRecorded, "explained")),
        ("/", None),
        ("/N", (AbsenceRecorded, "unexplained")),
        ("NI", (AbsenceExplained, "explained")),
        ("NL", (AbsenceWithdrawn, "withdrawn")),
        ("NU", (AbsenceWithdrawn, "withdrawn")),
        ("NO", None),
        ("NON", None),
        ("NOI", (AbsenceExplained, "explained")),
        ("NO/", (AbsenceWithdrawn, "withdrawn")),
        ("IN", (AbsenceRecorded, "unexplained")),
        ("IM", None),
        ("I/", (AbsenceWithdrawn, "withdrawn")),
        ("/L", None),
    ],
)
def test_which_absence_a_change_opens_explains_or_withdraws(
    codes: str, told: tuple[type, str] | None
) -> None:
    events = absences_of(a_mark(*codes))
    assert [(type(event), event.state) for event in events] == ([told] if told else [])


def test_an_o_that_the_office_gives_by_name_settles_the_absence() -> None:
    (event,) = absences_of(a_mark("N", "O", by_name=True))
    assert isinstance(event, AbsenceSettled)


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        ("UNEXPLAINED", "RETRACTED", AbsenceRetracted),
        ("EXPLAINED", "RETRACTED", AbsenceRetracted),
        ("SETTLED", "RETRACTED", AbsenceRetracted),
        ("HERE", "RETRACTED", None),
        ("RETRACTED", "HERE", AbsenceWithdrawn),
        ("RETRACTED", "UNEXPLAINED", AbsenceRecorded),
        ("RETRACTED", "SETTLED", AbsenceSettled),
        ("SETTLED", "EXPLAINED", AbsenceExplained),
        ("SETTLED", "UNEXPLAINED", AbsenceRecorded),
        ("SETTLED", "HERE", AbsenceWithdrawn),
    ],
)
def test_what_is_told_of_a_mark_that_was_settled_or_taken_back(
    before: str, after: str, told: type | None
) -> None:
    turn = Turn(UUID(int=1), UUID(int=2), Standing[before], Standing[after])
    events = absence_news([turn], school_id=uuid4(), day=MONDAY, session=Session.AM, now=NOW)
    assert [type(event) for event in events] == ([told] if told else [])


def test_the_absences_of_a_submission_are_told_together_by_what_became_of_them() -> None:
    children = [UUID(int=number) for number in range(5)]
    said = ("N", "/", "NI", "N", "NL")
    changed = [a_mark(*codes, child=child) for child, codes in zip(children, said, strict=True)]

    events = absences_of(*changed)

    assert [(type(event), event.children) for event in events] == [
        (AbsenceRecorded, (children[0], children[3])),
        (AbsenceExplained, (children[2],)),
        (AbsenceWithdrawn, (children[4],)),
    ]
    assert all(event.enrolments == event.children for event in events)


CODES_OF_A_MORNING = sorted(set(standings(N_ONLY, MONDAY)) - {"\\"})


@given(
    st.lists(st.tuples(st.sampled_from(CODES_OF_A_MORNING), st.booleans()), min_size=1, max_size=12)
)
def test_whatever_the_corrections_the_last_news_agrees_with_the_last_mark(
    said: list[tuple[str, bool]],
) -> None:
    """A listener who only hears the events knows at the end whether the child is looked for."""
    believed = Standing.HERE
    history: tuple[Entry, ...] = ()
    for code, by_name in said:
        previous = history[-1].code if history else None
        if code == previous:
            continue
        for event in absences_of(
            ChangedMark(UUID(int=1), UUID(int=2), previous, code, by_name, history)
        ):
            believed = Standing.HERE if event.state == "withdrawn" else Standing(event.state)
        history += (Entry(code, by_name),)
    assert believed is standing(history, N_ONLY, MONDAY)


def test_a_submission_that_changes_nothing_says_nothing() -> None:
    assert news.news_of([], at=AT, day=MONDAY, session=Session.AM, now=NOW) == []


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
