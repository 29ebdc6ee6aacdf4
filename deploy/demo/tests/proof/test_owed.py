"""What a family is owed, as tables of days and what follows from them."""

from datetime import date
from typing import Any

import pytest

from attendance_contracts.calendar import Session
from demo_authority.authority.model import CareStatus, Child, Contact
from demo_authority.play.journal import Change
from demo_authority.proof.owed import Outcome, outcomes, person_to_tell, seconds_since_due, together

AM, PM = Session.AM, Session.PM
MORNING_DUE, AFTERNOON_DUE = 100.0, 500.0
DUE = {AM: MORNING_DUE, PM: AFTERNOON_DUE}
RESTS = (110.0, 510.0, 900.0)


def rested(before: float, after: float) -> bool:
    return any(before <= rest <= after for rest in RESTS)


def at(moment: float, session: Session, code: str) -> Change:
    return Change(session, code, moment, moment + 1)


NOTHING = Outcome()
TOLD = Outcome(firsts=1)
CORRECTED = Outcome(firsts=1, corrections=1)


@pytest.mark.parametrize(
    ("day", "right"),
    [
        pytest.param([], {NOTHING}, id="nothing was sent"),
        pytest.param([at(50, AM, "/")], {NOTHING}, id="present"),
        pytest.param([at(50, AM, "I")], {NOTHING}, id="absent with a reason"),
        pytest.param([at(50, AM, "O")], {NOTHING}, id="the school's own settled view"),
        pytest.param([at(50, AM, "N")], {TOLD}, id="missed and nobody knows why"),
        pytest.param([at(300, AM, "N")], {TOLD}, id="a register after contact was due"),
        pytest.param([at(50, AM, "N"), at(80, AM, "L")], {NOTHING}, id="late, before the message"),
        pytest.param([at(50, AM, "N"), at(80, AM, "I")], {NOTHING}, id="ill, before the message"),
        pytest.param([at(50, AM, "N"), at(80, AM, "O")], {NOTHING}, id="settled by the office"),
        pytest.param([at(50, AM, "N"), at(200, AM, "O")], {TOLD}, id="O is no reason to apologise"),
        pytest.param([at(50, AM, "N"), at(200, AM, "I")], {TOLD}, id="ill, as the family answered"),
        pytest.param([at(50, AM, "N"), at(200, AM, "G")], {TOLD}, id="a holiday without leave"),
        pytest.param([at(50, AM, "N"), at(200, AM, "/")], {CORRECTED}, id="there after all"),
        pytest.param([at(50, AM, "N"), at(200, AM, "U")], {CORRECTED}, id="arrived very late"),
        pytest.param([at(50, AM, "N"), at(200, AM, "V")], {CORRECTED}, id="on the school's trip"),
        pytest.param([at(50, AM, "N"), at(200, AM, "D")], {CORRECTED}, id="at the other school"),
        pytest.param(
            [at(50, AM, "N"), at(200, AM, "I"), at(600, AM, "/")],
            {CORRECTED},
            id="explained, and then there after all",
        ),
        pytest.param(
            [at(50, AM, "N"), at(102, AM, "I")], {NOTHING, TOLD}, id="a reason just when due"
        ),
        pytest.param(
            [at(50, AM, "N"), at(102, AM, "L")], {NOTHING, CORRECTED}, id="in just when due"
        ),
        pytest.param(
            [at(50, AM, "N"), at(99.5, AM, "L")], {NOTHING, CORRECTED}, id="in as it fell due"
        ),
        pytest.param([at(50, AM, "N"), at(400, PM, "N")], {TOLD}, id="all day is one message"),
        pytest.param(
            [at(50, AM, "N"), at(200, AM, "I"), at(400, PM, "N")],
            {TOLD},
            id="an afternoon joins a morning with a reason",
        ),
        pytest.param(
            [at(50, AM, "N"), at(400, PM, "N"), at(600, AM, "L")], {TOLD}, id="there for half of it"
        ),
        pytest.param(
            [at(50, AM, "N"), at(400, PM, "N"), at(600, AM, "/"), at(601.5, PM, "I")],
            {TOLD},
            id="there in the morning, a reason for the afternoon",
        ),
        pytest.param(
            [at(50, AM, "N"), at(400, PM, "N"), at(600, AM, "/"), at(601.5, PM, "\\")],
            {CORRECTED},
            id="there all day is one correction",
        ),
        pytest.param(
            [at(50, AM, "N"), at(200, AM, "L"), at(600, PM, "I")],
            {CORRECTED},
            id="late in the morning, ill in the afternoon",
        ),
        pytest.param(
            [at(50, AM, "N"), at(200, AM, "L"), at(600, PM, "N")],
            {Outcome(2, 1)},
            id="missed again after a correction",
        ),
        pytest.param(
            [at(50, AM, "N"), at(200, AM, "L"), at(202, PM, "N")],
            {Outcome(2, 1), TOLD},
            id="missed again before the correction could go",
        ),
        pytest.param(
            [at(50, AM, "N"), at(200, AM, "L"), at(202, AM, "I")],
            {CORRECTED, TOLD},
            id="a reason before the correction could go",
        ),
        pytest.param([at(400, PM, "N"), at(450, PM, "L")], {NOTHING}, id="late in the afternoon"),
    ],
)
def test_a_day_owes_its_family(day: list[Change], right: set[Outcome]) -> None:
    assert outcomes(day, DUE, rested) == right


