"""Every statement on what marks have said, for whoever asks whether a child is looked for."""

from collections.abc import Collection, Sequence
from datetime import date
from typing import Any, NamedTuple, TypeAlias
from uuid import UUID

from sqlalchemy import Row, text

from attendance_contracts.calendar import Session, school_year, slot
from attendance_contracts.counting import OnRoll
from attendance_runtime.database import SqlSession
from register_service.absences.domain import Entry, Revision, entries


class MarkedSession(NamedTuple):
    """A session of a school in which a child of its roll has had a mark; of it, the last code."""

    school_id: UUID
    day: date
    session: Session
    enrolment_id: UUID
    child_id: UUID
    on_roll: OnRoll
    contact_codes: frozenset[str]
    code: str | None


SchoolSlot: TypeAlias = tuple[UUID, date, Session]
"""A session of a school."""

MarkKey: TypeAlias = tuple[UUID, date, Session]
"""Whose mark, of which day and session."""

_HISTORIES = text("""
    SELECT enrolment_id, date, session, previous_code, code, amender_name
    FROM mark_revisions
    JOIN unnest(CAST(:enrolments AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
         AS asked (enrolment_id, date, session) USING (enrolment_id, date, session)
    ORDER BY revision
""")


async def read_histories(
    db: SqlSession, marks: Sequence[MarkKey]
) -> dict[MarkKey, tuple[Entry, ...]]:
    """What has each of these marks said so far? No entry: it was never amended."""
    if not marks:
        return {}
    enrolments, days, halves = zip(*marks, strict=True)
    found = await db.execute(
        _HISTORIES,
        {"enrolments": list(enrolments), "days": list(days), "sessions": list(halves)},
    )
    revisions: dict[MarkKey, list[Revision]] = {}
    for enrolment, day, half, *revision in found:
        revisions.setdefault((enrolment, day, Session(half)), []).append(Revision(*revision))
    return {mark: entries(several) for mark, several in revisions.items()}


_MARKED = text("""
    SELECT changed.school_id, day, mark.session, mark.enrolment_id, child_id, starts_on, ends_on,
           contact_codes, code
    FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
         AS changed (school_id, day, session)
    JOIN schools ON schools.id = changed.school_id
    JOIN enrolments ON enrolments.school_id = changed.school_id
    JOIN marks AS mark ON mark.enrolment_id = enrolments.id
         AND mark.date = changed.day AND mark.session = changed.session
""")


async def marked_sessions(db: SqlSession, places: Collection[SchoolSlot]) -> list[MarkedSession]:
    """Which children have had a mark in these sessions of their schools?"""
    schools, days, halves = zip(*places, strict=True)
    found = await db.execute(
        _MARKED, {"schools": list(schools), "days": list(days), "sessions": list(halves)}
    )
    return [_marked(row) for row in found]


def _marked(row: Row[Any]) -> MarkedSession:  # Any: the columns are those of the two questions
    return MarkedSession(
        school_id=row.school_id,
        day=row.day,
        session=Session(row.session),
        enrolment_id=row.enrolment_id,
        child_id=row.child_id,
        on_roll=OnRoll(row.starts_on, row.ends_on),
        contact_codes=frozenset(row.contact_codes),
        code=row.code,
    )


_MOVED = text("""
    SELECT place.id, before.starts_on, before.ends_on, place.starts_on, place.ends_on
    FROM enrolments AS place
    JOIN enrolment_revisions AS before
      ON before.enrolment_id = place.id AND before.version = place.version - 1
    WHERE place.id = ANY(CAST(:enrolments AS uuid[]))
      AND (before.starts_on, before.ends_on) IS DISTINCT FROM (place.starts_on, place.ends_on)
""")


async def moved_places(
    db: SqlSession, enrolments: Sequence[UUID]
) -> dict[UUID, tuple[OnRoll, OnRoll]]:
    """Which of these enrolments had other days before their last change; before and now?"""
    found = await db.execute(_MOVED, {"enrolments": list(enrolments)})
    return {row[0]: (OnRoll(row[1], row[2]), OnRoll(row[3], row[4])) for row in found}


_MARKED_ON = text("""
    SELECT school_id, day, asked.session, enrolment_id, child_id, starts_on, ends_on,
           contact_codes, code
    FROM unnest(CAST(:enrolments AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]),
                CAST(:years AS integer[]), CAST(:slots AS smallint[]))
         AS asked (enrolment_id, day, session, year, slot)
    JOIN enrolments AS place ON place.id = asked.enrolment_id
    JOIN schools ON schools.id = place.school_id
    JOIN calendars USING (school_id)
    JOIN marks USING (enrolment_id)
    WHERE marks.date = day AND marks.session = asked.session
      AND school_year = year AND slot = ANY(slots)
""")


async def marks_on(db: SqlSession, days: Collection[tuple[UUID, date]]) -> list[MarkedSession]:
    """Which marks have these enrolments had on these days, in sessions that their school holds?"""
    asked = [(enrolment, day, half) for enrolment, day in days for half in Session]
    found = await db.execute(
        _MARKED_ON,
        {
            "enrolments": [enrolment for enrolment, _, _ in asked],
            "days": [day for _, day, _ in asked],
            "sessions": [half.value for _, _, half in asked],
            "years": [school_year(day) for _, day, _ in asked],
            "slots": [slot(day, half) for _, day, half in asked],
        },
    )
    return [_marked(row) for row in found]
