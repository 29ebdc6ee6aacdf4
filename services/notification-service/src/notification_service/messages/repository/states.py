"""Statements on where messages stand."""

from collections.abc import Collection, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from notification_service.messages.domain import Held, MessageState, StateAfter
from notification_service.recipients.domain import Channel

# Every transaction locks a message after its episode.
_LOCK = text("""
    SELECT id, episode_id, kind, state, attempt, channel FROM messages
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")

# An unknown fate ends the lease: our own call is over, and the settling time runs from here.
_SAVE_STATES = text("""
    UPDATE messages
    SET state = given.state, reason = given.reason, lease_until = clock_timestamp(),
        notify_id = coalesce(given.notify_id, messages.notify_id),
        reference = coalesce(given.reference, messages.reference),
        sent_at = CASE given.state WHEN 'sent' THEN CAST(:now AS timestamptz) END,
        due_at = coalesce(given.due_at, messages.due_at),
        tried_at = CASE WHEN given.until_tomorrow OR given.due_at IS NOT NULL THEN NULL
                        ELSE messages.tried_at END,
        settled_at = CASE given.state WHEN 'failed' THEN CAST(:now AS timestamptz) END,
        retry_at = CASE WHEN given.state <> 'due' OR given.due_at IS NOT NULL THEN NULL
                        WHEN given.until_tomorrow THEN
                            (date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC')
                             + interval '1 day') AT TIME ZONE 'UTC'
                        ELSE clock_timestamp() + make_interval(secs => given.wait_seconds) END
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:reasons AS text[]),
        CAST(:notify_ids AS uuid[]), CAST(:references AS uuid[]), CAST(:waits AS float8[]),
        CAST(:tomorrows AS boolean[]), CAST(:due AS timestamptz[]))
        AS given (id, state, reason, notify_id, reference, wait_seconds, until_tomorrow, due_at)
    WHERE messages.id = given.id
""")


async def lock(db: SqlSession, messages: Collection[UUID]) -> list[Held]:
    """How far have these messages come? They stay as they are until the transaction ends."""
    return [
        Held(
            id=row.id,
            episode_id=row.episode_id,
            kind=row.kind,
            state=MessageState(row.state),
            attempt=row.attempt,
            channel=Channel(row.channel) if row.channel else None,
        )
        for row in await db.execute(_LOCK, {"ids": list(messages)})
    ]


async def save_states(db: SqlSession, states: Sequence[StateAfter], *, now: datetime) -> None:
    """Keep what became of messages; `now` is domain time, waits run on the database's clock."""
    accepted = [after.accepted for after in states]
    await db.execute(
        _SAVE_STATES,
        {
            "now": now,
            "ids": [after.held.id for after in states],
            "states": [after.state.value for after in states],
            "reasons": [after.reason for after in states],
            "notify_ids": [one.provider_id if one else None for one in accepted],
            "references": [one.reference if one else None for one in accepted],
            "waits": [after.wait_seconds for after in states],
            "tomorrows": [after.waits_until_tomorrow for after in states],
            "due": [after.due_at for after in states],
        },
    )