@pytest.mark.parametrize(
    ("day", "told_at", "seconds"),
    [
        pytest.param([at(50, AM, "N")], 103, 3, id="after contact was due"),
        pytest.param([at(50, AM, "N")], 98, -2, id="before it was"),
        pytest.param([at(300, AM, "N")], 303, 2, id="after a late register was accepted"),
        pytest.param([at(300, AM, "N")], 300.5, 0, id="while it was being accepted"),
        pytest.param([at(50, AM, "N"), at(200, AM, "I")], 202, None, id="the reason was quicker"),
        pytest.param([at(50, AM, "N"), at(400, PM, "N")], 402, 302, id="the morning was due first"),
    ],
)
def test_a_first_message_came(day: list[Change], told_at: float, seconds: float | None) -> None:
    assert seconds_since_due(day, DUE, told_at) == seconds


def test_children_who_read_alike_are_owed_the_sum() -> None:
    assert together([frozenset({TOLD}), frozenset({NOTHING, CORRECTED})]) == {
        TOLD,
        Outcome(firsts=2, corrections=1),
    }


def child(*kinds: str) -> Child:
    care = tuple(
        CareStatus(kind, "332", "worker-1", "team", date(2026, 1, 5), None) for kind in kinds
    )
    return Child(0, "", "Robin", "Example", date(2015, 1, 1), "F", False, "none", 0, care)


def contact(priority: int, relationship: str = "mother", **facts: Any) -> Contact:
    told = {"mobile": "07700900123", "email": None, "court_order": False} | facts
    return Contact(
        enrolment=0,
        person=priority,
        name="Alex Example",
        relationship=relationship,
        priority=priority,
        parental_responsibility=True,
        language="en",
        **told,
    )


FIRST, SECOND = contact(1), contact(2)


@pytest.mark.parametrize(
    ("of", "contacts", "told"),
    [
        pytest.param(child(), [SECOND, FIRST], FIRST, id="the first choice"),
        pytest.param(child(), [], None, id="nobody is known"),
        pytest.param(
            child(), [contact(1, court_order=True), SECOND], SECOND, id="never a barred parent"
        ),
        pytest.param(
            child(), [contact(1, mobile=None), SECOND], SECOND, id="somebody who can be reached"
        ),
        pytest.param(child("LAC"), [FIRST], None, id="no parent of a looked-after child"),
        pytest.param(
            child("LAC"),
            [FIRST, contact(2, "foster carer")],
            contact(2, "foster carer"),
            id="the carer of a looked-after child",
        ),
        pytest.param(child("CIN"), [FIRST], FIRST, id="the parent of a child in need"),
    ],
)
def test_a_school_tells(of: Child, contacts: list[Contact], told: Contact | None) -> None:
    assert person_to_tell(of, contacts) == told
