"""The relations that `access` asks: who holds what to which school or child, and from when to when.

Each service keeps its own copy of those it needs, fed by `school.changed` and `care.changed`;
ending a relation takes effect with the event that says so.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from operator import attrgetter
from uuid import UUID

from sqlalchemy import (
    Column,
    Date,
    Index,
    Integer,
    MetaData,
    PrimaryKeyConstraint,
    Table,
    Text,
    text,
)
from sqlalchemy.dialects import postgresql

from attendance_contracts.events import CareChanged, SchoolChanged
from attendance_runtime.database import SqlSession
from attendance_runtime.versions import Versioned, newest

Row = tuple[str, str, UUID, date, date | None]
"""One relation: its holder, what it is, the school or child, its first and its last day."""


def reach_tables(metadata: MetaData) -> None:
    """Define the relations, and how new each object's are, in a service's own metadata."""
    Table(
        "reach",
        metadata,
        Column("holder", Text, nullable=False),
        Column("relation", Text, nullable=False),
        Column("object_id", postgresql.UUID(as_uuid=True), nullable=False),
        Column("valid_from", Date, nullable=False),
        Column("valid_to", Date),
        PrimaryKeyConstraint("holder", "object_id", "relation", "valid_from"),
        Index("reach_object", "object_id"),
    )
    # Beside the relations, for an object may have none: what ended them must not come back.
    Table(
        "reach_versions",
        metadata,
        Column("object_id", postgresql.UUID(as_uuid=True), primary_key=True),
        Column("version", Integer, nullable=False),
    )


async def apply_schools(db: SqlSession, events: Sequence[SchoolChanged], **_: object) -> None:
    """Replace each school's relations: its staff, its MIS supplier, its trust and its authority."""
    latest = newest(events, attrgetter("school_id"))
    rows = [
        (f"{kind}:{name}", relation, event.school_id, date.min, None)
        for event in latest.values()
        for kind, name, relation in (
            ("school", event.urn, "staff"),
            ("supplier", event.mis_supplier, "supplier"),
            ("trust", event.trust, "trust"),
            ("authority", event.authority_code, "area"),
        )
        if name
    ]
    await _replace(db, latest, rows)


async def apply_care(db: SqlSession, events: Sequence[CareChanged], **_: object) -> None:
    """Replace each child's relations: the responsible authority and the allocated worker."""
    latest = newest(events, attrgetter("child_id"))
    rows = [
        (holder, relation, event.child_id, status.valid_from, status.valid_to)
        for event in latest.values()
        for status in event.statuses
        for holder, relation in (
            (f"authority:{status.authority_code}", "responsible"),
            (status.worker, "worker"),
        )
        if holder
    ]
    await _replace(db, latest, rows)


async def _replace(db: SqlSession, latest: Mapping[UUID, Versioned], rows: Sequence[Row]) -> None:
    """Replace the relations of those objects of which nothing newer has been told."""
    current = await _objects_not_newer(db, latest)
    await db.execute(
        text("DELETE FROM reach WHERE object_id = ANY(CAST(:objects AS uuid[]))"),
        {"objects": current},
    )
    told = [row for row in rows if row[2] in current]
    if not told:
        return
    holders, relations, ids, starts, ends = zip(*told, strict=True)
    await db.execute(
        text("""
            INSERT INTO reach (holder, relation, object_id, valid_from, valid_to)
            SELECT holder, relation, object_id, valid_from,
                   CASE WHEN bool_and(valid_to IS NOT NULL) THEN max(valid_to) END
            FROM unnest(CAST(:holders AS text[]), CAST(:relations AS text[]), CAST(:ids AS uuid[]),
                        CAST(:starts AS date[]), CAST(:ends AS date[]))
                 AS sent (holder, relation, object_id, valid_from, valid_to)
            GROUP BY holder, relation, object_id, valid_from
        """),
        {
            "holders": list(holders),
            "relations": list(relations),
            "ids": list(ids),
            "starts": list(starts),
            "ends": list(ends),
        },
    )


async def _objects_not_newer(db: SqlSession, told: Mapping[UUID, Versioned]) -> list[UUID]:
    """Which objects are known by no newer version than is told now? The others keep theirs.

    An older event comes late when a dead letter was settled by the register's present state. The
    same version again is applied again: that is how a resync mends.
    """
    found = await db.scalars(
        text("""
            INSERT INTO reach_versions AS known (object_id, version)
            SELECT * FROM unnest(CAST(:objects AS uuid[]), CAST(:versions AS integer[])) ORDER BY 1
            ON CONFLICT (object_id) DO UPDATE SET version = excluded.version
            WHERE known.version <= excluded.version
            RETURNING object_id
        """),
        {"objects": list(told), "versions": [event.version for event in told.values()]},
    )
    return list(found)
