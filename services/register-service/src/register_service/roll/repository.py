"""Every statement on the admission register, each named for the question it answers."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Unavailable
from register_service.roll.domain import (
    Enrolled,
    Enrolment,
    Facts,
    Identity,
    Pupil,
    Roll,
    RollName,
)

_COLUMNS: Final = """
    id, child_id, school_id, starts_on, ends_on, year_group, class_code, status, version
"""
_PLACE: Final = ", ".join(f"place.{name}" for name in Enrolment.__slots__)
_SAID: Final = ", ".join(f"said.{name}" for name in Identity.__slots__)


_ENROLLED: Final = f"""
    SELECT key.value AS upn, {_PLACE}, {_SAID}, authority_code,
           coalesce(first.surname, said.surname) AS first_surname,
           coalesce(first.date_of_birth, said.date_of_birth) AS first_date_of_birth
    FROM enrolment_keys AS key
    JOIN enrolments AS place ON place.id = key.enrolment_id
    JOIN identities AS said ON said.enrolment_id = place.id
    JOIN schools ON schools.id = place.school_id
    LEFT JOIN identity_revisions AS first
           ON first.enrolment_id = place.id AND first.revision = 1
    WHERE scheme = 'UPN'
"""  # noqa: S608 - our own columns


async def find_identities(session: SqlSession, upns: Sequence[str]) -> dict[str, list[Enrolled]]:
    """Where is, was or will each UPN be on roll, and what does each school say of the child?

    By UPN, the enrolment that was entered first before the others.
    """
    found = await session.execute(
        text(f"{_ENROLLED} AND key.value = ANY(CAST(:upns AS text[])) ORDER BY place.id"),
        {"upns": list(upns)},
    )
    enrolled: dict[str, list[Enrolled]] = {}
    for row in found.mappings():
        enrolled.setdefault(row["upn"], []).append(_enrolled(row))
    return enrolled


async def find_identities_of(
    session: SqlSession, child_ids: Sequence[UUID]
) -> dict[UUID, list[Enrolled]]:
    """Where are, were or will these children be on roll, and what does each school say?

    By the id that was asked for: a child who turned out to be another one is found as that one.
    """
    found = await session.execute(
        text(f"""
            SELECT asked.id AS asked_id, enrolled.*
            FROM children AS asked
            JOIN ({_ENROLLED}) AS enrolled
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
        came_with=Facts.of(row["first_date_of_birth"], row["first_surname"]),
        authority_code=row["authority_code"],
    )


async def find_enrolments(
    session: SqlSession, school_id: UUID, child_ids: Sequence[UUID]
) -> dict[UUID, list[Enrolment]]:
    """Which enrolments have these children had at this school? By child."""
    found = await session.execute(
        text(f"""
            SELECT {_COLUMNS} FROM enrolments
            WHERE school_id = :school_id AND child_id = ANY(CAST(:child_ids AS uuid[]))
        """),  # noqa: S608 - our own columns
        {"school_id": school_id, "child_ids": list(child_ids)},
    )
    places: dict[UUID, list[Enrolment]] = {}
    for row in found.mappings():
        places.setdefault(row["child_id"], []).append(Enrolment(**row))
    return places


async def find_enrolment(session: SqlSession, enrolment_id: UUID) -> Enrolment | None:
    """Which enrolment has this id?"""
    found = await session.execute(
        text(f"SELECT {_COLUMNS} FROM enrolments WHERE id = :id"),  # noqa: S608 - our own columns
        {"id": enrolment_id},
    )
    row = found.mappings().one_or_none()
    return None if row is None else Enrolment(**row)


async def find_identity(session: SqlSession, enrolment_id: UUID) -> Identity:
    """Who is the child of an enrolment, by its school's word?"""
    found = await session.execute(
        text(f"SELECT {_SAID} FROM identities AS said WHERE enrolment_id = :id"),  # noqa: S608
        {"id": enrolment_id},
    )
    return Identity(**found.mappings().one())


