"""What a register changes in the ledger of absences, as tables of cases."""

from datetime import UTC, date, datetime
from uuid import UUID

import pytest

from attendance_contracts.calendar import Session
from attendance_contracts.events import RegisterRecorded
from escalation_service.absences.domain import (
    EnrolmentYear,
    LedgerMark,
    ledger_changes,
)

NOW = datetime(2026, 9, 7, 9, 0, tzinfo=UTC)
MONDAY = date(2026, 9, 7)
FIRST, SECOND = UUID(int=1), UUID(int=2)
COUNTED = frozenset({"G", "N", "O", "U"})


def a_register(
    codes: dict[UUID, str] | dict[UUID, str | None],
    previous: tuple[str | None, ...] | None = None,
    day: date = MONDAY,
    half: Session = Session.AM,
) -> RegisterRecorded:
    return RegisterRecorded(
        school_id=UUID(int=9),
        date=day,
        session=half,
        recorded_at=NOW,
        enrolments=tuple(codes),
        codes=tuple(codes.values()),
        previous=previous,
        minutes_late=None,
    )


@pytest.mark.parametrize(
    ("code", "previous", "absent", "removed", "touched"),
    [
        ("/", None, None, False, False),
        ("L", "/", None, False, False),
        ("Y2", "L", None, False, False),
        ("Y4", "L", "Y4", False, False),
        ("Y4", "O", "Y4", False, True),
        ("/", "Y4", None, True, False),
        ("N", None, "N", False, True),
        ("I", None, "I", False, False),
        ("U", "N", "U", False, True),
        ("I", "N", "I", False, True),
        ("N", "I", "N", False, True),
        ("M", "I", "M", False, False),
        ("/", "I", None, True, False),
        ("/", "N", None, True, True),
        ("L", "O", None, True, True),
        (None, "O", None, True, True),  # taken back
        (None, "/", None, False, False),
    ],
)
def test_a_mark_changes_the_ledger_only_where_an_absence_comes_or_goes(
    code: str | None, previous: str | None, absent: str | None, *, removed: bool, touched: bool
) -> None:
    changes = ledger_changes([a_register({FIRST: code}, (previous,))], COUNTED)
    mark = LedgerMark(FIRST, MONDAY, Session.AM, absent)
    assert changes.absent == ([mark] if absent else [])
    assert changes.not_absent == ([mark] if removed else [])
    assert changes.touched == ({EnrolmentYear(FIRST, 2026)} if touched else set())
    assert changes.lowered == (changes.touched if previous in COUNTED else set())


def test_of_one_marks_codes_the_last_in_the_batch_holds() -> None:
    events = [
        a_register({FIRST: "N", SECOND: "/"}),
        a_register({FIRST: "O"}, ("N",)),
        a_register({FIRST: "/"}, ("O",)),
        a_register({SECOND: "N"}, ("/",)),
    ]
    changes = ledger_changes(events, COUNTED)
    assert changes.absent == [LedgerMark(SECOND, MONDAY, Session.AM, "N")]
    assert changes.not_absent == [LedgerMark(FIRST, MONDAY, Session.AM, None)]
    assert len(changes.touched) == 2


def test_august_belongs_to_the_school_year_before() -> None:
    changes = ledger_changes([a_register({FIRST: "N"}, day=date(2026, 8, 31))], COUNTED)
    assert changes.touched == {EnrolmentYear(FIRST, 2025)}


def test_columns_of_unequal_length_are_refused() -> None:
    with pytest.raises(ValueError, match="zip"):
        ledger_changes([a_register({FIRST: "N"}, ("/", "/"))], COUNTED)
