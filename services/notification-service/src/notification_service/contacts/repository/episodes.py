"""Statements on what is known of episodes, and what is heard of them."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from notification_service.contacts.domain import Episode, Fact
from notification_service.recipients.domain import EnrolmentDay

COLUMNS = """
    id, enrolment_id, child_id, school_id, date, round,
    am_state, am_recorded_at, pm_state, pm_recorded_at, version, exhausted_in
"""

# Every transaction locks episodes in this order, and before their messages: none waits in a circle.
_LOCK_BY_DAY = text(f"""
    SELECT {COLUMNS} FROM episodes
    WHERE (enrolment_id, date) IN (
        SELECT * FROM unnest(CAST(:enrolments AS uuid[]), CAST(:days AS date[])))
    ORDER BY enrolment_id, date FOR UPDATE
""")  # noqa: S608 - our own column list

_LOCK_AT_SCHOOL = text(f"""
    SELECT {COLUMNS} FROM episodes WHERE school_id = :school_id
    ORDER BY enrolment_id, date FOR UPDATE
""")  # noqa: S608 - our own column list

_LOCK_BY_ID = text(f"""
    SELECT {COLUMNS} FROM episodes WHERE id = ANY(CAST(:ids AS uuid[]))
    ORDER BY enrolment_id, date FOR UPDATE
""")  # noqa: S608 - our own column list

_LOCK_UNSENT = text(f"""
    SELECT {COLUMNS} FROM episodes
    WHERE id IN (
        SELECT episode_id FROM messages
        WHERE school_id = ANY(CAST(:schools AS uuid[])) AND state = 'due' AND kind = 'first')
    ORDER BY enrolment_id, date FOR UPDATE
""")  # noqa: S608 - our own column list

_SAVE = text("""
    INSERT INTO episodes (
        id, enrolment_id, child_id, school_id, date, round,
        am_state, am_recorded_at, pm_state, pm_recorded_at, version)
    SELECT *, 1 FROM unnest(
        CAST(:ids AS uuid[]), CAST(:enrolments AS uuid[]), CAST(:children AS uuid[]),
        CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:rounds AS smallint[]),
        CAST(:am_states AS text[]), CAST(:am_times AS timestamptz[]),
        CAST(:pm_states AS text[]), CAST(:pm_times AS timestamptz[]))
    ON CONFLICT (enrolment_id, date) DO UPDATE
    SET round = excluded.round,
        am_state = excluded.am_state, am_recorded_at = excluded.am_recorded_at,
        pm_state = excluded.pm_state, pm_recorded_at = excluded.pm_recorded_at,
        version = episodes.version + 1
""")


_EXHAUSTED = text("""
    UPDATE episodes SET exhausted_in = given.round
    FROM unnest(CAST(:ids AS uuid[]), CAST(:rounds AS smallint[])) AS given (id, round)
    WHERE episodes.id = given.id
""")


async def lock_episodes_of(
    db: SqlSession, days: Collection[EnrolmentDay]
) -> dict[EnrolmentDay, Episode]:
    """Which of these enrolments' days have an episode? They stay as they are until the end."""
    enrolments = [enrolment for enrolment, _ in days]
    rows = await db.execute(
        _LOCK_BY_DAY, {"enrolments": enrolments, "days": [day for _, day in days]}
    )
    return {(row.enrolment_id, row.date): as_episode(row) for row in rows}


async def lock_episodes_at(db: SqlSession, school_id: UUID) -> dict[EnrolmentDay, Episode]:
    """Which episodes does a school have? They stay as they are until the end."""
    rows = await db.execute(_LOCK_AT_SCHOOL, {"school_id": school_id})
    return {(row.enrolment_id, row.date): as_episode(row) for row in rows}


async def lock_episodes(db: SqlSession, ids: Collection[UUID]) -> list[Episode]:
    """What is known of these episodes? They stay as they are until the transaction ends."""
    return [as_episode(row) for row in await db.execute(_LOCK_BY_ID, {"ids": list(ids)})]


async def lock_unsent_episodes(db: SqlSession, schools: Collection[UUID]) -> list[Episode]:
    """Which episodes of these schools have a first message that is still due?"""
    return [as_episode(row) for row in await db.execute(_LOCK_UNSENT, {"schools": list(schools)})]


async def save_episodes(db: SqlSession, episodes: Sequence[Episode]) -> None:
    """Keep what is known of these episodes, in the order given; each counts one version more."""
    await db.execute(
        _SAVE,
        {
            "ids": [episode.id for episode in episodes],
            "enrolments": [episode.enrolment_id for episode in episodes],
            "children": [episode.child_id for episode in episodes],
            "schools": [episode.school_id for episode in episodes],
            "days": [episode.date for episode in episodes],
            "rounds": [episode.round for episode in episodes],
            **_facts_in_columns(episodes),
        },
    )


async def note_exhausted(db: SqlSession, rounds: Mapping[UUID, int | None]) -> None:
    """Keep in which round it was said of these episodes that nobody is left to tell."""
    await db.execute(
        _EXHAUSTED, {"ids": list(rounds), "rounds": [rounds[episode] for episode in rounds]}
    )


def _facts_in_columns(
    episodes: Sequence[Episode],
) -> dict[str, Sequence[str | datetime | None]]:
    mornings = [episode.facts.get(Session.AM) for episode in episodes]
    afternoons = [episode.facts.get(Session.PM) for episode in episodes]
    return {
        "am_states": [fact.state if fact else None for fact in mornings],
        "am_times": [fact.recorded_at if fact else None for fact in mornings],
        "pm_states": [fact.state if fact else None for fact in afternoons],
        "pm_times": [fact.recorded_at if fact else None for fact in afternoons],
    }


def as_episode(row: Row[Any]) -> Episode:  # Any: a row of `COLUMNS`
    """Return what a row says of an episode."""
    sessions = (
        (Session.AM, row.am_state, row.am_recorded_at),
        (Session.PM, row.pm_state, row.pm_recorded_at),
    )
    return Episode(
        id=row.id,
        enrolment_id=row.enrolment_id,
        child_id=row.child_id,
        school_id=row.school_id,
        date=row.date,
        round=row.round,
        version=row.version,
        exhausted_in=row.exhausted_in,
        facts={session: Fact(state, at) for session, state, at in sessions if state},
    )
