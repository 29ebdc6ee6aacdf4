"""The rules of the register as tables of cases (domain: codes, sessions, first-day contact)."""

from datetime import UTC, date, datetime

import pytest

from attendance_contracts.calendar import Session
from register_service.registers import domain
from register_service.registers.domain import Amendment, SentMark

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


# Born for year 5, and for reception: the second need not attend before 31 December 2026.
TEN, FOUR = date(2016, 5, 4), date(2021, 9, 4)


@pytest.mark.parametrize(
    ("code", "day", "counted"),
    [
        *((code, MONDAY, True) for code in "HJYF"),
        ("F", date(2013, 9, 1), True),
        ("F", date(2013, 8, 31), False),
        ("H", date(2024, 8, 19), True),
        ("H", date(2024, 8, 18), False),
    ],
)
def test_a_withdrawn_code_is_kept_with_a_warning(code: str, day: date, counted: bool) -> None:
    marks = [a_mark(code, 4), a_mark("/", 5, "A2")]
    assert domain.check_marks(marks, day, Session.AM) == []
    warned = [mark.position for mark in domain.warnings_for(marks, {}, day, Session.AM)]
    assert warned == ([4] if counted else [])


@pytest.mark.parametrize("minutes", [-(2**15) - 1, -5, -1, 361, 40_000, 2**31, 2**40])
def test_nobody_is_late_by_less_than_none_or_more_than_a_session(minutes: int) -> None:
    marks = [a_mark("/"), SentMark(1, "MIS_ID", "A2", "L", minutes)]
    wrong = domain.check_marks(marks, MONDAY, Session.AM)
    assert [(mark.position, mark.field) for mark in wrong] == [(1, "minutes_late")]


@pytest.mark.parametrize("minutes", [None, 0, 12, 360])
def test_a_child_is_late_by_up_to_a_session(minutes: int | None) -> None:
    assert domain.check_marks([SentMark(0, "UPN", "A", "U", minutes)], MONDAY, Session.AM) == []


@pytest.mark.parametrize("code", ["#", "Z"])
@pytest.mark.parametrize("day", [MONDAY, date(2014, 9, 8)])
def test_what_is_no_pupils_code_says_where_it_belongs(code: str, day: date) -> None:
    [wrong] = domain.check_marks([a_mark("/"), a_mark(code, 1, "A2")], day, Session.AM)
    assert (wrong.position, wrong.field) == (1, "code")
    assert "There is no such" not in wrong.detail


@pytest.mark.parametrize(
    ("words", "fields"),
    [
        (None, ["reason"]),
        (Amendment(), ["reason"]),
        (Amendment(name="A. Officer", title="Attendance officer"), ["reason"]),
        (Amendment("\u2003"), ["reason"]),
        (Amendment("Taxi did not come", " ", "\u200b"), ["amender_name", "amender_title"]),
        (Amendment("a" * 501), ["reason"]),
        (Amendment("Taxi did not come"), []),
    ],
    ids=["alone", "nothing given", "a name is no reason", "blank", "blank names", "long", "said"],
)
def test_y7_comes_with_its_reason(words: Amendment | None, fields: list[str]) -> None:
    marks = [SentMark(3, "MIS_ID", "A1", "Y7", None, words)]
    wrong = domain.check_marks(marks, MONDAY, Session.AM)
    assert [(mark.position, mark.field) for mark in wrong] == [(3, field) for field in fields]


def test_a_session_that_is_not_held_may_only_be_marked_as_shut() -> None:
    codes = ("Y4", "/", "N", "#", "ZZ")
    marks = [a_mark(code, place, f"A{place}") for place, code in enumerate(codes)]
    wrong = domain.check_marks(marks, MONDAY, Session.AM, is_closed=True)
    assert [(mark.position, mark.field) for mark in wrong] == [
        (place, "code") for place in (1, 2, 3, 4)
    ]


@pytest.mark.parametrize(
    ("code", "born", "is_refused"),
    [("X", TEN, True), ("X", FOUR, False), ("C2", TEN, False), ("C2", FOUR, False)],
)
def test_x_is_for_those_who_need_not_attend(code: str, born: date, is_refused: bool) -> None:
    wrong = domain.wrong_for_their_age([a_mark("/"), a_mark(code, 1)], {1: born}, MONDAY)
    assert [(mark.position, mark.field) for mark in wrong] == [(1, "code")] * is_refused


@pytest.mark.parametrize(("born", "is_worth_a_look"), [(TEN, False), (FOUR, True)])
def test_c2_is_worth_a_look_before_a_child_must_attend(born: date, is_worth_a_look: bool) -> None:
    warned = domain.warnings_for([a_mark("C2", 2)], {2: born}, MONDAY, Session.AM)
    assert [(mark.position, mark.field) for mark in warned] == [(2, "code")] * is_worth_a_look
