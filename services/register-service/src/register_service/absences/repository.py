"""Every statement on what marks have said, for whoever asks whether a child is looked for."""

from collections.abc import Sequence
from datetime import date
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from register_service.absences.domain import Entry, Revision, entries

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
    session: SqlSession, marks: Sequence[MarkKey]
) -> dict[MarkKey, tuple[Entry, ...]]:
    """What has each of these marks said so far? No entry: it was never amended."""
    if not marks:
        return {}
    enrolments, days, halves = zip(*marks, strict=True)
    found = await session.execute(
        _HISTORIES,
        {"enrolments": list(enrolments), "days": list(days), "sessions": list(halves)},
    )
    revisions: dict[MarkKey, list[Revision]] = {}
    for enrolment, day, half, *revision in found:
        revisions.setdefault((enrolment, day, Session(half)), []).append(Revision(*revision))
    return {mark: entries(several) for mark, several in revisions.items()}
