"""Rolls as an MIS sends them, and what the register makes of them."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.identifiers import make_upn
from register_service.imports.domain import (
    Entry,
    Known,
    RollLine,
    check_lines,
    contacts_of,
    plan_roll,
)
from register_service.roll.domain import Contact
from register_service.states import State

SCHOOL = uuid7()
PARENT = Contact(
    key="1",
    name="Parent Example",
    relationship="parent",
    priority=1,
    parental_responsibility=True,
    court_order=False,
    language="en",
    mobile="07700900123",
)
LINE = RollLine(
    upn=make_upn(332, 2000, 21, 1),
    forename="Avery",
    surname="Example",
    date_of_birth=date(2017, 5, 4),
    year_group="4",
    class_code="4A",
    starts_on=date(2026, 9, 2),
    status="main",
    mis_id="1",
    contacts=(PARENT,),
)
OTHER = replace(LINE, upn=make_upn(332, 2000, 21, 2), mis_id="2")


def new_ids() -> Iterator[UUID]:
    while True:
        yield uuid7()


def planned(*lines: RollLine, known: Known | None = None) -> list[Entry]:
    entries = plan_roll(
        check_lines(dict(enumerate(lines, 1))), known or Known(), new_ids(), school_id=SCHOOL
    )
    return sorted(entries, key=lambda entry: entry.number)


def states(*lines: RollLine, known: Known | None = None) -> list[State]:
    return [entry.state for entry in planned(*lines, known=known)]


def after(*lines: RollLine) -> Known:
    """What the register knows once these lines have been entered."""
    entries = [entry for entry in planned(*lines) if entry.state is State.CREATED]
    enrolments = [entry.enrolment for entry in entries if entry.enrolment]
    return Known(
        children={entry.upn: entry.child for entry in entries if entry.child},
        enrolments={
            child: [place for place in enrolments if place.child_id == child]
            for child in {place.child_id for place in enrolments}
        },
        mis_ids={e.enrolment_id: e.mis_id for e in entries if e.enrolment_id and e.mis_id},
        owners={e.mis_id: e.child_id for e in entries if e.child_id and e.mis_id},
        contacts=contacts_of(entries),
    )


def elsewhere(known: Known) -> Known:
    """The same, were all the children on another school's roll as well."""
    return replace(known, elsewhere=frozenset(child.id for child in known.children.values()))
