"""The rules of the register as tables of cases (domain: codes, sessions, first-day contact)."""

from datetime import UTC, date, datetime
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session
from attendance_contracts.codes import NUMBER_OF
from attendance_contracts.events import AbsenceExplained, AbsenceRecorded, AbsenceWithdrawn
from register_service.registers import domain
from register_service.registers.domain import SchoolSession, SentMark, Standing, WrittenMark

MONDAY = date(2026, 9, 7)
NOW = datetime(2026, 9, 7, 8, 31, tzinfo=UTC)
N_ONLY = frozenset({"N"})


def a_mark(code: str, position: int = 0, key: str = "A1") -> SentMark:
    return SentMark(position, "MIS_ID", key, code)


@pytest.mark.parametrize(
    ("code", "day", "session", "says"),
    [
        ("/", MONDAY, Session.AM, None),
        ("/", MONDAY, Session.PM, "does not belong in a PM register"),
        ("\\", MONDAY, Session.AM, "does not belong in a AM register"),
        ("C1", date(2024, 8, 18), Session.AM, "not in force"),
        ("C1", date(2024, 8, 19), Session.AM, None),
        ("H", MONDAY, Session.AM, None),
        ("ZZ", MONDAY, Session.AM, "no such attendance code"),
        ("n", MONDAY, Session.AM, "no such attendance code"),
    ],
)
def test_a_code_stands_only_where_and_when_it_may(
    code: str, day: date, session: Session, says: str | None
) -> None:
    refusal = domain.code_refusal(code, day, session)
    assert (refusal is None) if says is None else (refusal is not None and says in refusal)


def test_every_wrong_mark_is_pointed_at() -> None:
    marks = [a_mark("/", 0, "A1"), a_mark("ZZ", 1, "A2"), a_mark("/", 3, "A1")]
    wrong = domain.check_marks(marks, MONDAY, Session.AM)
    assert [(mark.position, mark.field) for mark in wrong] == [(1, "code"), (3, "")]


def test_a_withdrawn_code_is_kept_with_a_warning() -> None:
    marks = [a_mark("H", 4), a_mark("/", 5, "A2")]
    assert domain.check_marks(marks, MONDAY, Session.AM) == []
    assert [mark.position for mark in domain.warnings_for(marks, MONDAY, Session.AM)] == [4]


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
    assert domain.standing(code, before, contact_codes, MONDAY) is after


@pytest.mark.parametrize(
    ("previous", "code", "news"),
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
    previous: str | None, code: str, news: tuple[type, str] | None
) -> None:
    written = [WrittenMark(0, uuid4(), uuid4(), previous, code)]
    at = SchoolSession(uuid4(), N_ONLY, taught=True)
    events = domain.classify_changes(written, at=at, day=MONDAY, session=Session.AM, now=NOW)
    assert [(type(event), event.state) for event in events] == ([news] if news else [])


CODES_OF_A_MORNING = sorted(set(NUMBER_OF) - {"\\"})


@given(st.lists(st.sampled_from(CODES_OF_A_MORNING), min_size=1, max_size=12))
def test_whatever_the_corrections_the_last_news_agrees_with_the_last_mark(codes: list[str]) -> None:
    """A listener who only hears the events knows at the end whether the child is looked for."""
    at = SchoolSession(uuid4(), N_ONLY, taught=True)
    believed = Standing.HERE
    previous: str | None = None
    for code in codes:
        written = [WrittenMark(0, UUID(int=1), UUID(int=2), previous, code)]
        for event in domain.classify_changes(
            written, at=at, day=MONDAY, session=Session.AM, now=NOW
        ):
            believed = Standing.HERE if event.state == "withdrawn" else Standing(event.state)
        previous = code
    final = domain.standing(previous, Standing.HERE, at.contact_codes, MONDAY)
    # An O says "still nobody knows" after an N, and "settled" otherwise; either keeps the child
    # absent in the eyes of a listener.
    assert (believed is Standing.HERE) == (final is Standing.HERE)


def test_a_submission_that_changes_nothing_says_nothing() -> None:
    written = [
        WrittenMark(0, uuid4(), uuid4(), None, None),
        WrittenMark(1, uuid4(), uuid4(), "I", "I"),
    ]
    event = domain.register_recorded(
        written, school_id=uuid4(), day=MONDAY, session=Session.AM, now=NOW
    )
    assert event is None


def test_only_new_and_changed_marks_travel_and_previous_codes_only_when_there_are_any() -> None:
    new, changed = (
        WrittenMark(0, uuid4(), uuid4(), None, "/"),
        WrittenMark(1, uuid4(), uuid4(), "N", "L"),
    )
    school_id = uuid4()

    def event_of(*written: WrittenMark) -> object:
        return domain.register_recorded(
            written, school_id=school_id, day=MONDAY, session=Session.AM, now=NOW
        )

    alone = event_of(new)
    both = event_of(new, changed)
    assert getattr(alone, "previous", "") is None
    assert getattr(both, "previous", ()) == (None, "N")
    assert getattr(both, "codes", ()) == ("/", "L")
