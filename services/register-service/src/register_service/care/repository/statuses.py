"""Every statement on the statuses in force."""

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.events import CareStatus
from attendance_runtime.database import SqlSession
from register_service.roll.repository import require_all


async def lock_children(db: SqlSession, child_ids: Sequence[UUID]) -> None:
    """Lock children, in one order for everybody: the lock orders what is told of a child's care.

    Raises `Unavailable` when one has turned out to be another child meanwhile.
    """
    wanted = set(child_ids)
    locked = await db.scalars(
        text("""
            SELECT id FROM children WHERE id = ANY(CAST(:ids AS uuid[])) AND moved_to IS NULL
            ORDER BY id FOR NO KEY UPDATE
        """),
        {"ids": sorted(wanted)},
    )
    require_all(len(locked.all()), len(wanted))


async def find_statuses(db: SqlSession, child_ids: Sequence[UUID]) -> dict[UUID, list[CareStatus]]:
    """Which statuses do these children have, or have had? An empty list for those without."""
    found = await db.execute(
        text("""
            SELECT child_id, kind, authority_code, worker, team, valid_from, valid_to
            FROM care_statuses WHERE child_id = ANY(CAST(:ids AS uuid[]))
            ORDER BY child_id, valid_from, kind, authority_code
        """),
        {"ids": list(child_ids)},
    )
    statuses: dict[UUID, list[CareStatus]] = {child_id: [] for child_id in child_ids}
    for row in found.mappings():
        facts = dict(row)
        statuses[facts.pop("child_id")].append(CareStatus(**facts))
    return statuses


async def versions_after(
    db: SqlSession, after: UUID, *, limit: int, child_id: UUID | None
) -> dict[UUID, int]:
    """Which children with statuses, all or this one, come next? Their versions, in id order."""
    found = await db.execute(
        text("""
            SELECT child_id, max(version) FROM care_statuses
            WHERE child_id > :after AND (CAST(:child_id AS uuid) IS NULL OR child_id = :child_id)
            GROUP BY child_id ORDER BY child_id LIMIT :limit
        """),
        {"after": after, "limit": limit, "child_id": child_id},
    )
    return {row[0]: row[1] for row in found}


async def save_statuses(db: SqlSession, news: Sequence[tuple[UUID, CareStatus]]) -> dict[UUID, int]:
    """Keep statuses as they are now, by child; return each child's version, one more than before.

    A child's version is the highest of its rows: rows are never deleted, so it only grows.
    """
    saved = await db.execute(
        text("""
            INSERT INTO care_statuses (child_id, kind, authority_code, worker, team, valid_from,
                                       valid_to, version)
            SELECT sent.*, 1 + coalesce(
                (SELECT max(version) FROM care_statuses AS kept
                 WHERE kept.child_id = sent.child_id), 0)
            FROM unnest(
                CAST(:ids AS uuid[]), CAST(:kind AS text[]), CAST(:authority_code AS text[]),
                CAST(:worker AS text[]), CAST(:team AS text[]), CAST(:valid_from AS date[]),
                CAST(:valid_to AS date[])
            ) AS sent (child_id)
            ON CONFLICT (child_id, kind, authority_code, valid_from) DO UPDATE
            SET worker = excluded.worker, team = excluded.team, valid_to = excluded.valid_to,
                version = excluded.version
            RETURNING child_id, version
        """),
        {"ids": [child_id for child_id, _ in news]}
        | {name: [getattr(status, name) for _, status in news] for name in CareStatus.__slots__},
    )
    return {row[0]: row[1] for row in saved}


async def move_statuses(db: SqlSession, child_id: UUID, to_child_id: UUID) -> tuple[int, int]:
    """Make one child's statuses another's; the old child's last version, and the new one's next.

    A status that both have, of one kind and authority from one day, stays as the new child has it.
    """
    moved = await db.execute(
        text("""
            WITH versions AS (
                SELECT coalesce(max(version) FILTER (WHERE child_id = :child_id), 0) AS old,
                       coalesce(max(version), 0) + 1 AS new
                FROM care_statuses WHERE child_id IN (:child_id, :to_child_id)
            ), moved AS (
                DELETE FROM care_statuses WHERE child_id = :child_id RETURNING *
            ), kept AS (
                INSERT INTO care_statuses (child_id, kind, authority_code, worker, team,
                                           valid_from, valid_to, version)
                SELECT :to_child_id, kind, authority_code, worker, team, valid_from, valid_to, new
                FROM moved, versions
                ON CONFLICT (child_id, kind, authority_code, valid_from)
                DO UPDATE SET version = excluded.version
            )
            SELECT old, new FROM versions
        """),
        {"child_id": child_id, "to_child_id": to_child_id},
    )
    old, new = moved.one()
    return old, new
