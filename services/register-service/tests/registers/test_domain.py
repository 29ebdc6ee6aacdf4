"""The rules of the register as tables of cases (domain: codes, sessions, first-day contact)."""

from datetime import UTC, date, datetime

import pytest

from attendance_contracts.calendar import Session
from register_service.registers import domain
from register_service.registers.domain import SentMark

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
