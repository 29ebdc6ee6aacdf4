"""Statements on days as readers see them: an episode, its messages, and the office's call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from notification_service.contacts.domain import (
    CallOutcome,
    Kind,
    Message,
    MessageState,
    Standing,
    Step,
    owed,
    passes_on,
    standing,
)
from notification_service.contacts.facts import Episode
from notification_service.contacts.repository.episodes import COLUMNS, as_episode

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

_SENT = text("""
    SELECT id, episode_id, round, kind, state, contact_id, channel, due_at, sent_at, settled_at,
           reason
    FROM messages
    WHERE episode_id = ANY(CAST(:episodes AS uuid[])) ORDER BY round, kind DESC, id
""")


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """One message as readers see it: everything but to whom it went."""

    id: UUID
    round: int
    kind: Kind
    state: MessageState
    contact_id: UUID | None
    channel: str | None
    due_at: datetime | None
    sent_at: datetime | None
    settled_at: datetime | None
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What somebody of the office, by an opaque subject id, said of the call that was owed."""

    outcome: CallOutcome
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class ContactedDay:
    """An episode with all its messages, first round first, and the current round's call."""

    episode: Episode
    messages: Sequence[Sent]
    call: Call | None

    @property
    def not_corrected(self) -> Sent | None:
        """The correction that did not go, where the office is still to ring in its stead."""
        if self.call or owed(self.standing, self.episode.stands) is not Step.RING:
            return None
        return next(sent for sent in reversed(self.messages) if sent.kind is Kind.CORRECTION)

    @property
    def standing(self) -> Standing:
        """Where the episode's current round stands with the family."""
        return standing(
            [
                Message(
                    sent.id,
                    sent.kind,
                    sent.state,
                    sent.contact_id,
                    sent.due_at,
                    passes_on(
                        sent.kind,
                        sent.reason,
                        settled_at=sent.settled_at,
                        day=self.episode.date,
                    ),
                )
                for sent in self.messages
                if sent.round == self.episode.round
            ]
        )


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
    sent: dict[UUID, list[Sent]] = {}
    rows = await db.execute(_SENT, {"episodes": [episode.id for episode in episodes]})
    for row in rows.mappings():
        fields = dict(row)
        episode_id = fields.pop("episode_id")
        fields |= {"kind": Kind(row.kind), "state": MessageState(row.state)}
        sent.setdefault(episode_id, []).append(Sent(**fields))
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
