"""Statements on the messages of an episode: what is to be due, and what there has been."""

from collections.abc import Collection, Mapping, Sequence
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from notification_service.messages.domain import InRound, Kept, MessageState, Planned

_LOCK_ROUNDS = text("""
    SELECT messages.episode_id, messages.id, kind, state, contact_id, due_at, reason, settled_at
    FROM messages
    JOIN unnest(CAST(:episodes AS uuid[]), CAST(:rounds AS smallint[])) AS given (episode_id, round)
      ON given.episode_id = messages.episode_id AND given.round = messages.round
    ORDER BY messages.id FOR UPDATE OF messages
""")

# A message planned again, its due time moved, keeps its wait; one that had been cancelled, or had
# found nobody, starts anew.
_PLAN = text("""
    INSERT INTO messages AS kept (id, episode_id, school_id, round, kind, contact_id, state, due_at)
    SELECT id, episode_id, school_id, round, kind, contact_id, 'due', due_at
    FROM unnest(
        CAST(:ids AS uuid[]), CAST(:episodes AS uuid[]), CAST(:schools AS uuid[]),
        CAST(:rounds AS smallint[]), CAST(:kinds AS text[]), CAST(:contacts AS uuid[]),
        CAST(:due AS timestamptz[]))
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

_SENT = text("""
    SELECT id, episode_id, round, kind, state, contact_id, channel, due_at, sent_at, settled_at,
           reason
    FROM messages
    WHERE episode_id = ANY(CAST(:episodes AS uuid[])) ORDER BY round, kind DESC, id
""")


async def lock_rounds(db: SqlSession, rounds: Mapping[UUID, int]) -> list[InRound]:
    """Which messages does each episode's round have? They stay as they are until the end."""
    rows = await db.execute(
        _LOCK_ROUNDS, {"episodes": list(rounds), "rounds": [rounds[one] for one in rounds]}
    )
    return [
        InRound(
            episode_id=row.episode_id,
            id=row.id,
            kind=row.kind,
            state=MessageState(row.state),
            contact_id=row.contact_id,
            due_at=row.due_at,
            reason=row.reason,
            settled_at=row.settled_at,
        )
        for row in rows
    ]


async def sent_about(db: SqlSession, episodes: Collection[UUID]) -> Mapping[UUID, Sequence[Kept]]:
    """Which messages has each episode had, first round first?"""
    found: dict[UUID, list[Kept]] = {}
    for row in (await db.execute(_SENT, {"episodes": list(episodes)})).mappings():
        kept = Kept(**{**row, "state": MessageState(row.state)})
        found.setdefault(kept.episode_id, []).append(kept)
    return found


async def on_record(db: SqlSession, messages: Collection[UUID]) -> set[UUID]:
    """Which of these messages are kept here?"""
    rows = await db.execute(_ON_RECORD, {"ids": list(messages)})
    return set(rows.scalars())


async def plan(db: SqlSession, planned: Sequence[Planned]) -> None:
    """Make messages due, under the ids given: new ones, and a round's own again."""
    await db.execute(
        _PLAN,
        {
            "ids": [one.id for one in planned],
            "episodes": [one.episode_id for one in planned],
            "schools": [one.school_id for one in planned],
            "rounds": [one.round for one in planned],
            "kinds": [one.kind for one in planned],
            "contacts": [one.contact_id for one in planned],
            "due": [one.due_at for one in planned],
        },
    )


async def cancel(db: SqlSession, messages: Collection[UUID]) -> None:
    """Cancel what is still due."""
    await db.execute(_CANCEL, {"ids": list(messages)})
