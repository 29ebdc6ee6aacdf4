"""A school as the register keeps it, written into its tables without asking the service."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, time
from uuid import UUID

from sqlalchemy import Table, text
from uuid_utils.compat import uuid7

from attendance_contracts.calendar import Session, slot
from attendance_runtime.database import SqlSession
from register_service.calendar.tables import calendars
from register_service.roll.tables import (
    children,
    contacts,
    enrolment_keys,
    enrolments,
    identities,
)
from register_service.schools.tables import schools
from register_service.tables import metadata

TERM_STARTS = date(2026, 9, 1)
SCHOOL_DAYS = [date(2026, 9, day) for day in range(1, 31) if date(2026, 9, day).weekday() < 5]


@dataclass(frozen=True)
class SchoolInTest:
    """A school with a class of pupils, whose MIS ids are `1`, `2`, `3` and so on."""

    id: UUID
    urn: str
    enrolments: list[UUID]
    children: list[UUID]


async def stored_school(db: SqlSession, *, urn: str = "100001", pupils: int = 3) -> SchoolInTest:
    """Store a school open on every weekday of September 2026."""
    school = SchoolInTest(
        uuid7(), urn, [uuid7() for _ in range(pupils)], [uuid7() for _ in range(pupils)]
    )
    await insert(db, schools, [_school_row(school)])
    await insert(db, metadata.tables["reach"], [_supplier_row(school), _office_row(school)])
    await insert(db, calendars, [_calendar_row(school)])
    await insert(db, children, [{"id": child} for child in school.children])
    await insert(db, enrolments, _enrolment_rows(school))
    await insert(db, identities, [_identity_row(one) for one in school.enrolments])
    await insert(db, enrolment_keys, _key_rows(school))
    await insert(db, contacts, _contact_rows(school))
    return school


async def insert(db: SqlSession, table: Table, rows: Sequence[Mapping[str, object]]) -> None:
    columns = ", ".join(rows[0])
    values = ", ".join(f":{column}" for column in rows[0])
    statement = text(f"INSERT INTO {table.name} ({columns}) VALUES ({values})")  # noqa: S608 - our own columns
    for row in rows:
        await db.execute(statement, row)


def _school_row(school: SchoolInTest) -> dict[str, object]:
    return {
        "id": school.id,
        "urn": school.urn,
        "name": "Example Primary School",
        "phase": "primary",
        "authority_code": "332",
        "am_starts_at": time(8, 45),
        "pm_starts_at": time(13, 0),
        "register_open_minutes": 30,
        "contact_grace_minutes": 5,
        "hours_per_day": 6.5,
        "contact_codes": ["N"],
        "version": 1,
    }


def _supplier_row(school: SchoolInTest) -> dict[str, object]:
    """The school's MIS supplier may send its registers."""
    return {
        "holder": "supplier:demo-mis",
        "relation": "supplier",
        "object_id": school.id,
        "valid_from": date.min,
    }


def _office_row(school: SchoolInTest) -> dict[str, object]:
    """An office that tests amend marks by; the school's own holds what a test gives it."""
    return _supplier_row(school) | {"holder": "school:office", "relation": "staff"}


def _calendar_row(school: SchoolInTest) -> dict[str, object]:
    return {
        "school_id": school.id,
        "school_year": 2026,
        "terms": "[]",
        "closures": "[]",
        "slots": [slot(day, of) for day in SCHOOL_DAYS for of in Session],
        "version": 1,
    }


def _identity_row(enrolment: UUID) -> dict[str, object]:
    return {
        "enrolment_id": enrolment,
        "forename": "Avery",
        "surname": "Example",
        "date_of_birth": date(2017, 5, 4),
        "revision": 1,
    }


def _enrolment_rows(school: SchoolInTest) -> list[dict[str, object]]:
    return [
        {
            "id": enrolment,
            "child_id": child,
            "school_id": school.id,
            "starts_on": TERM_STARTS,
            "year_group": "4",
            "class_code": "4A",
            "status": "main",
            "version": 1,
        }
        for enrolment, child in zip(school.enrolments, school.children, strict=True)
    ]


def _key_rows(school: SchoolInTest) -> list[dict[str, object]]:
    return [
        {
            "school_id": school.id,
            "scheme": scheme,
            "value": value,
            "enrolment_id": enrolment,
        }
        for number, enrolment in enumerate(school.enrolments, start=1)
        for scheme, value in (("MIS_ID", str(number)), ("ENROLMENT_ID", str(enrolment)))
    ]


def _contact_rows(school: SchoolInTest) -> list[dict[str, object]]:
    return [
        {
            "id": uuid7(),
            "enrolment_id": enrolment,
            "source_key": "1",
            "name": "Parent Example",
            "relationship": "parent",
            "mobile": f"07700900{number:03}",
            "priority": 1,
            "parental_responsibility": True,
            "court_order": False,
            "language": "en",
        }
        for number, enrolment in enumerate(school.enrolments, start=1)
    ]
