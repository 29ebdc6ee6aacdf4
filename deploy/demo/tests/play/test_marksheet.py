"""The rule of two masters on one mark."""

from dataclasses import replace
from datetime import datetime

from attendance_contracts.calendar import LONDON, Session
from demo_authority.authority.model import Amendment, Event, EventKind, Register
from demo_authority.play.marksheet import Cell, CellChange, Marksheet

AT = datetime(2026, 11, 23, 9, tzinfo=LONDON)
CELL = Cell(7, AT.date(), Session.AM)
SENT = Register("900001", "1A", AT.date(), Session.AM, (7,), (1,), ("N",), (None,))
PUSH = Event(AT, EventKind.REGISTER, "900001", "1A", AT.date(), Session.AM, SENT)
CORRECTION = replace(
    PUSH,
    kind=EventKind.CORRECTION,
    payload=Amendment(7, 1, "N", "I", None, "A parent rang.", "A. Officer", "Officer"),
)


def test_a_first_push_is_news() -> None:
    assert Marksheet().apply(PUSH) == [CellChange(CELL, "N")]


def test_the_same_push_again_is_none() -> None:
    sheet = Marksheet()
    sheet.apply(PUSH)
    assert sheet.apply(PUSH) == []


def test_an_old_push_does_not_undo_a_correction() -> None:
    sheet = Marksheet()
    sheet.apply(PUSH)
    assert sheet.apply(CORRECTION) == [CellChange(CELL, "I")]
    assert sheet.apply(PUSH) == []
    assert sheet.current[CELL] == "I"


def test_a_new_word_from_the_source_counts_again() -> None:
    sheet = Marksheet()
    sheet.apply(PUSH)
    sheet.apply(CORRECTION)
    changed = replace(PUSH, payload=replace(SENT, codes=("M",)))
    assert sheet.apply(changed) == [CellChange(CELL, "M")]
