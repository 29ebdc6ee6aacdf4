"""What a load makes of a school's roll: line by line created, changed, unchanged or refused."""

from collections import Counter
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TypeVar
from uuid import UUID

from attendance_contracts.faults import Fault
from register_service.contacts.domain import Contact, newly_reached
from register_service.imports.domain import identity as identities
from register_service.imports.domain.lines import (
    TOO_MANY_PLACES,
    TWO_IDENTITIES,
    Checked,
    RollLine,
)
from register_service.links.domain import Proposal, child_meant, proposals
from register_service.roll.domain import (
    Enrolled,
    Enrolment,
    Facts,
    Identity,
    check_place,
)
from register_service.states import State

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Whose roll is loaded, who sends it, and new ids for enrolments and children."""

    school_id: UUID
    organisation: str
    enrolment_ids: Iterator[UUID]
    child_ids: Iterator[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the register already holds of the children in a load.

    Attributes:
        enrolled: where each UPN is on roll, at whatever school, the first entered before others.
        lately: by UPN, facts that this school gave within the last 24 hours and has taken back.
        mis_ids: by enrolment.
        owners: the child to whom a MIS id belongs at this school.
        contacts: in the order of their keys, by enrolment.
    """

    enrolled: Mapping[str, Sequence[Enrolled]] = field(default_factory=dict)
    lately: Mapping[str, Collection[Facts]] = field(default_factory=dict)
    mis_ids: Mapping[UUID, str] = field(default_factory=dict)
    owners: Mapping[str, UUID] = field(default_factory=dict)
    contacts: Mapping[UUID, tuple[Contact, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What becomes of one line.

    `enrolment`, `identity`, `mis_id` and `contacts` stand here where they must be written: new, or
    other than before.

    Attributes:
        new_child: whether the line brings a child that no record is kept of.
        reason: why a confidential flag is lifted.
        proposals: the links that a person must confirm or refuse.
        facts_changed: whether the school has said another date of birth or surname until now.
        newly_reached: whether somebody may be told of a child on roll who could not be before.
    """

    number: int
    state: State
    upn: str
    enrolment_id: UUID | None = None
    child_id: UUID | None = None
    new_child: bool = False
    enrolment: Enrolment | None = None
    identity: Identity | None = None
    reason: str | None = None
    mis_id: str | None = None
    contacts: tuple[Contact, ...] | None = None
    proposals: tuple[Proposal, ...] = ()
    facts_changed: bool = False
    newly_reached: bool = False
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def plan_roll(checked: Mapping[int, Checked], known: Known, load: Load) -> list[Entry]:
    """Decide every line of a load.

    Lines are taken by starting day, so that one may end an enrolment and another begin the next;
    in that order they come back, the newest word on a child last.
    """
    draft = _Draft(known=known, load=load)
    by_start = sorted(checked, key=lambda number: (checked[number].line.starts_on, number))
    return [draft.enter(number, checked[number]) for number in by_start]


def contacts_of(entries: Sequence[Entry]) -> dict[UUID, tuple[Contact, ...]]:
    """Return the contacts to be written, by enrolment."""
    return {
        entry.enrolment_id: entry.contacts
        for entry in entries
        if entry.enrolment_id is not None and entry.contacts is not None
    }


def facts_changed(entries: Sequence[Entry]) -> list[UUID]:
    """Return the children of whom the school says another date of birth or surname now."""
    return [entry.child_id for entry in entries if entry.facts_changed and entry.child_id]


def enrolments_newly_reached(entries: Sequence[Entry]) -> list[UUID]:
    """Return the enrolments known before of which somebody may be told now who could not be."""
    return [entry.enrolment_id for entry in entries if entry.newly_reached and entry.enrolment_id]


def guesses_refused(entries: Sequence[Entry]) -> Mapping[str, int]:
    """Count the lines refused for facts that look tried out: within this request, or a day."""
    kinds = {
        TWO_IDENTITIES: "request",
        TOO_MANY_PLACES: "request",
        identities.TOO_OFTEN: "day",
    }
    return Counter(
        next(kinds[fault.detail] for fault in entry.faults if fault.detail in kinds)
        for entry in entries
        if any(fault.detail in kinds for fault in entry.faults)
    )


@dataclass(slots=True, kw_only=True)
class _Pupil:
    """One UPN at the school while a load is entered: the child, its places there, its names."""

    child_id: UUID
    places: dict[date, Enrolment] = field(default_factory=dict)
    said: dict[UUID, Identity] = field(default_factory=dict)

    def said_before(self, place: Enrolment | None) -> Identity | None:
        """Return the school's word on the child: on this place, or else on the newest one."""
        if place is None and self.places:
            place = self.places[max(self.places)]
        return None if place is None else self.said[place.id]


@dataclass(kw_only=True)
class _Draft:
    """The school's roll as it will be, while a load is entered into it line by line."""

    known: Known
    load: Load
    pupils: dict[str, _Pupil] = field(init=False, default_factory=dict)
    owners: dict[str, UUID] = field(init=False)
    entered: set[UUID] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.owners = dict(self.known.owners)
        for upn, enrolled in self.known.enrolled.items():
            here = [one for one in enrolled if one.enrolment.school_id == self.load.school_id]
            if here:
                self.pupils[upn] = _Pupil(
                    child_id=here[0].enrolment.child_id,
                    places={one.enrolment.starts_on: one.enrolment for one in here},
                    said={one.enrolment.id: one.identity for one in here},
                )

    def enter(self, number: int, checked: Checked) -> Entry:
        line = checked.line
        known = self.pupils.get(line.upn)
        if known is not None:
            return self._entered(number, checked, known)
        facts = Facts.of(line.date_of_birth, line.surname)
        elsewhere = self.known.enrolled.get(line.upn, ())
        meant = child_meant(facts, elsewhere)
        newcomer = _Pupil(child_id=meant or next(self.load.child_ids))
        entry = self._entered(number, checked, newcomer)
        if entry.enrolment is None:
            return entry
        self.pupils[line.upn] = newcomer
        if meant is not None:
            return entry
        asked = tuple(proposals(entry.enrolment.id, facts, elsewhere))
        return replace(entry, new_child=True, proposals=asked)

    def _entered(self, number: int, checked: Checked, pupil: _Pupil) -> Entry:
        line, sender = checked.line, self.load.organisation
        place = pupil.places.get(line.starts_on)
        enrolment = self._enrolment(line, pupil.child_id, place)
        faults = checked.faults or tuple(self._faults(line, enrolment, pupil))
        if faults:
            return Entry(number=number, state=State.REFUSED, upn=line.upn, faults=faults)
        before = pupil.said_before(place)
        kept = None if place is None else before
        identity = identities.said_by(line, kept, before, organisation=sender)
        flag_warnings = identities.flag_warnings(line, kept, before, organisation=sender)
        self._enter(line, pupil, enrolment, identity)
        contacts = self.known.contacts.get(enrolment.id, ())
        entry = Entry(
            number=number,
            state=State.CREATED if place is None else State.UNCHANGED,
            upn=line.upn,
            enrolment_id=enrolment.id,
            child_id=pupil.child_id,
            enrolment=_if_new(enrolment, place),
            identity=_if_new(identity, kept),
            reason=line.confidential_address_reason if _lifts(identity, kept) else None,
            mis_id=_if_new(line.mis_id, self.known.mis_ids.get(enrolment.id)),
            contacts=_if_new(line.contacts, contacts),
            facts_changed=before is not None and before.facts != identity.facts,
            warnings=(*checked.warnings, *flag_warnings),
        )
        writes = (entry.enrolment, entry.identity, entry.mis_id, entry.contacts)
        if place is not None and any(part is not None for part in writes):
            reached = newly_reached(contacts, entry.contacts or ())
            return replace(entry, state=State.CHANGED, newly_reached=reached)
        return entry

    def _enter(
        self, line: RollLine, pupil: _Pupil, enrolment: Enrolment, identity: Identity
    ) -> None:
        pupil.places[line.starts_on] = enrolment
        pupil.said[enrolment.id] = identity
        self.entered.add(enrolment.id)
        if line.mis_id:
            self.owners[line.mis_id] = pupil.child_id

    def _enrolment(self, line: RollLine, child_id: UUID, known: Enrolment | None) -> Enrolment:
        enrolment = Enrolment(
            id=next(self.load.enrolment_ids) if known is None else known.id,
            child_id=child_id,
            school_id=self.load.school_id,
            starts_on=line.starts_on,
            ends_on=line.ends_on,
            year_group=line.year_group,
            class_code=line.class_code,
            status=line.status,
            version=1 if known is None else known.version,
        )
        if known is None or enrolment == known:
            return enrolment
        return replace(enrolment, version=known.version + 1)

    def _faults(self, line: RollLine, enrolment: Enrolment, pupil: _Pupil) -> Iterator[Fault]:
        yield from check_place(enrolment, list(pupil.places.values()))
        if enrolment.id in self.entered:
            yield Fault("An earlier line of this request names the same enrolment.", "#/starts_on")
        if line.mis_id and self.owners.get(line.mis_id, pupil.child_id) != pupil.child_id:
            yield Fault("This MIS id belongs to another child of the school.", "#/mis_id")
        yield from identities.changes_too_often(
            line, pupil.said.values(), self.known.lately.get(line.upn, ())
        )


def _if_new(sent: T | None, known: T | None) -> T | None:
    return None if sent == known else sent


def _lifts(identity: Identity, kept: Identity | None) -> bool:
    return kept is not None and kept.confidential_address and not identity.confidential_address
