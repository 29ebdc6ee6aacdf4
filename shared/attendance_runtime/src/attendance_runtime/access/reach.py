"""What a caller may reach: dated relations, asked on every request by one function.

`relations` keeps them.
"""

from collections.abc import Collection, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import london_date
from attendance_runtime.access.callers import Principal
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import NotFound


def today(now: datetime) -> date:
    """Return the date on which relations are asked: England's, wherever the process runs."""
    return london_date(now)


async def require(
    db: SqlSession,
    principal: Principal,
    right: Right,
    *,
    objects: Sequence[UUID],
    today: date,
) -> None:
    """Let a caller pass who holds a relation, valid today, that opens one of the objects.

    Raises `NotFound` otherwise: forbidden and unknown look the same.
    """
    if not await objects_reached(db, principal, right, objects=objects, today=today):
        raise NotFound("There is nothing here that this token may see.")


# A person holds what is allocated to them, an organisation everything else: whoever has an id that
# is spelt like an organisation's is not taken for it.
_HELD = """
    SELECT DISTINCT object_id FROM reach
    WHERE holder = ANY(CAST(:holders AS text[]))
      AND holder = CASE relation WHEN 'worker' THEN :subject ELSE :organisation END
      AND relation = ANY(CAST(:relations AS text[]))
      AND valid_from <= :today AND (valid_to IS NULL OR valid_to >= :today)
"""
_EVERY_REACHED = text(_HELD)
_REACHED = text(f"{_HELD} AND object_id = ANY(CAST(:objects AS uuid[]))")


async def objects_reached(
    db: SqlSession,
    principal: Principal,
    right: Right,
    *,
    objects: Sequence[UUID],
    today: date,
) -> frozenset[UUID]:
    """Return those of the objects, schools and children, that a relation valid today opens."""
    found = await db.scalars(
        _REACHED,
        _asked(principal, right, today) | {"objects": list(objects)},
    )
    return frozenset(found)


async def every_object_reached(
    db: SqlSession, principal: Principal, right: Right, *, today: date
) -> frozenset[UUID]:
    """Return every school or child that a relation valid today opens to the caller."""
    found = await db.scalars(_EVERY_REACHED, _asked(principal, right, today))
    return frozenset(found)


def _asked(principal: Principal, right: Right, today: date) -> dict[str, object]:
    return {
        "holders": principal.holders,
        "subject": principal.subject,
        "organisation": principal.organisation,
        "relations": sorted(right.opened_by),
        "today": today,
    }


_REACHED_BY_EACH = text("""
    SELECT organisation, subject, object_id
    FROM unnest(CAST(:organisations AS text[]), CAST(:subjects AS text[]), CAST(:objects AS uuid[]))
         AS asked (organisation, subject, object_id)
    WHERE EXISTS (
        SELECT FROM reach
        WHERE holder IN (organisation, subject) AND reach.object_id = asked.object_id
          AND holder = CASE relation WHEN 'worker' THEN subject ELSE organisation END
          AND relation = ANY(CAST(:relations AS text[]))
          AND valid_from <= :today AND (valid_to IS NULL OR valid_to >= :today)
    )
""")


async def reached_by_each(
    db: SqlSession,
    asked: Collection[tuple[Principal, UUID]],
    right: Right,
    *,
    today: date,
) -> frozenset[tuple[str, str, UUID]]:
    """Return which of several callers reach their objects, as (organisation, subject, object).

    The same question as `objects_reached`, in one statement for requests that are written together.
    """
    found = await db.execute(
        _REACHED_BY_EACH,
        {
            "organisations": [principal.organisation for principal, _ in asked],
            "subjects": [principal.subject for principal, _ in asked],
            "objects": [object_id for _, object_id in asked],
            "relations": sorted(right.opened_by),
            "today": today,
        },
    )
    return frozenset((row[0], row[1], row[2]) for row in found)


def require_organisation(principal: Principal, organisation: str) -> None:
    """Let only callers of one organisation pass, where no relation can exist yet."""
    if principal.organisation != organisation:
        raise NotFound("There is nothing here that this token may see.")


async def log_read(
    db: SqlSession, principal: Principal, right: Right, children: Sequence[UUID]
) -> None:
    """Write down who read which children's data: the access log of pupil-level reads."""
    await db.execute(
        text("""
            INSERT INTO access_log (subject, organisation, action, child_ids)
            VALUES (:subject, :organisation, :action, CAST(:children AS uuid[]))
        """),
        {
            "subject": principal.subject,
            "organisation": principal.organisation,
            "action": right.scope,
            "children": list(children),
        },
    )
