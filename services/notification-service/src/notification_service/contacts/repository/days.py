"""Statements on days as readers see them: an episode, its messages, and the office's call."""

from collections.abc import Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from notification_service.contacts.domain import Call, CallOutcome, ContactedDay, Episode
from notification_service.contacts.repository.episodes import COLUMNS, as_episode
from notification_service.messages import repository as messages

_DAYS = text(f"""
    SELECT {COLUMNS} FROM episodes
    WHERE school_id = :school_id AND date = :day AND id > :after ORDER BY id LIMIT :limit
""")  # noqa: S608 - our own column list

_DAY = text(f"SELECT {COLUMNS} FROM episodes WHERE id = :id")  # noqa: S608 - our own column list

_NOT_CORRECTED = text(f"""
    SELECT {COLUMNS} FROM episodes
    WHERE school_id = :school_id AND id > :after
      AND (id, round) IN (
          SELECT episode_id, round FROM messages
          WHERE school_id = :school_id AND kind = 'correction' AND state = 'failed')
      AND NOT EXISTS (
          SELECT FROM calls WHERE episode_id = episodes.id AND calls.round = episodes.round)
    ORDER BY id LIMIT :limit
""")  # noqa: S608 - our own column list

_CALLS = text("""
    SELECT episode_id, round, outcome, made_at, made_by FROM calls
    WHERE episode_id = ANY(CAST(:episodes AS uuid[]))
""")

_SAVE_CALL = text("""
    WITH heard AS (
        UPDATE episodes SET version = version + 1 WHERE id = :episode_id RETURNING id, round)
    INSERT INTO calls (episode_id, round, outcome, made_at, made_by)
    SELECT id, round, :outcome, :made_at, :made_by FROM heard
""")


async def contacted_days(
    db: SqlSession, school_id: UUID, day: date, *, after: UUID, limit: int
) -> list[ContactedDay]:
    """Which absences of a school's day did nobody explain at first, and what was sent?"""
    found = await db.execute(
        _DAYS, {"school_id": school_id, "day": day, "after": after, "limit": limit}
    )
    return await _with_messages(db, [as_episode(row) for row in found])


async def days_not_corrected(
    db: SqlSession, school_id: UUID, *, after: UUID, limit: int
) -> list[ContactedDay]:
    """Of which of a school's days did a correction fail, and nobody has said that they rang?

    Not all of these owe a call: a reason may have come since.
    """
    found = await db.execute(
        _NOT_CORRECTED, {"school_id": school_id, "after": after, "limit": limit}
    )
    return await _with_messages(db, [as_episode(row) for row in found])


async def save_call(db: SqlSession, episode_id: UUID, call: Call) -> None:
    """Keep the call of an episode's current round; the episode is a version on."""
    await db.execute(
        _SAVE_CALL,
        {
            "episode_id": episode_id,
            "outcome": call.outcome.value,
            "made_at": call.made_at,
            "made_by": call.made_by,
        },
    )


async def contacted_day(db: SqlSession, episode_id: UUID) -> ContactedDay | None:
    """What was sent about this episode?"""
    row = (await db.execute(_DAY, {"id": episode_id})).one_or_none()
    if row is None:
        return None
    (day,) = await _with_messages(db, [as_episode(row)])
    return day


async def _with_messages(db: SqlSession, episodes: Sequence[Episode]) -> list[ContactedDay]:
    sent = await messages.sent_about(db, [episode.id for episode in episodes])
    calls = {
        (row.episode_id, row.round): Call(
            outcome=CallOutcome(row.outcome), made_at=row.made_at, made_by=row.made_by
        )
        for row in await db.execute(_CALLS, {"episodes": [episode.id for episode in episodes]})
    }
    return [
        ContactedDay(episode, sent.get(episode.id, ()), calls.get((episode.id, episode.round)))
        for episode in episodes
    ]
