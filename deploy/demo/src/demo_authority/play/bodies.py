"""What a school's system and an authority send: generated values as the platform's bodies."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, timedelta
from typing import Any, Final

import msgspec

from attendance_contracts.calendar import SATURDAY
from demo_authority.authority.calendar import CalendarPlan
from demo_authority.authority.model import Child, Contact, Enrolment, Register, School

SUPPLIER: Final = "demo-mis"
_REASONS: Final = {"inset": "INSET", "bank_holiday": "bank-holiday"}

Body = dict[str, Any]
"""A JSON object."""


def school_body(school: School) -> Body:
    """Return a school's settings as its authority sends them."""
    settings = school.settings
    return {
        "name": school.name,
        "phase": school.phase,
        "authority_code": school.authority_code,
        "trust": school.trust,
        "mis_supplier": SUPPLIER,
        "am_starts_at": settings.am_starts_at.isoformat(),
        "pm_starts_at": settings.pm_starts_at.isoformat(),
        "register_open_minutes": settings.register_open_minutes,
        "contact_grace_minutes": settings.contact_grace_minutes,
        "hours_per_day": settings.hours_per_day,
        "contact_codes": ["N"],
        "attendance_lead": school.attendance_lead,
    }


def calendar_body(plan: CalendarPlan) -> Body:
    """Return a school's year: its terms, and the weekdays in them without school."""
    closures = {closure.day: _REASONS[closure.kind] for closure in plan.closures}
    for term in plan.terms:
        for day in _weekdays(term.break_starts_on, term.break_ends_on):
            closures.setdefault(day, "half-term")
    return {
        "terms": [
            {"from": term.starts_on.isoformat(), "to": term.ends_on.isoformat()}
            for term in plan.terms
        ],
        "closures": [
            {"date": day.isoformat(), "reason": reason} for day, reason in sorted(closures.items())
        ],
    }


def roll_line(enrolment: Enrolment, child: Child, contacts: Iterable[Contact]) -> Body:
    """Return one line of a school's roll."""
    return {
        "upn": child.upn,
        "mis_id": enrolment.mis_id,
        "forename": child.forename,
        "surname": child.surname,
        "date_of_birth": child.born_on,
        "year_group": enrolment.year_group,
        "class_code": enrolment.class_code,
        "starts_on": enrolment.starts_on,
        "ends_on": enrolment.ends_on,
        "status": enrolment.status,
        "contacts": [_contact(contact) for contact in contacts],
    }


def care_lines(children: Iterable[Child]) -> Iterator[tuple[str, Body]]:
    """Yield the responsible authority's code and the line it sends, for each care status.

    It says who the child is: of a child placed in another's area nobody would believe it else.
    """
    for child in children:
        for status in child.care:
            yield (
                status.authority_code,
                {
                    "upn": child.upn,
                    "date_of_birth": child.born_on,
                    "surname": child.surname,
                    "kind": status.kind,
                    "authority_code": status.authority_code,
                    "worker": status.worker,
                    "team": status.team,
                    "valid_from": status.valid_from,
                    "valid_to": status.valid_to,
                },
            )


def register_body(register: Register, mis_ids: Mapping[int, str]) -> bytes:
    """Return a register's body, each pupil by the school's own id."""
    marks: list[Body] = []
    for enrolment, code, minutes in zip(
        register.enrolments, register.codes, register.minutes_late, strict=True
    ):
        mark: Body = {"mis_id": mis_ids[enrolment], "code": code}
        if minutes is not None:
            mark["minutes_late"] = minutes
        marks.append(mark)
    return msgspec.json.encode({"marks": marks})


def ndjson(lines: Sequence[Body]) -> bytes:
    """Return lines as one NDJSON body."""
    return msgspec.json.Encoder().encode_lines(lines)


def _contact(contact: Contact) -> Body:
    return {
        "key": f"person-{contact.person}",
        "name": contact.name,
        "relationship": contact.relationship,
        "mobile": contact.mobile,
        "email": contact.email,
        "priority": contact.priority,
        "parental_responsibility": contact.parental_responsibility,
        "court_order": contact.court_order,
        "language": contact.language,
    }


def _weekdays(first: date, last: date) -> Iterator[date]:
    day = first
    while day <= last:
        if day.weekday() < SATURDAY:
            yield day
        day += timedelta(days=1)
