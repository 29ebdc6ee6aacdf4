"""Taking marks back: a pupil is sent without a mark over one that the same source sent."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import TypeAlias
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from register_service.absences.domain import Entry
from register_service.absences.repository import MarkKey, read_histories
from register_service.registers.domain import ChangedMark, Draft, RegisterKey, TakenBack
from register_service.registers.repository.revisions import (
    FIRST_AMENDMENT,
    Revision,
    keep_revisions,
)

# The row stays, without a code: the next mark is a later revision, never the first one again.
# Locked in the order in which registers are written, so that the two cannot block each other.
_TAKE_BACK = text("""
    WITH held AS (
        SELECT mark.enrolment_id, mark.date, mark.session, code, source_code
        FROM unnest(CAST(:enrolments AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]))
             AS sent (enrolment_id, date, session)
        JOIN marks AS mark USING (enrolment_id, date, session)
        WHERE mark.code IS NOT NULL
        ORDER BY mark.enrolment_id, mark.date, mark.session
        FOR NO KEY UPDATE OF mark
    ), gone AS (
        UPDATE marks AS mark
        SET code = NULL, source_code = NULL, minutes_late = NULL,
            revision = mark.revision + 1, recorded_at = :now
        FROM held
        WHERE mark.enrolment_id = held.enrolment_id AND mark.date = held.date
          AND mark.session = held.session AND held.code = held.source_code
        RETURNING mark.enrolment_id, mark.date, mark.session, new.revision
    )
    SELECT enrolment_id, date, session, held.code, gone.revision
    FROM held LEFT JOIN gone USING (enrolment_id, date, session)
""")

_Held: TypeAlias = dict[tuple[UUID, date, str], tuple[str, int | None]]
"""By pupil and session, the mark that stood, and its new revision if it was taken back."""


async def take_back_marks(
    db: SqlSession, drafts: Sequence[Draft], *, now: datetime
) -> dict[RegisterKey, TakenBack]:
    """Take back the marks of the pupils that were sent without one: which were, which stand?

    What the office has amended stands: it is not what the source sent. No statement is made for
    registers that have a mark for everybody in them.
    """
    if not any(draft.unmarked for draft in drafts):
        return {draft.register: TakenBack((), ()) for draft in drafts}
    keys = [key for draft in drafts for key in _keys(draft)]
    found = await db.execute(
        _TAKE_BACK,
        {
            "enrolments": [enrolment_id for enrolment_id, _, _ in keys],
            "days": [day for _, day, _ in keys],
            "sessions": [half for _, _, half in keys],
            "now": now,
        },
    )
    held = {(row[0], row[1], row[2]): (row[3], row[4]) for row in found}
    amended_before = [
        (enrolment_id, day, Session(half))
        for (enrolment_id, day, half), (_, revision) in held.items()
        if revision is not None and revision > FIRST_AMENDMENT
    ]
    histories = await read_histories(db, amended_before)
    kept = [revision for draft in drafts for revision in _revisions(draft, held)]
    await keep_revisions(db, kept, now=now)
    return {draft.register: _taken_back(draft, held, histories) for draft in drafts}


def _keys(draft: Draft) -> Iterator[tuple[UUID, date, str]]:
    at = draft.order.at
    for _, pupil in draft.unmarked:
        yield pupil.enrolment_id, at.day, at.session.value


def _revisions(draft: Draft, held: _Held) -> Iterator[Revision]:
    for key, (_, pupil) in zip(_keys(draft), draft.unmarked, strict=True):
        code, revision = held.get(key, (None, None))
        if revision is not None:
            yield Revision(draft, pupil, code, None, revision, None)


def _taken_back(
    draft: Draft, held: _Held, histories: Mapping[MarkKey, Sequence[Entry]]
) -> TakenBack:
    changed, standing = [], []
    session = draft.order.at.session
    for key, (mark, pupil) in zip(_keys(draft), draft.unmarked, strict=True):
        code, revision = held.get(key, (None, None))
        if revision is not None:
            history = histories.get((key[0], key[1], session), (Entry(code),))
            changed.append(
                ChangedMark(pupil.enrolment_id, pupil.child_id, code, None, history=history)
            )
        elif code is not None:
            standing.append(mark.position)
    return TakenBack(changed, standing)
