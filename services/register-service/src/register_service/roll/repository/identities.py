"""Every statement on who the children are by their schools' words, now and before."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_runtime.database import SqlSession
from register_service.roll.domain import Enrolled, Enrolment, Identity

_PLACE: Final = ", ".join(f"place.{name}" for name in Enrolment.__slots__)
_SAID: Final = ", ".join(f"said.{name}" for name in Identity.__slots__)


_ENROLLED: Final = f"""
    SELECT key.value AS upn, {_PLACE}, {_SAID}, authority_code
    FROM enrolment_keys AS key
    JOIN enrolments AS place ON place.id = key.enrolment_id
    JOIN identities AS said ON said.enrolment_id = place.id
    JOIN schools ON schools.id = place.school_id
"""  # noqa: S608 - our own columns


async def find_identities(db: SqlSession, upns: Sequence[str]) -> dict[str, list[Enrolled]]:
    """Where is, was or will each UPN be on roll, and what does each school say of the child?

    By UPN, the enrolment that was entered first before the others. Children who went by it before
    they got another are among them.
    """
    found = await db.execute(
        text(f"""
            {_ENROLLED}
            WHERE (scheme = 'UPN' AND key.value = ANY(CAST(:upns AS text[])))
               OR (scheme = 'FORMER_UPN' AND key.value = ANY(CAST(:upns AS text[])))
            ORDER BY place.id
        """),
        {"upns": list(upns)},
    )
    enrolled: dict[str, list[Enrolled]] = {}
    for row in found.mappings():
        enrolled.setdefault(row["upn"], []).append(_enrolled(row))
    return enrolled


async def find_identities_of(
    db: SqlSession, child_ids: Sequence[UUID]
) -> dict[UUID, list[Enrolled]]:
    """Where are, were or will these children be on roll, and what does each school say?

    By the id that was asked for: a child who turned out to be another one is found as that one.
    """
    found = await db.execute(
        text(f"""
            SELECT asked.id AS asked_id, enrolled.*
            FROM children AS asked
            JOIN ({_ENROLLED} WHERE scheme = 'UPN') AS enrolled
              ON enrolled.child_id = coalesce(asked.moved_to, asked.id)
            WHERE asked.id = ANY(CAST(:ids AS uuid[]))
            ORDER BY enrolled.id
        """),  # noqa: S608 - our own columns
        {"ids": list(child_ids)},
    )
    enrolled: dict[UUID, list[Enrolled]] = {}
    for row in found.mappings():
        enrolled.setdefault(row["asked_id"], []).append(_enrolled(row))
    return enrolled


def _enrolled(row: RowMapping) -> Enrolled:
    return Enrolled(
        enrolment=Enrolment(**{name: row[name] for name in Enrolment.__slots__}),
        identity=Identity(**{name: row[name] for name in Identity.__slots__}),
        authority_code=row["authority_code"],
    )


async def find_identity(db: SqlSession, enrolment_id: UUID) -> Identity:
    """Who is the child of an enrolment, by its school's word?"""
    found = await db.execute(
        text(f"SELECT {_SAID} FROM identities AS said WHERE enrolment_id = :id"),  # noqa: S608
        {"id": enrolment_id},
    )
    return Identity(**found.mappings().one())


@dataclass(frozen=True, slots=True, kw_only=True)
class Revision(Identity):
    """What a school said of a child until it said something else: who did that, when and why.

    Attributes:
        replaced_by: the organisation.
        replaced_by_subject: the person or program.
        reason: of a confidential flag that was lifted with it.
    """

    replaced_at: datetime
    replaced_by: str
    replaced_by_subject: str
    reason: str | None


async def revisions_after(
    db: SqlSession, enrolment_id: UUID, after: int, *, limit: int
) -> list[Revision]:
    """What has a school said before of an enrolment's child? The oldest first, after this one."""
    found = await db.execute(
        text(f"""
            SELECT {_SAID}, replaced_at, replaced_by, replaced_by_subject, reason
            FROM identity_revisions AS said
            WHERE enrolment_id = :id AND revision > :after
            ORDER BY revision LIMIT :limit
        """),  # noqa: S608 - our own columns
        {"id": enrolment_id, "after": after, "limit": limit},
    )
    return [Revision(**row) for row in found.mappings()]


@dataclass(frozen=True, slots=True, kw_only=True)
class Name:
    """What a page calls the child of an enrolment, and where the child sits."""

    enrolment_id: UUID
    child_id: UUID
    school_id: UUID
    forename: str
    surname: str
    class_code: str
    year_group: str


async def names_of(db: SqlSession, enrolment_ids: Sequence[UUID]) -> list[Name]:
    """What are the children of these enrolments called?"""
    found = await db.execute(
        text("""
            SELECT enrolments.id AS enrolment_id, child_id, school_id, forename, surname,
                   class_code, year_group
            FROM enrolments JOIN identities ON enrolment_id = enrolments.id
            WHERE enrolments.id = ANY(CAST(:ids AS uuid[]))
            ORDER BY enrolments.id
        """),
        {"ids": list(enrolment_ids)},
    )
    return [Name(**row) for row in found.mappings()]


async def birth_dates(db: SqlSession, enrolments: Collection[UUID]) -> dict[UUID, date]:
    """When were the children of these enrolments born, by their schools' word?"""
    if not enrolments:
        return {}
    found = await db.execute(
        text("""
            SELECT enrolment_id, date_of_birth FROM identities
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]))
        """),
        {"enrolments": list(enrolments)},
    )
    return {row[0]: row[1] for row in found}
