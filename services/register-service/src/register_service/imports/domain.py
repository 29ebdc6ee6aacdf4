"""What a school's MIS sends of its roll, line by line, and what the register makes of it.

The natural keys are the UPN for a child, and child, school and starting day for an enrolment.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Final, TypeVar
from uuid import UUID

from attendance_contracts.faults import Fault
from attendance_contracts.identifiers import UPNError, parse_upn
from register_service.roll.domain import (
    LONGEST_CLASS_CODE,
    Child,
    Contact,
    Enrolment,
    Status,
    check_contacts,
    check_place,
    tidy_contacts,
    tidy_year_group,
)
from register_service.states import State

T = TypeVar("T")

# Far more than any school sends; codes and ids stand in indexes, which hold no long text.
LONGEST: Final = {
    "forename": 200,
    "surname": 200,
    "mis_id": 100,
    "year_group": 20,
    "class_code": LONGEST_CLASS_CODE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """One child's place at the school as its MIS holds it; `ends_on` is the last day on roll.

    What is left out stays as it was: MIS id, contacts, confidential flag. An empty list of contacts
    takes them all away.
    """

    upn: str
    forename: str
    surname: str
    date_of_birth: date
    year_group: str
    class_code: str
    starts_on: date
    status: Status
    ends_on: date | None = None
    mis_id: str | None = None
    confidential_address: bool | None = None
    contacts: tuple[Contact, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A line in the register's own spelling, with what refuses it and what was left out of it."""

    line: RollLine
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the register already holds of the children in a load.

    Attributes:
        children: by UPN.
        elsewhere: the children who are on another school's roll as well.
        enrolments: those at this school, by child.
        mis_ids: by enrolment.
        owners: the child to whom a MIS id belongs at this school.
        contacts: in the order of their keys, by enrolment.
    """

    children: Mapping[str, Child] = field(default_factory=dict)
    elsewhere: frozenset[UUID] = frozenset()
    enrolments: Mapping[UUID, Sequence[Enrolment]] = field(default_factory=dict)
    mis_ids: Mapping[UUID, str] = field(default_factory=dict)
    owners: Mapping[str, UUID] = field(default_factory=dict)
    contacts: Mapping[UUID, tuple[Contact, ...]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """What becomes of one line.

    `child`, `enrolment`, `mis_id` and `contacts` stand here where they must be written: new, or
    other than before.
    """

    number: int
    state: State
    upn: str
    enrolment_id: UUID | None = None
    child_id: UUID | None = None
    child: Child | None = None
    enrolment: Enrolment | None = None
    mis_id: str | None = None
    contacts: tuple[Contact, ...] | None = None
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


def check_line(sent: RollLine) -> Checked:
    """Return a line tidied, with its faults. None of them repeats what was sent."""
    faults: list[Fault] = []
    upn = sent.upn
    try:
        upn = parse_upn(sent.upn)
    except UPNError as error:
        faults.append(Fault(str(error), "#/upn"))
    contacts = sent.contacts
    warnings: list[Fault] = []
    if contacts is not None:
        faults += check_contacts(contacts)
        contacts, warnings = tidy_contacts(contacts)
    line = replace(
        sent,
        upn=upn,
        forename=sent.forename.strip(),
        surname=sent.surname.strip(),
        year_group=tidy_year_group(sent.year_group),
        class_code=sent.class_code.strip(),
        mis_id=(sent.mis_id or "").strip() or None,
        contacts=contacts,
    )
    faults += _name_faults(line)
    faults += _length_faults(line)
    return Checked(line=line, faults=tuple(faults), warnings=tuple(warnings))


def check_lines(lines: Mapping[int, RollLine]) -> dict[int, Checked]:
    """Check every line of a load, each for itself."""
    return {number: check_line(line) for number, line in lines.items()}


def plan_roll(
    checked: Mapping[int, Checked], known: Known, ids: Iterator[UUID], *, school_id: UUID
) -> list[Entry]:
    """Decide every line of a load; `ids` are new ones, two for each line at least.

    Lines are taken by starting day, so that one may end an enrolment and another begin the next;
    in that order they come back, the newest word on a child last.
    """
    draft = _Draft(known=known, ids=ids, school_id=school_id)
    by_start = sorted(checked, key=lambda number: (checked[number].line.starts_on, number))
    return [draft.enter(number, checked[number]) for number in by_start]


def contacts_of(entries: Sequence[Entry]) -> dict[UUID, tuple[Contact, ...]]:
    """Return the contacts to be written, by enrolment."""
    return {
        entry.enrolment_id: entry.contacts
        for entry in entries
        if entry.enrolment_id is not None and entry.contacts is not None
    }


@dataclass(kw_only=True)
class _Draft:
    """The school's roll as it will be, while a load is entered into it line by line."""

    known: Known
    ids: Iterator[UUID]
    school_id: UUID
    children: dict[str, Child] = field(init=False)
    places: dict[UUID, dict[date, Enrolment]] = field(init=False)
    owners: dict[str, UUID] = field(init=False)
    entered: set[UUID] = field(init=False, default_factory=set)

    def __post_init__(self) -> None:
        self.children = dict(self.known.children)
        self.owners = dict(self.known.owners)
        self.places = {
            child_id: {place.starts_on: place for place in places}
            for child_id, places in self.known.enrolments.items()
        }

    def enter(self, number: int, checked: Checked) -> Entry:
        line = checked.line
        known_child = self.children.get(line.upn)
        child = self._child(line, known_child)
        places = self.places.setdefault(child.id, {})
        place = places.get(line.starts_on)
        enrolment = self._enrolment(line, child.id, place)
        faults = checked.faults or (
            *check_place(enrolment, list(places.values())),
            *self._conflicts(line, known_child, enrolment),
        )
        if faults:
            return Entry(number=number, state=State.REFUSED, upn=line.upn, faults=faults)
        self.children[line.upn] = child
        places[line.starts_on] = enrolment
        self.entered.add(enrolment.id)
        if line.mis_id:
            self.owners[line.mis_id] = child.id
        entry = Entry(
            number=number,
            state=State.CREATED if place is None else State.UNCHANGED,
            upn=line.upn,
            enrolment_id=enrolment.id,
            child_id=child.id,
            child=None if child == known_child else child,
            enrolment=None if enrolment == place else enrolment,
            mis_id=self._if_new(line.mis_id, self.known.mis_ids.get(enrolment.id)),
            contacts=self._if_new(line.contacts, self.known.contacts.get(enrolment.id, ())),
            warnings=checked.warnings,
        )
        writes = (entry.child, entry.enrolment, entry.mis_id, entry.contacts)
        if place is not None and any(part is not None for part in writes):
            return replace(entry, state=State.CHANGED)
        return entry

    @staticmethod
    def _if_new(sent: T | None, known: T | None) -> T | None:
        return None if sent == known else sent

    def _child(self, line: RollLine, known: Child | None) -> Child:
        if known is None:
            return Child(
                id=next(self.ids),
                forename=line.forename,
                surname=line.surname,
                date_of_birth=line.date_of_birth,
                confidential_address=bool(line.confidential_address),
                version=1,
            )
        shared = known.id in self.known.elsewhere
        confidential = line.confidential_address
        if confidential is None or (known.confidential_address and shared):
            # Another school may have good reason to hide the address: one cannot lift it for both.
            confidential = known.confidential_address or bool(confidential)
        child = replace(known, confidential_address=confidential)
        if not (shared and line.status == "subsidiary"):  # the main school's spelling stands
            child = replace(
                child,
                forename=line.forename,
                surname=line.surname,
                date_of_birth=line.date_of_birth,
            )
        if child == known:
            return known
        kept = self.known.children.get(line.upn)  # None: new in this very load
        return replace(child, version=1 if kept is None else kept.version + 1)

    def _enrolment(self, line: RollLine, child_id: UUID, known: Enrolment | None) -> Enrolment:
        enrolment = Enrolment(
            id=next(self.ids) if known is None else known.id,
            child_id=child_id,
            school_id=self.school_id,
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

    def _conflicts(
        self, line: RollLine, known: Child | None, enrolment: Enrolment
    ) -> Iterator[Fault]:
        if enrolment.id in self.entered:
            yield Fault("An earlier line of this request names the same enrolment.", "#/starts_on")
        if line.mis_id and self.owners.get(line.mis_id, enrolment.child_id) != enrolment.child_id:
            yield Fault("This MIS id belongs to another child of the school.", "#/mis_id")
        shared = known is not None and known.id in self.known.elsewhere
        if known is not None and shared and known.date_of_birth != line.date_of_birth:
            detail = "Another school gives this UPN another date of birth; check both with it."
            yield Fault(detail, "#/date_of_birth")


def _length_faults(line: RollLine) -> Iterator[Fault]:
    for name, longest in LONGEST.items():
        if len(getattr(line, name) or "") > longest:
            yield Fault(f"{longest} characters at most.", f"#/{name}")


def _name_faults(line: RollLine) -> Iterator[Fault]:
    if not line.forename:
        yield Fault("A child has a forename.", "#/forename")
    if not line.surname:
        yield Fault("A child has a surname.", "#/surname")
    if line.date_of_birth >= line.starts_on:
        yield Fault("A child is born before the starting day.", "#/date_of_birth")
