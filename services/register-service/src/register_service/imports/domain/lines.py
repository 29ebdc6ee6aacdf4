"""One line of a roll, tidied and checked, and lines of one request that contradict each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, NamedTuple

from attendance_contracts.faults import Fault
from attendance_contracts.identifiers import UPNError, is_upn, parse_upn, read_identifier
from attendance_contracts.words import check_person_name, is_blank, tidy_words
from register_service.contacts.domain import Contact, check_contacts, tidy_contacts
from register_service.roll.domain import (
    LONGEST_CLASS_CODE,
    LONGEST_TEXT,
    Sex,
    Status,
    tidy_year_group,
)

# Far more than any school sends; codes and ids stand in indexes, which hold no long text.
LONGEST: Final = {
    "mis_id": 100,
    "year_group": 20,
    "class_code": LONGEST_CLASS_CODE,
    "confidential_address_reason": LONGEST_TEXT,
}

TWO_IDENTITIES: Final = (
    "Lines of this request say different things of this UPN; find out what is right and send that."
)

PLACES_AT_MOST: Final = 20
"""Lines of one UPN in one request: nobody leaves a school and begins again more often."""

TOO_MANY_PLACES: Final = (
    f"Send at most {PLACES_AT_MOST} lines of one UPN in one request; "
    "a line is a child's place at the school, from its starting day to its last."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """One child's place at the school as its MIS holds it; `ends_on` is the last day on roll.

    What is left out stays as it was: sex, MIS id, contacts, confidential flag. An empty list of
    contacts takes them all away. A flag is lifted by `false` with a reason. `former_upn` is what
    the child went by before, most often a temporary UPN (FORMER_UPN of the common basic data set).
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
    sex: Sex | None = None
    mis_id: str | None = None
    former_upn: str | None = None
    confidential_address: bool | None = None
    confidential_address_reason: str | None = None
    contacts: tuple[Contact, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A line in the register's own spelling, with what refuses it and what was left out of it."""

    line: RollLine
    faults: tuple[Fault, ...] = ()
    warnings: tuple[Fault, ...] = ()


class _Person(NamedTuple):
    """Who a line says the child is."""

    date_of_birth: date
    surname: str
    forename: str


def check_lines(lines: Mapping[int, RollLine]) -> dict[int, Checked]:
    """Check every line of a load, each for itself and then beside the others of its UPN."""
    checked = {number: check_line(line) for number, line in lines.items()}
    persons: dict[str, list[_Person]] = {}
    for one in checked.values():
        if is_upn(one.line.upn):  # whatever is no UPN may be everybody's
            persons.setdefault(one.line.upn, []).append(_person(one.line))
    # Once for each UPN: ten thousand lines of one would take minutes otherwise.
    wrong = {upn: faults for upn, said in persons.items() if (faults := _contradictions(said))}
    return {
        number: replace(one, faults=(*one.faults, *wrong[one.line.upn]))
        if one.line.upn in wrong
        else one
        for number, one in checked.items()
    }


def good_lines(checked: Mapping[int, Checked]) -> list[RollLine]:
    """Return the lines that nothing refuses so far."""
    return [one.line for one in checked.values() if not one.faults]


def check_line(sent: RollLine) -> Checked:
    """Return a line tidied, with its faults. None of them repeats what was sent."""
    faults: list[Fault] = []
    upn = sent.upn
    try:
        upn = parse_upn(sent.upn)
    except UPNError as error:
        faults.append(Fault(str(error), "#/upn"))
    former_upn, warnings = _former_upn(sent)
    contacts = sent.contacts
    if contacts is not None:
        faults += check_contacts(contacts)
        contacts, left_out = tidy_contacts(contacts)
        warnings += left_out
    line = replace(
        sent,
        upn=upn,
        former_upn=former_upn,
        forename=tidy_words(sent.forename),
        surname=tidy_words(sent.surname),
        year_group=tidy_year_group(sent.year_group),
        class_code=tidy_words(sent.class_code),
        mis_id=read_identifier(sent.mis_id or "") or None,
        confidential_address_reason=_said(sent.confidential_address_reason),
        contacts=contacts,
    )
    faults += _name_faults(line)
    faults += _length_faults(line)
    return Checked(line=line, faults=tuple(faults), warnings=tuple(warnings))


def _said(reason: str | None) -> str | None:
    """Return a reason that says something; a blank is none."""
    return None if reason is None or is_blank(reason) else reason.strip()


def _former_upn(sent: RollLine) -> tuple[str | None, list[Fault]]:
    """Read the UPN of before: one that is none is left out, and costs nobody a place on roll."""
    if sent.former_upn is None or not sent.former_upn.strip():
        return None, []
    try:
        return parse_upn(sent.former_upn), []
    except UPNError as error:
        return None, [Fault(f"Left out: {error}", "#/former_upn")]


def _person(line: RollLine) -> _Person:
    return _Person(line.date_of_birth, line.surname, line.forename)


def _contradictions(said: Sequence[_Person]) -> list[Fault]:
    """Point at what cannot be true of the lines of one UPN together.

    Two places of one child, left and begun again, are two lines; two children are a mistake, and
    ten thousand dates of birth are somebody who tries them out.
    """
    if len(said) == 1:
        return []
    if len(said) > PLACES_AT_MOST:
        return [Fault(TOO_MANY_PLACES, "#/upn")]
    return [
        Fault(TWO_IDENTITIES, f"#/{name}")
        for place, name in enumerate(_Person._fields)
        if len({person[place] for person in said}) > 1
    ]


def _length_faults(line: RollLine) -> Iterator[Fault]:
    for name, longest in LONGEST.items():
        if len(getattr(line, name) or "") > longest:
            yield Fault(f"{longest} characters at most.", f"#/{name}")


def _name_faults(line: RollLine) -> Iterator[Fault]:
    if is_blank(line.forename):
        yield Fault("A child has a forename.", "#/forename")
    if is_blank(line.surname):
        yield Fault("A child has a surname.", "#/surname")
    for name in ("forename", "surname"):
        # The forename stands in messages to families; the surname may, and is shown on every page.
        if refusal := check_person_name(getattr(line, name)):
            yield Fault(refusal, f"#/{name}")
    if line.date_of_birth >= line.starts_on:
        yield Fault("A child is born before the starting day.", "#/date_of_birth")
