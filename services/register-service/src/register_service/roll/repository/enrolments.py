"""Every statement on enrolments: who is on roll where, and under which names."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from operator import attrgetter
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import london_date
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Unavailable
from register_service.roll.domain import Enrolment, Pupil, Roll, RollName, Sent

_COLUMNS: Final = """
    id, child_id, school_id, starts_on, ends_on, year_group, class_code, status, version
"""


async def find_enrolments(
    db: SqlSession, school_id: UUID, child_ids: Sequence[UUID]
) -> dict[UUID, list[Enrolment]]:
    """Which enrolments have these children had at this school? By child."""
    found = await db.execute(
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


async def find_enrolment(db: SqlSession, enrolment_id: UUID) -> Enrolment | None:
    """Which enrolment has this id?"""
    found = await db.execute(
        text(f"SELECT {_COLUMNS} FROM enrolments WHERE id = :id"),  # noqa: S608 - our own columns
        {"id": enrolment_id},
    )
    row = found.mappings().one_or_none()
    return None if row is None else Enrolment(**row)


async def save_enrolments(
    db: SqlSession, enrolments: Sequence[Enrolment], sender: Principal, *, now: datetime
) -> None:
    """Keep enrolments as they are now, and what they were before as revisions.

    Up to yesterday a child whose class changes was in the former one. Raises `Unavailable` for an
    enrolment that another request has changed meanwhile.
    """
    saved = await db.execute(
        _SAVE_ENROLMENTS,
        {
            "now": now,
            "today": london_date(now),
            "organisation": sender.organisation,
            "subject": sender.subject,
        }
        | {name: [getattr(place, name) for place in enrolments] for name in Enrolment.__slots__},
    )
    require_all(len(saved.all()), len(enrolments))


_SAVE_ENROLMENTS: Final = text(f"""
    WITH saved AS (
        INSERT INTO enrolments AS kept ({_COLUMNS})
        SELECT * FROM unnest(
            CAST(:id AS uuid[]), CAST(:child_id AS uuid[]), CAST(:school_id AS uuid[]),
            CAST(:starts_on AS date[]), CAST(:ends_on AS date[]), CAST(:year_group AS text[]),
            CAST(:class_code AS text[]), CAST(:status AS text[]), CAST(:version AS integer[])
        ) AS sent (id)
        ORDER BY id
        ON CONFLICT (id) DO UPDATE
        SET starts_on = excluded.starts_on, ends_on = excluded.ends_on,
            year_group = excluded.year_group, class_code = excluded.class_code,
            status = excluded.status, version = excluded.version
        WHERE kept.version = excluded.version - 1
        RETURNING new.id, old.version, old.starts_on, old.ends_on, old.year_group,
                  old.class_code, old.status, new.class_code AS new_class, new.starts_on AS begins
    ), replaced AS (
        INSERT INTO enrolment_revisions
               (enrolment_id, version, starts_on, ends_on, year_group, class_code, status,
                replaced_at, replaced_by, replaced_by_subject)
        SELECT id, version, starts_on, ends_on, year_group, class_code, status,
               :now, :organisation, :subject
        FROM saved WHERE version IS NOT NULL
    ), moved AS (
        INSERT INTO former_classes (enrolment_id, class_code, until)
        SELECT id, class_code, CAST(:today AS date) - 1 FROM saved
        WHERE class_code <> new_class AND begins < :today
        ON CONFLICT DO NOTHING
    )
    SELECT id FROM saved
""")  # noqa: S608 - our own columns


async def keep_last_sent(db: SqlSession, enrolment: Enrolment) -> None:
    """Keep what the source has sent last of an enrolment that an office changes now.

    Where the office has changed it before, that is known already.
    """
    await db.execute(
        text("""
            INSERT INTO last_sent (enrolment_id, year_group, class_code, ends_on)
            VALUES (:id, :year_group, :class_code, :ends_on)
            ON CONFLICT (enrolment_id) DO NOTHING
        """),
        {"id": enrolment.id} | {name: getattr(enrolment, name) for name in Sent._fields},
    )


async def enrolments_of(db: SqlSession, child_ids: Sequence[UUID]) -> list[Enrolment]:
    """At which schools are, or were, these children on roll?"""
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM enrolments WHERE child_id = ANY(CAST(:child_ids AS uuid[]))
        """),  # noqa: S608 - our own columns
        {"child_ids": list(child_ids)},
    )
    return [Enrolment(**row) for row in found.mappings()]


async def move_enrolments(db: SqlSession, child_id: UUID, to_child_id: UUID) -> list[Enrolment]:
    """Make the enrolments of one child another's; which were moved?

    Whoever still names the child by its old id is led to the new one.
    """
    moved = await db.execute(
        text(f"""
            UPDATE enrolments SET child_id = :to_child_id, version = version + 1
            WHERE child_id = :child_id RETURNING {_COLUMNS}
        """),  # noqa: S608 - our own columns
        {"child_id": child_id, "to_child_id": to_child_id},
    )
    await db.execute(
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
        -- Who is in the class, since the day after they left their last one…
        SELECT id, child_id, greatest(starts_on, (
                   SELECT max(until) + 1 FROM former_classes WHERE enrolment_id = id
               )) AS starts_on, ends_on
        FROM enrolments
        WHERE school_id = wanted.school_id AND class_code = wanted.class_code
        UNION ALL
        -- … and who was in it, until they left it.
        SELECT id, child_id, greatest(starts_on, (
                   SELECT max(until) + 1 FROM former_classes
                   WHERE enrolment_id = id AND until < former.until
               )), least(ends_on, former.until)
        FROM enrolments JOIN former_classes AS former ON former.enrolment_id = id
        WHERE school_id = wanted.school_id AND former.class_code = wanted.class_code
        UNION ALL
        SELECT id, child_id, starts_on, ends_on FROM enrolments
        WHERE school_id = wanted.school_id AND wanted.class_code = ''
    ) AS place
    LEFT JOIN LATERAL (
        -- By itself (OFFSET): joined, the planner reads every key there is to find thirty.
        -- A pupil is found by a former UPN, too, unless another one goes by it now.
        SELECT value FROM enrolment_keys AS key
        WHERE enrolment_id = place.id
          AND (scheme = wanted.scheme
               OR wanted.scheme = 'UPN' AND scheme = 'FORMER_UPN' AND NOT EXISTS (
                   SELECT FROM enrolment_keys AS now
                   WHERE now.school_id = key.school_id AND now.scheme = 'UPN'
                     AND now.value = key.value))
        OFFSET 0
    ) AS known ON true
    GROUP BY number
""")


async def read_rolls(db: SqlSession, wanted: Collection[RollName]) -> dict[RollName, Roll]:
    """Who is, was or will be on these rolls, and what do their schools call them?

    On the roll of a class a child's first and last day are those in that class.
    """
    names = list(wanted)
    found = await db.execute(
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
class Only:
    """Which enrolments a bulk read is about; all of them, unless something is named."""

    enrolment_id: UUID | None = None
    school_id: UUID | None = None


async def enrolments_after(
    db: SqlSession, after: UUID, *, limit: int, only: Only
) -> list[Enrolment]:
    """Which enrolments come next in the order of their ids? For rebuilding projections."""
    wanted = {"id": only.enrolment_id, "school_id": only.school_id}
    narrower = "".join(
        f" AND {column} = :{column}" for column, id_ in wanted.items() if id_ is not None
    )
    found = await db.execute(
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
