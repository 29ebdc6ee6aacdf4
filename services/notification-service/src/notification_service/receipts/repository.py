"""Statements on receipts, and on the messages they speak of."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from notification_service.messages.domain import MessageState
from notification_service.receipts.domain import NewReceipt, Passed, Receipt, Receipted, SpokenOf
from notification_service.recipients.domain import Channel

RECEIPTS_A_BATCH = 500

_KEEP = text("""
    INSERT INTO receipts (reference, notify_id, status)
    SELECT * FROM unnest(CAST(:references AS uuid[]), CAST(:notify_ids AS uuid[]), CAST(:statuses AS text[]))
""")

_TAKE = text("""
    SELECT id, reference, notify_id, status FROM receipts WHERE applied_at IS NULL
    ORDER BY id LIMIT :receipts FOR UPDATE SKIP LOCKED
""")

_APPLIED = text(
    "UPDATE receipts SET applied_at = clock_timestamp() WHERE id = ANY(CAST(:ids AS bigint[]))"
)

_SPOKEN_OF = text("""
    SELECT DISTINCT kind, episode_id, school_id FROM messages WHERE reference = ANY(CAST(:references AS uuid[]))
""")

_LOCK = text("""
    SELECT id, episode_id, reference, kind, channel, state FROM messages
    WHERE reference = ANY(CAST(:references AS uuid[])) ORDER BY id FOR UPDATE
""")

_ADVANCE = text("""
    UPDATE messages
    SET state = given.state, reason = given.reason, notify_id = coalesce(messages.notify_id, given.notify_id), retry_at = NULL,
        sent_at = coalesce(messages.sent_at, CAST(:now AS timestamptz)),
        settled_at = CASE WHEN given.state <> 'sent' THEN CAST(:now AS timestamptz) END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:reasons AS text[]), CAST(:notify_ids AS uuid[]))
         AS given (id, state, reason, notify_id)
    WHERE messages.id = given.id
""")


async def keep_receipts(db: SqlSession, receipts: Sequence[NewReceipt]) -> None:
    """Keep receipts as they came; the number or address they name is not among their parts."""
    await db.execute(
        _KEEP,
        {
            "references": [one.reference for one in receipts],
            "notify_ids": [one.provider_id for one in receipts],
            "statuses": [one.status for one in receipts],
        },
    )


async def take_waiting(db: SqlSession) -> list[Receipt]:
    """Which receipts has nobody applied yet, in the order they came?"""
    rows = await db.execute(_TAKE, {"receipts": RECEIPTS_A_BATCH})
    return [Receipt(*row) for row in rows]


async def mark_applied(db: SqlSession, receipts: Sequence[Receipt]) -> None:
    """Note that these receipts have had their effect."""
    await db.execute(_APPLIED, {"ids": [receipt.id for receipt in receipts]})


async def spoken_of(db: SqlSession, references: Collection[UUID]) -> list[SpokenOf]:
    """Which episodes, of which schools, were these references used for, and for what kind?"""
    rows = await db.execute(_SPOKEN_OF, {"references": list(references)})
    return [SpokenOf(*row) for row in rows]


async def lock_messages(db: SqlSession, references: Collection[UUID]) -> list[Receipted]:
    """Which messages went out under these references? They stay as they are until the end."""
    return [
        Receipted(
            id=row.id,
            episode_id=row.episode_id,
            reference=row.reference,
            kind=row.kind,
            channel=Channel(row.channel),
            state=MessageState(row.state),
        )
        for row in await db.execute(_LOCK, {"references": list(references)})
    ]


async def save_passed(db: SqlSession, passed: Sequence[Passed], *, now: datetime) -> None:
    """Keep how far messages have come; `now` is domain time."""
    await db.execute(
        _ADVANCE,
        {
            "now": now,
            "ids": [one.message.id for one in passed],
            "states": [one.state.value for one in passed],
            "reasons": [one.reason for one in passed],
            "notify_ids": [one.provider_id for one in passed],
        },
    )
