"""Statements on messages."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from notification_service.contacts.domain import Kind, Message, MessageState, Plan, passes_on
from notification_service.contacts.facts import Episode
from notification_service.sending.fates import Held, StateAfter
from notification_service.sending.messages import Channel, Claimed, Handover

SCHOOLS_A_CLAIM = 20
"""At most so many schools' messages are in one claim: the batch must be done within its lease."""

UNKNOWN_A_CLAIM = 200
"""At most so many messages are looked up at the provider in one go."""

_LOCK_ROUNDS = text("""
    SELECT messages.episode_id, messages.id, kind, state, contact_id, due_at, reason, settled_at FROM messages
    JOIN unnest(CAST(:episodes AS uuid[]), CAST(:rounds AS smallint[])) AS given (episode_id, round)
      ON given.episode_id = messages.episode_id AND given.round = messages.round
    ORDER BY messages.id FOR UPDATE OF messages
""")

# A message planned again, its due time moved, keeps its wait; one that had been cancelled, or had found
# nobody, starts anew.
_PLAN = text("""
    INSERT INTO messages AS kept (id, episode_id, school_id, round, kind, contact_id, state, due_at)
    SELECT id, episode_id, school_id, round, kind, contact_id, 'due', due_at
    FROM unnest(CAST(:ids AS uuid[]), CAST(:episodes AS uuid[]), CAST(:schools AS uuid[]), CAST(:rounds AS smallint[]),
                CAST(:kinds AS text[]), CAST(:contacts AS uuid[]), CAST(:due AS timestamptz[]))
         AS given (id, episode_id, school_id, round, kind, contact_id, due_at)
    ORDER BY id
    ON CONFLICT (id) DO UPDATE
    SET state = 'due', due_at = excluded.due_at, reason = NULL,
        retry_at = CASE kept.state WHEN 'due' THEN kept.retry_at END,
        tried_at = CASE kept.state WHEN 'due' THEN kept.tried_at END
    WHERE kept.state IN ('due', 'cancelled', 'failed')
""")

_ON_RECORD = text("SELECT id FROM messages WHERE id = ANY(CAST(:ids AS uuid[]))")

_CANCEL = text("""
    UPDATE messages SET state = 'cancelled', retry_at = NULL
    WHERE id = ANY(CAST(:ids AS uuid[])) AND state = 'due'
""")

# A claim takes whole schools, and holds their rows while it does: brothers and sisters whose messages
# are due together are never torn apart between two senders. What waits to be tried again has an index
# of its own, so that thousands that wait for midnight are not read over at every look. As an array the
# claimed ids are few in the planner's eyes: it looks them up and does not read whole tables.
CLAIM = text("""
    WITH waiting AS (
        (SELECT school_id FROM messages WHERE state = 'due' AND retry_at IS NULL AND due_at <= :now
         ORDER BY due_at LIMIT :schools)
        UNION ALL
        (SELECT school_id FROM messages WHERE state = 'due' AND retry_at <= statement_timestamp() AND due_at <= :now
         ORDER BY retry_at LIMIT :schools)
    ), free AS (
        SELECT id FROM schools WHERE id IN (SELECT school_id FROM waiting) FOR UPDATE SKIP LOCKED
    ), taken AS (
        SELECT id FROM messages
        WHERE state = 'due' AND due_at <= :now AND (retry_at IS NULL OR retry_at <= statement_timestamp())
          AND school_id IN (SELECT id FROM free)
        ORDER BY id FOR UPDATE SKIP LOCKED
    )
    UPDATE messages
    SET state = 'sending', attempt = attempt + 1, tried_at = coalesce(tried_at, clock_timestamp()), retry_at = NULL,
        lease_until = clock_timestamp() + make_interval(secs => :lease_seconds),
        reference = NULL, channel = NULL, template_id = NULL, fingerprint = NULL
    FROM episodes
    WHERE messages.id = ANY(ARRAY(SELECT id FROM taken)) AND episodes.id = messages.episode_id
    RETURNING messages.id, messages.episode_id, enrolment_id, child_id, messages.school_id, date, am_state, pm_state, kind, contact_id,
              due_at, version, attempt, CAST(extract(epoch FROM clock_timestamp() - tried_at) AS float8) AS tried_seconds,
              ARRAY(SELECT fingerprint FROM messages AS earlier
                    WHERE earlier.episode_id = messages.episode_id AND earlier.round = messages.round
                      AND kind = 'first' AND state = 'failed' AND fingerprint IS NOT NULL) AS failed_at
""")

