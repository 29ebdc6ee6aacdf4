"""Rolls as an MIS sends them, and what the register makes of them."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from attendance_contracts.identifiers import make_upn
from register_service.contacts.domain import Contact
from register_service.imports.domain import (
    Entry,
    Known,
    Load,
    RollLine,
    check_lines,
    contacts_of,
    plan_roll,
)
from register_service.roll.domain import Enrolled, Facts
from register_service.states import State

SCHOOL = uuid7()
SENDER = "supplier:example-mis"
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


def load(school: UUID = SCHOOL, organisation: str = SENDER) -> Load:
    return Load(
        school_id=school,
        organisation=organisation,
        enrolment_ids=new_ids(),
        child_ids=iter(uuid4, None),
    )


def planned(
    *lines: RollLine, known: Known | None = None, school: UUID = SCHOOL, by: str = SENDER
) -> list[Entry]:
    checked = check_lines(dict(enumerate(lines, 1)))
    entries = plan_roll(checked, known or Known(), load(school, by))
    return sorted(entries, key=lambda entry: entry.number)


def states(*lines: RollLine, known: Known | None = None) -> list[State]:
    return [entry.state for entry in planned(*lines, known=known)]


def after(
    *lines: RollLine, known: Known | None = None, school: UUID = SCHOOL, by: str = SENDER
) -> Known:
    """What the register knows once these lines have been entered, all of it on one day."""
    before = known or Known()
    return kept(planned(*lines, known=before, school=school, by=by), before)


def kept(entries: Sequence[Entry], known: Known) -> Known:
    """What the register knows once entries are kept, beside what it knew when they were planned."""
    enrolled = {upn: list(places) for upn, places in known.enrolled.items()}
    lately = {upn: set(facts) for upn, facts in known.lately.items()}
    for entry in entries:
        _keep(entry, enrolled.setdefault(entry.upn, []), lately.setdefault(entry.upn, set()))
    mis_ids = {e.enrolment_id: e.mis_id for e in entries if e.enrolment_id and e.mis_id}
    owners = {e.mis_id: e.child_id for e in entries if e.child_id and e.mis_id}
    return Known(
        enrolled=enrolled,
        lately=lately,
        mis_ids={**known.mis_ids, **mis_ids},
        owners={**known.owners, **owners},
        contacts={**known.contacts, **contacts_of(entries)},
    )


def _keep(entry: Entry, places: list[Enrolled], lately: set[Facts]) -> None:
    """Enter what an entry writes, as the register's statements do."""
    by_id = {one.enrolment.id: one for one in places}
    known = by_id.get(entry.enrolment_id or SCHOOL)
    if known is not None:
        if entry.identity:
            lately.add(known.identity.facts)
        changed = replace(
            known,
            enrolment=entry.enrolment or known.enrolment,
            identity=entry.identity or known.identity,
        )
        places[places.index(known)] = changed
    elif entry.enrolment and entry.identity:
        new = Enrolled(
            enrolment=entry.enrolment,
            identity=entry.identity,
            came_with=entry.identity.facts,
            authority_code="332",
        )
        places.append(new)


def elsewhere(known: Known) -> Known:
    """The same, were it the roll of another school."""
    other = uuid7()
    moved = {
        upn: [replace(one, enrolment=replace(one.enrolment, school_id=other)) for one in places]
        for upn, places in known.enrolled.items()
    }
    return Known(enrolled=moved)
