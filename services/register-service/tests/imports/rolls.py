"""Rolls as an MIS sends them, and what the register makes of them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from uuid import UUID, uuid4

from uuid_utils.compat import uuid7

from attendance_contracts.identifiers import make_upn
from register_service.contacts.domain import Contact
from register_service.imports.domain import (
    Entry,
    Known,
    Load,
    Place,
    RollLine,
    check_lines,
    plan_roll,
)
from register_service.imports.domain.pupil import Names
from register_service.lines.domain import State
from register_service.links.domain import FirstWord
from register_service.roll.domain import Enrolled, Enrolment, Facts

SCHOOL = uuid7()
SENDER = "supplier:example-mis"
TODAY = date(2026, 11, 20)
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


@dataclass(frozen=True, kw_only=True)
class Register:
    """What the register holds of all schools: their places, and their first words of each UPN."""

    places: Mapping[UUID, Place] = field(default_factory=dict)
    words: Mapping[tuple[UUID, str], tuple[UUID, Facts]] = field(default_factory=dict)

    def of(self, upn: str) -> list[Place]:
        """Who goes by a UPN now, in the order in which they came."""
        return [place for place in self.places.values() if place.upn == upn]

    def at(self, school: UUID) -> list[Place]:
        """The places of one school."""
        return [one for one in self.places.values() if one.enrolment.school_id == school]

    def known(self, school: UUID = SCHOOL) -> Known:
        """What a load of a school is planned with, as the register's statements read it."""
        elsewhere: dict[str, list[Enrolled]] = {}
        for place in self.places.values():
            if place.enrolment.school_id != school:
                for upn in (place.upn, *place.former_upns):
                    enrolled = Enrolled(
                        enrolment=place.enrolment, identity=place.identity, authority_code="332"
                    )
                    elsewhere.setdefault(upn, []).append(enrolled)
        pupils = {place.child_id for place in self.at(school)}
        words: dict[str, list[FirstWord]] = {}
        for (said_by, upn), (enrolment, facts) in self.words.items():
            child = self.places[enrolment].child_id
            if said_by != school and child not in pupils:
                words.setdefault(upn, []).append(FirstWord(child, facts))
        return Known(here=self.at(school), elsewhere=elsewhere, first_words=words)


def new_ids() -> Iterator[UUID]:
    while True:
        yield uuid7()


def load(school: UUID = SCHOOL, organisation: str = SENDER, today: date = TODAY) -> Load:
    return Load(
        school_id=school,
        organisation=organisation,
        today=today,
        enrolment_ids=new_ids(),
        child_ids=iter(uuid4, None),
    )


def planned(
    *lines: RollLine, known: Register | None = None, school: UUID = SCHOOL, by: str = SENDER
) -> list[Entry]:
    checked = check_lines(dict(enumerate(lines, 1)))
    entries = plan_roll(checked, (known or Register()).known(school), load(school, by))
    return sorted(entries, key=lambda entry: entry.number)


def states(*lines: RollLine, known: Register | None = None) -> list[State]:
    return [entry.state for entry in planned(*lines, known=known)]


def after(
    *lines: RollLine, known: Register | None = None, school: UUID = SCHOOL, by: str = SENDER
) -> Register:
    """What the register knows once these lines have been entered, all of it on one day."""
    before = known or Register()
    return kept(planned(*lines, known=before, school=school, by=by), before)


def kept(entries: Sequence[Entry], before: Register) -> Register:
    """What the register holds once entries are kept, beside what it held when they were planned."""
    places, words = dict(before.places), dict(before.words)
    for released in (one for entry in entries for one in entry.released):
        places[released] = replace(places[released], mis_id=None)
    written = {one.enrolment_id: one for one in entries if one.enrolment_id is not None}
    for id_, entry in written.items():
        places[id_] = _kept(entry, places.get(id_))
        if entry.first_words:
            word = (places[id_].enrolment.school_id, entry.upn)
            words.setdefault(word, (id_, places[id_].identity.facts))
    _name(places, [entry.names for entry in entries if entry.names])
    return Register(places=places, words=words)


def _name(places: dict[UUID, Place], given: Sequence[Names]) -> None:
    for names in given:
        for id_ in names.enrolments:
            places[id_] = replace(places[id_], upn=names.upn, former_upns=names.former_upns)


def _kept(entry: Entry, before: Place | None) -> Place:
    """Return what an entry makes of a place, as the register's statements do."""
    if before is None:
        assert entry.enrolment is not None
        assert entry.identity is not None
        assert entry.names is not None
        return Place(
            enrolment=entry.enrolment,
            identity=entry.identity,
            upn=entry.names.upn,
            mis_id=entry.mis_id,
            contacts=entry.contacts or (),
        )
    lately = {before.identity.facts} if entry.identity else set()
    return replace(
        before,
        enrolment=entry.enrolment or before.enrolment,
        identity=entry.identity or before.identity,
        mis_id=entry.mis_id or before.mis_id,
        contacts=before.contacts if entry.contacts is None else entry.contacts,
        sent=entry.sent or before.sent,
        lately=before.lately | lately,
    )


def elsewhere(known: Register) -> Register:
    """The same, were it the roll of another school."""
    other = uuid7()
    return Register(
        places={
            id_: replace(place, enrolment=_moved(place.enrolment, other))
            for id_, place in known.places.items()
        },
        words={(other, upn): word for (_, upn), word in known.words.items()},
    )


def _moved(enrolment: Enrolment, school: UUID) -> Enrolment:
    return replace(enrolment, school_id=school)