# Only what is still in this sender's hand: not what another took over when the lease had run out.
_ADDRESS = text("""
    UPDATE messages
    SET contact_id = given.contact_id, channel = given.channel, template_id = given.template_id, reference = given.reference,
        fingerprint = given.fingerprint
    FROM unnest(CAST(:ids AS uuid[]), CAST(:attempts AS integer[]), CAST(:contacts AS uuid[]), CAST(:channels AS text[]),
                CAST(:templates AS uuid[]), CAST(:references AS uuid[]), CAST(:fingerprints AS uuid[]))
         AS given (id, attempt, contact_id, channel, template_id, reference, fingerprint)
    WHERE messages.id = given.id AND messages.attempt = given.attempt AND state = 'sending' AND lease_until > clock_timestamp()
    RETURNING messages.id
""")

# Every transaction locks a message after its episode.
_LOCK = text("""
    SELECT id, episode_id, kind, state, attempt, channel FROM messages
    WHERE id = ANY(CAST(:ids AS uuid[])) ORDER BY id FOR UPDATE
""")

# An unknown fate ends the lease: our own call is over, and the settling time runs from here.
_SAVE_STATES = text("""
    UPDATE messages
    SET state = given.state, reason = given.reason, lease_until = clock_timestamp(),
        notify_id = coalesce(given.notify_id, messages.notify_id), reference = coalesce(given.reference, messages.reference),
        sent_at = CASE given.state WHEN 'sent' THEN CAST(:now AS timestamptz) END,
        due_at = coalesce(given.due_at, messages.due_at),
        tried_at = CASE WHEN given.until_tomorrow OR given.due_at IS NOT NULL THEN NULL ELSE messages.tried_at END,
        settled_at = CASE given.state WHEN 'failed' THEN CAST(:now AS timestamptz) END,
        retry_at = CASE WHEN given.state <> 'due' OR given.due_at IS NOT NULL THEN NULL
                        WHEN given.until_tomorrow THEN (date_trunc('day', clock_timestamp() AT TIME ZONE 'UTC') + interval '1 day') AT TIME ZONE 'UTC'
                        ELSE clock_timestamp() + make_interval(secs => given.wait_seconds) END
    FROM unnest(CAST(:ids AS uuid[]), CAST(:states AS text[]), CAST(:reasons AS text[]), CAST(:notify_ids AS uuid[]), CAST(:references AS uuid[]),
                CAST(:waits AS float8[]), CAST(:tomorrows AS boolean[]), CAST(:due AS timestamptz[]))
         AS given (id, state, reason, notify_id, reference, wait_seconds, until_tomorrow, due_at)
    WHERE messages.id = given.id
""")

# A message still in hand after its lease and the settling time: its sender died, or does not know.
_CLAIM_UNKNOWN = text("""
    WITH taken AS (
        SELECT id FROM messages
        WHERE state = 'sending' AND lease_until < statement_timestamp() - make_interval(secs => :settling_seconds)
        ORDER BY lease_until LIMIT :messages FOR UPDATE SKIP LOCKED
    )
    UPDATE messages SET lease_until = clock_timestamp() + make_interval(secs => :lease_seconds)
    FROM episodes
    WHERE messages.id = ANY(ARRAY(SELECT id FROM taken)) AND episodes.id = messages.episode_id
    RETURNING messages.id, messages.episode_id, enrolment_id, child_id, messages.school_id, date, am_state, pm_state, kind, contact_id,
              due_at, version, attempt, CAST(extract(epoch FROM clock_timestamp() - tried_at) AS float8) AS tried_seconds,
              CAST('{}' AS uuid[]) AS failed_at, reference
""")