async def save_enrolments(session: SqlSession, enrolments: Sequence[Enrolment]) -> None:
    """Keep enrolments as they are now; raise `Unavailable` for one that changed meanwhile."""
    saved = await session.execute(
        text(f"""
            INSERT INTO enrolments AS kept ({_COLUMNS})
            SELECT * FROM unnest(
                CAST(:id AS uuid[]), CAST(:child_id AS uuid[]), CAST(:school_id AS uuid[]),
                CAST(:starts_on AS date[]), CAST(:ends_on AS date[]), CAST(:year_group AS text[]),
                CAST(:class_code AS text[]), CAST(:status AS text[]), CAST(:version AS integer[])
            ) AS sent (id)
            ORDER BY id
            ON CONFLICT (id) DO UPDATE
            SET ends_on = excluded.ends_on, year_group = excluded.year_group,
                class_code = excluded.class_code, status = excluded.status,
                version = excluded.version
            WHERE kept.version = excluded.version - 1
            RETURNING id
        """),  # noqa: S608 - our own columns
        {name: [getattr(place, name) for place in enrolments] for name in Enrolment.__slots__},
    )
    require_all(len(saved.all()), len(enrolments))


async def move_enrolments(
    session: SqlSession, child_id: UUID, to_child_id: UUID
) -> list[Enrolment]:
    """Make the enrolments of one child another's; which were moved?

    Whoever still names the child by its old id is led to the new one.
    """
    moved = await session.execute(
        text(f"""
            UPDATE enrolments SET child_id = :to_child_id, version = version + 1
            WHERE child_id = :child_id RETURNING {_COLUMNS}
        """),  # noqa: S608 - our own columns
        {"child_id": child_id, "to_child_id": to_child_id},
    )
    await session.execute(
        text("UPDATE children SET moved_to = :to_child_id WHERE :child_id IN (id, moved_to)"),
        {"child_id": child_id, "to_child_id": to_child_id},
    )
    return sorted((Enrolment(**row) for row in moved.mappings()), key=attrgetter("id"))


# Built once: it stands before the registers of a school whose roll has just changed.
_ROLLS = text("""
    SELECT number, array_agg(known.value), array_agg(place.id), array_agg(place.child_id),
           array_agg(place.starts_on), array_agg(place.ends_on)
    FROM unnest(CAST(:schools AS uuid[]), CAST(:classes AS text[]), CAST(:schemes AS text[]))
         WITH ORDINALITY AS wanted (school_id, class_code, scheme, number)
    CROSS JOIN LATERAL (
        SELECT * FROM enrolments
        WHERE school_id = wanted.school_id AND class_code = wanted.class_code
        UNION ALL
        SELECT * FROM enrolments
        WHERE school_id = wanted.school_id AND wanted.class_code = ''
    ) AS place
    LEFT JOIN LATERAL (
        -- By itself (OFFSET): joined, the planner reads every key there is to find thirty.
        SELECT value FROM enrolment_keys
        WHERE enrolment_id = place.id AND scheme = wanted.scheme OFFSET 0
    ) AS known ON true
    GROUP BY number
""")


async def read_rolls(session: SqlSession, wanted: Collection[RollName]) -> dict[RollName, Roll]:
    """Who is, was or will be on these rolls, and what do their schools call them?"""
    names = list(wanted)
    found = await session.execute(
        _ROLLS,
        {
            "schools": [name.school_id for name in names],
            "classes": [name.class_code for name in names],
            "schemes": [name.scheme for name in names],
        },
    )
    rolls: dict[RollName, Roll] = dict.fromkeys(names, ())
    for number, *columns in found:
        rolls[names[number - 1]] = tuple(map(Pupil._make, zip(*columns, strict=True)))
    return rolls


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


async def names_of(session: SqlSession, enrolment_ids: Sequence[UUID]) -> list[Name]:
    """What are the children of these enrolments called?"""
    found = await session.execute(
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Only:
    """Which enrolments a bulk read is about; all of them, unless something is named."""

    enrolment_id: UUID | None = None
    school_id: UUID | None = None


async def enrolments_after(
    session: SqlSession, after: UUID, *, limit: int, only: Only
) -> list[Enrolment]:
    """Which enrolments come next in the order of their ids? For rebuilding projections."""
    wanted = {"id": only.enrolment_id, "school_id": only.school_id}
    narrower = "".join(
        f" AND {column} = :{column}" for column, id_ in wanted.items() if id_ is not None
    )
    found = await session.execute(
        text(f"""
            SELECT {_COLUMNS} FROM enrolments
            WHERE id > :after {narrower}
            ORDER BY id LIMIT :limit
        """),  # noqa: S608 - our own columns
        {"after": after, "limit": limit, **wanted},
    )
    return [Enrolment(**row) for row in found.mappings()]


def require_all(written: int, sent: int) -> None:
    """Raise `Unavailable` when rows were not written because another request was quicker."""
    if written < sent:
        raise Unavailable("Another request changes the same children now; send this one again.")
