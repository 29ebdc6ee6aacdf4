"""The contacts of an enrolment as its school sends them: what is refused, and what is warned of."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final
from uuid import UUID

from attendance_contracts.events import ContactsChanged
from attendance_contracts.faults import Fault
from attendance_contracts.telephones import number_to_text, read_telephone
from attendance_contracts.words import check_person_name, tidy_words

LONGEST: Final = 200
"""How long a text about a contact may be."""

PRIORITIES: Final = range(1, 100)
"""Who is told first, second and so on; two digits, as MIS screens have."""

_AN_EVENT: Final = 1_000
"""Enrolments in one event: far below what a message of the broker may hold."""

_EMAIL: Final = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person whom an enrolment's school may know, under the school's own key for them.

    A court order bars contact: this person must be told nothing. Priority 1 is told first.

    Attributes:
        is_carer: whether this person looks after a looked-after child; None: their relationship
            to the child says so or not.
        mobile: a number as somebody wrote it, whatever it is a number of.
    """

    key: str
    name: str
    relationship: str
    priority: int
    parental_responsibility: bool
    court_order: bool
    language: str
    is_carer: bool | None = None
    mobile: str | None = None
    email: str | None = None


def check_contacts(contacts: Sequence[Contact]) -> Iterator[Fault]:
    """Tell what is wrong with the contacts of an enrolment."""
    keys: set[str] = set()
    for index, contact in enumerate(contacts):
        if not contact.key or contact.key in keys:
            detail = "Each contact of an enrolment has a key of its own."
            yield Fault(detail, f"#/contacts/{index}/key")
        if refusal := check_person_name(contact.name):
            yield Fault(refusal, f"#/contacts/{index}/name")
        for name in ("key", "relationship", "language"):
            if len(getattr(contact, name)) > LONGEST:
                yield Fault(f"{LONGEST} characters at most.", f"#/contacts/{index}/{name}")
        if contact.priority not in PRIORITIES:
            yield Fault("Priorities are 1 to 99.", f"#/contacts/{index}/priority")
        keys.add(contact.key)


def tidy_contacts(contacts: Sequence[Contact]) -> tuple[tuple[Contact, ...], list[Fault]]:
    """Return contacts in the order of their keys, and what keeps any of them from being reached.

    A number that no text can go to is kept as it was sent: the child still belongs on roll, the
    office can still ring it, and the other contacts can still be told.
    """
    tidied, warnings = [], []
    for index, contact in enumerate(contacts):
        mobile, doubt = _tidy_number(contact.mobile or "")
        if doubt:
            warnings.append(Fault(doubt, f"#/contacts/{index}/mobile"))
        email = (contact.email or "").strip() or None
        if email and not _EMAIL.fullmatch(email):
            email = None
            warnings.append(Fault("Left out: not an e-mail address.", f"#/contacts/{index}/email"))
        name = tidy_words(contact.name)
        # Most are as they were sent: spare the copy.
        as_sent = (name, mobile, email) == (contact.name, contact.mobile, contact.email)
        tidied.append(
            contact if as_sent else replace(contact, name=name, mobile=mobile, email=email)
        )
    return tuple(sorted(tidied, key=lambda contact: contact.key)), warnings


def newly_reached(before: Sequence[Contact], after: Sequence[Contact]) -> bool:
    """Tell whether somebody may be reached now who could not be, or not there, before."""
    return not _ways_to(after) <= _ways_to(before)


def contacts_changed(
    school_id: UUID, enrolments: Sequence[UUID], *, now: datetime
) -> list[ContactsChanged]:
    """Tell of whom somebody may be told now who could not be before; a thousand an event."""
    return [
        ContactsChanged(
            school_id=school_id,
            recorded_at=now,
            enrolments=tuple(enrolments[start : start + _AN_EVENT]),
        )
        for start in range(0, len(enrolments), _AN_EVENT)
    ]


def _tidy_number(sent: str) -> tuple[str | None, str | None]:
    """Return a number as it is kept, and why no text will go there."""
    if not sent.strip():
        return None, None
    if len(sent) > LONGEST:
        return None, f"Left out: {LONGEST} characters at most."
    if number_to_text(sent):
        return sent, None
    if read_telephone(sent):
        return sent, "Kept, but not texted: only UK mobiles are. Send one if there is one."
    return sent, "Kept, but not texted: no whole telephone number can be read here."


def _ways_to(contacts: Sequence[Contact]) -> set[tuple[str, str, bool | None]]:
    """Return where people may be told, with what makes a carer of them."""
    return {
        (address, contact.relationship, contact.is_carer)
        for contact in contacts
        if not contact.court_order
        for address in (number_to_text(contact.mobile), contact.email)
        if address
    }
