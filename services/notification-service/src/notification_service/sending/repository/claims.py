"""Statements on the messages that a sender has in hand, for the length of a lease."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from notification_service.messages.domain import Claimed, Handover
from notification_service.recipients.domain import Channel

SCHOOLS_A_CLAIM = 20
"""At most so many schools' messages are in one claim: the batch must be done within its lease."""

UNKNOWN_A_CLAIM = 200
"""At most so many messages are looked up at the provider in one go."""

# A claim takes whole schools, and holds their rows while it does: brothers and sisters whose
# messages are due together are never torn apart between two senders. What waits to be tried again
# has an index of its own, so that thousands that wait for midnight are not read over at every look.
# As an array the claimed ids are few in the planner's eyes: it looks them up and does not read
# whole tables.
CLAIM = text("""
    WITH waiting AS (
        (SELECT school_id FROM messages WHERE state = 'due' AND retry_at IS NULL AND due_at <= :now
         ORDER BY due_at LIMIT :schools)
        UNION ALL
        (SELECT school_id FROM messages
         WHERE state = 'due' AND retry_at <= statement_timestamp() AND due_at <= :now
         ORDER BY retry_at LIMIT :schools)
    ), free AS (
        SELECT id FROM schools WHERE id IN (SELECT school_id FROM waiting) FOR UPDATE SKIP LOCKED
    ), taken AS (
        SELECT id FROM messages
        WHERE state = 'due' AND due_at <= :now
          AND (retry_at IS NULL OR retry_at <= statement_timestamp())
          AND school_id IN (SELECT id FROM free)
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE messages
    SET state = 'sending', attempt = attempt + 1,
        tried_at = coalesce(tried_at, clock_timestamp()), retry_at = NULL,
        lease_until = clock_timestamp() + make_interval(secs => :lease_seconds),
        reference = NULL, channel = NULL, template_id = NULL, fingerprint = NULL
    FROM episodes
    WHERE messages.id = ANY(ARRAY(SELECT id FROM taken)) AND episodes.id = messages.episode_id
    RETURNING messages.id, messages.episode_id, enrolment_id, child_id, messages.school_id, date,
              am_state, pm_state, kind, contact_id, due_at, version, attempt,
              CAST(extract(epoch FROM clock_timestamp() - tried_at) AS float8) AS tried_seconds,
              ARRAY(
                  SELECT fingerprint FROM messages AS earlier
                  WHERE earlier.episode_id = messages.episode_id AND earlier.round = messages.round
                    AND kind = 'first' AND state = 'failed' AND fingerprint IS NOT NULL
              ) AS failed_at
""")

# Only what is still in this sender's hand: not what another took over when the lease had run out.
_ADDRESS = text("""
    UPDATE messages
    SET contact_id = given.contact_id, channel = given.channel, template_id = given.template_id,
        reference = given.reference, fingerprint = given.fingerprint
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:attempts AS integer[]), CAST(:contacts AS uuid[]),
        CAST(:channels AS text[]), CAST(:templates AS uuid[]), CAST(:references AS uuid[]),
        CAST(:fingerprints AS uuid[]))
        AS given (id, attempt, contact_id, channel, template_id, reference, fingerprint)
    WHERE messages.id = given.id AND messages.attempt = given.attempt AND state = 'sending'
      AND lease_until > clock_timestamp()
    RETURNING messages.id
""")

# A message still in hand after its lease and the settling time: its sender died, or does not know.
_CLAIM_UNKNOWN = text("""
    WITH taken AS (
        SELECT id FROM messages
        WHERE state = 'sending'
          AND lease_until < statement_timestamp() - make_interval(secs => :settling_seconds)
        ORDER BY lease_until LIMIT :messages FOR UPDATE SKIP LOCKED
    )
    UPDATE messages SET lease_until = clock_timestamp() + make_interval(secs => :lease_seconds)
    FROM episodes
    WHERE messages.id = ANY(ARRAY(SELECT id FROM taken)) AND episodes.id = messages.episode_id
    RETURNING messages.id, messages.episode_id, enrolment_id, child_id, messages.school_id, date,
              am_state, pm_state, kind, contact_id, due_at, version, attempt,
              CAST(extract(epoch FROM clock_timestamp() - tried_at) AS float8) AS tried_seconds,
              CAST('{}' AS uuid[]) AS failed_at, reference, channel
""")


async def claim_due(db: SqlSession, *, now: datetime, lease_seconds: float) -> list[Claimed]:
    """Which messages are due and in nobody's hand? They are in the caller's from here on."""
    rows = await db.execute(
        CLAIM, {"now": now, "lease_seconds": lease_seconds, "schools": SCHOOLS_A_CLAIM}
    )
    return [_claimed(row) for row in rows]


async def keep_addresses(db: SqlSession, handovers: Sequence[Handover]) -> set[UUID]:
    """Which of these messages are still in the caller's hand? Their attempt is on record now.

    No address is kept.
    """
    rows = [(handover, message) for handover in handovers for message in handover.messages]
    held = await db.execute(
        _ADDRESS,
        {
            "ids": [message.claimed.id for _, message in rows],
            "attempts": [message.claimed.attempt for _, message in rows],
            "contacts": [message.contact_id for _, message in rows],
            "channels": [message.channel.value for _, message in rows],
            "templates": [handover.template_id for handover, _ in rows],
            "references": [handover.reference for handover, _ in rows],
            "fingerprints": [message.fingerprint for _, message in rows],
        },
    )
    return set(held.scalars())


@dataclass(frozen=True, slots=True)
class Unaccounted:
    """A message of which nobody knows what became, and where it may be asked.

    Attributes:
        reference: under which a provider may have it; None: it was never handed over.
        channel: how it travels, by which its provider is known; None with the reference.
    """

    claimed: Claimed
    reference: UUID | None
    channel: Channel | None


async def claim_unknown(
    db: SqlSession, *, lease_seconds: float, settling_seconds: float
) -> list[Unaccounted]:
    """Which messages has nobody accounted for, and who may know of them?"""
    rows = await db.execute(
        _CLAIM_UNKNOWN,
        {
            "lease_seconds": lease_seconds,
            "settling_seconds": settling_seconds,
            "messages": UNKNOWN_A_CLAIM,
        },
    )
    return [
        Unaccounted(_claimed(row), row.reference, Channel(row.channel) if row.channel else None)
        for row in rows
    ]


def _claimed(row: Row[Any]) -> Claimed:  # Any: the columns are those of the two claims above
    states = ((Session.AM, row.am_state), (Session.PM, row.pm_state))
    return Claimed(
        id=row.id,
        episode_id=row.episode_id,
        enrolment_id=row.enrolment_id,
        child_id=row.child_id,
        school_id=row.school_id,
        date=row.date,
        sessions=tuple(session for session, state in states if state),
        kind=row.kind,
        contact_id=row.contact_id,
        due_at=row.due_at,
        version=row.version,
        attempt=row.attempt,
        tried_seconds=row.tried_seconds,
        failed_at=frozenset(row.failed_at),
    )