async def lock_rounds(db: SqlSession, episodes: Sequence[Episode]) -> dict[UUID, list[Message]]:
    """Which messages does each episode's round have? They stay as they are until the end."""
    rows = await db.execute(
        _LOCK_ROUNDS,
        {
            "episodes": [episode.id for episode in episodes],
            "rounds": [episode.round for episode in episodes],
        },
    )
    days = {episode.id: episode.date for episode in episodes}
    found: dict[UUID, list[Message]] = {}
    for episode_id, message_id, kind, state, contact_id, due_at, reason, settled_at in rows:
        passes = passes_on(Kind(kind), reason, settled_at=settled_at, day=days[episode_id])
        message = Message(message_id, Kind(kind), MessageState(state), contact_id, due_at, passes)
        found.setdefault(episode_id, []).append(message)
    return found


async def on_record(db: SqlSession, messages: Collection[UUID]) -> set[UUID]:
    """Which of these messages are kept here?"""
    rows = await db.execute(_ON_RECORD, {"ids": list(messages)})
    return set(rows.scalars())


async def plan(db: SqlSession, planned: Sequence[tuple[Episode, Plan, UUID]]) -> None:
    """Make messages due, under the ids given: new ones, and a round's own again."""
    await db.execute(
        _PLAN,
        {
            "ids": [message_id for _, _, message_id in planned],
            "episodes": [episode.id for episode, _, _ in planned],
            "schools": [episode.school_id for episode, _, _ in planned],
            "rounds": [episode.round for episode, _, _ in planned],
            "kinds": [plan.kind.value for _, plan, _ in planned],
            "contacts": [plan.contact_id for _, plan, _ in planned],
            "due": [plan.due_at for _, plan, _ in planned],
        },
    )


async def cancel(db: SqlSession, messages: Collection[UUID]) -> None:
    """Cancel what is still due."""
    await db.execute(_CANCEL, {"ids": list(messages)})


async def claim_due(db: SqlSession, *, now: datetime, lease_seconds: float) -> list[Claimed]:
    """Which messages are due and in nobody's hand? They are in the caller's from here on."""
    rows = await db.execute(
        CLAIM, {"now": now, "lease_seconds": lease_seconds, "schools": SCHOOLS_A_CLAIM}
    )
    return [_claimed(row) for row in rows]


async def keep_addresses(
    db: SqlSession, handovers: Sequence[Handover], templates: Mapping[UUID, UUID]
) -> set[UUID]:
    """Which of these messages are still in the caller's hand? Their attempt is on record now.

    `templates` are the templates' ids by the handovers' references. No address is kept.
    """
    rows = [(handover, message) for handover in handovers for message in handover.messages]
    held = await db.execute(
        _ADDRESS,
        {
            "ids": [message.claimed.id for _, message in rows],
            "attempts": [message.claimed.attempt for _, message in rows],
            "contacts": [message.contact_id for _, message in rows],
            "channels": [message.channel.value for _, message in rows],
            "templates": [templates[handover.reference] for handover, _ in rows],
            "references": [handover.reference for handover, _ in rows],
            "fingerprints": [message.fingerprint for _, message in rows],
        },
    )
    return set(held.scalars())


async def lock_messages(db: SqlSession, messages: Collection[UUID]) -> list[Held]:
    """How far have these messages come? They stay as they are until the transaction ends."""
    return [
        Held(
            id=row.id,
            episode_id=row.episode_id,
            kind=Kind(row.kind),
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
            "notify_ids": [one.notify_id if one else None for one in accepted],
            "references": [one.reference if one else None for one in accepted],
            "waits": [after.wait_seconds for after in states],
            "tomorrows": [after.waits_until_tomorrow for after in states],
            "due": [after.due_at for after in states],
        },
    )


async def claim_unknown(
    db: SqlSession, *, lease_seconds: float, settling_seconds: float
) -> list[tuple[Claimed, UUID | None]]:
    """Which messages has nobody accounted for, and under which reference may the provider know them?

    No reference: the sender died before it handed anything over.
    """
    rows = await db.execute(
        _CLAIM_UNKNOWN,
        {
            "lease_seconds": lease_seconds,
            "settling_seconds": settling_seconds,
            "messages": UNKNOWN_A_CLAIM,
        },
    )
    return [(_claimed(row), row.reference) for row in rows]


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
        kind=Kind(row.kind),
        contact_id=row.contact_id,
        due_at=row.due_at,
        version=row.version,
        attempt=row.attempt,
        tried_seconds=row.tried_seconds,
        failed_at=frozenset(row.failed_at),
    )
