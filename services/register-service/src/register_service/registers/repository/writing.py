"""Writing registers: the one statement that all of them go through."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any, NamedTuple, TypeAlias

from sqlalchemy import Row, text

from attendance_runtime.database import SqlSession
from register_service.absences.domain import Entry
from register_service.absences.repository import MarkKey, read_histories
from register_service.registers.domain import ChangedMark, Draft, RegisterKey, SentMark
from register_service.registers.repository.revisions import (
    FIRST_AMENDMENT,
    Revision,
    keep_revisions,
)
from register_service.roll.domain import Pupil

# Built once: SQLAlchemy reads a text for its parameters each time it is built, 100 µs a statement.
# One statement for all registers that are written together. A mark knows its register by its
# number, with which it looks into the registers' columns: a join would be a loop over both.
_UPSERT_MARKS = text("""
    WITH written AS (
        INSERT INTO marks AS mark (enrolment_id, date, session, code, source_code,
                                   revision, minutes_late, recorded_at)
        SELECT enrolment_id, (CAST(:days AS date[]))[number] AS date,
               (CAST(:sessions AS text[]))[number] AS session, code, code, 1, minutes_late, :now
        FROM unnest(
            CAST(string_to_array(:numbers, E'\x1f') AS integer[]),
            CAST(string_to_array(:enrolments, E'\x1f') AS uuid[]),
            string_to_array(:codes, E'\x1f'),
            CAST(string_to_array(:minutes, E'\x1f', '') AS smallint[])
        ) AS sent (number, enrolment_id, code, minutes_late)
        ORDER BY enrolment_id, date, session
        ON CONFLICT (date, session, enrolment_id) DO UPDATE
        SET code = CASE WHEN mark.source_code IS DISTINCT FROM excluded.source_code
                        THEN excluded.code ELSE mark.code END,
            revision = mark.revision + CAST(
                mark.source_code IS DISTINCT FROM excluded.source_code
                AND mark.code IS DISTINCT FROM excluded.code AS integer),
            source_code = excluded.source_code,
            minutes_late = excluded.minutes_late,
            recorded_at = excluded.recorded_at
        WHERE mark.source_code IS DISTINCT FROM excluded.source_code
           OR mark.minutes_late IS DISTINCT FROM excluded.minutes_late
        RETURNING new.enrolment_id, new.date, new.session,
                  old.code AS previous, new.code, new.revision
    ), taken AS (
        INSERT INTO registers AS register (school_id, date, session, class_code, taken_by,
                first_taken_at, last_sent_at, times_sent)
        SELECT *, :now, :now, 1
        FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]),
                    CAST(:classes AS text[]), CAST(:takers AS text[]))
             AS submission (school_id, date, session, class_code, taken_by)
        ORDER BY school_id, date, session, class_code
        ON CONFLICT (school_id, date, session, class_code) DO UPDATE
        SET last_sent_at = excluded.last_sent_at, times_sent = register.times_sent + 1
    )
    -- Most registers are new in every mark. Nothing else is said of them: 2 microseconds a mark.
    SELECT all_new, date, session, array_agg(enrolment_id) AS enrolments,
           array_agg(previous) AS previous, array_agg(code) AS codes,
           array_agg(revision) AS revisions
    FROM (SELECT count(*) FILTER (WHERE previous IS NULL AND revision = 1) = :sent AS all_new
          FROM written) AS whole
    LEFT JOIN written ON NOT all_new
    GROUP BY all_new, date, session
""")


async def upsert_marks(
    db: SqlSession, drafts: Sequence[Draft], *, now: datetime
) -> dict[RegisterKey, list[ChangedMark]]:
    """Write registers in one statement: which of their marks say something new?

    A push counts as a change only where it differs from what the source last sent. Rows are written
    in one order: overlapping registers must not deadlock.
    """
    if not drafts:
        return {}
    rows = (await db.execute(_UPSERT_MARKS, {**_sent(drafts), "now": now})).all()
    if rows[0].all_new:
        await keep_revisions(db, list(_first_words(drafts)), now=now)
        return {
            draft.register: [
                ChangedMark(pupil.enrolment_id, pupil.child_id, None, mark.code)
                for mark, pupil in draft.named
            ]
            for draft in drafts
        }
    changes = _changes(rows)
    histories = await read_histories(db, _amended_before(drafts, changes))
    await keep_revisions(db, list(_revisions(drafts, changes)), now=now)
    return {draft.register: list(_changed_marks(draft, changes, histories)) for draft in drafts}


def _sent(drafts: Sequence[Draft]) -> dict[str, object]:
    """Put registers into the statement's columns: one value each, then one for each mark."""
    registers = [draft.register for draft in drafts]
    sent = [pair for draft in drafts for pair in draft.named]
    numbers: list[str] = []
    for number, draft in enumerate(drafts, start=1):
        numbers += [str(number)] * len(draft.named)
    return {
        "schools": [register.school_id for register in registers],
        "days": [register.day for register in registers],
        "sessions": [register.session.value for register in registers],
        "classes": [register.class_code for register in registers],
        "takers": [draft.order.sender.subject for draft in drafts],
        "numbers": _column(numbers),
        "enrolments": _column([str(pupil.enrolment_id) for _, pupil in sent]),
        "codes": _column([mark.code for mark, _ in sent]),
        "minutes": _column(
            ["" if mark.minutes_late is None else str(mark.minutes_late) for mark, _ in sent]
        ),
        "sent": len(sent),
    }


class _Change(NamedTuple):
    """What was written over what, as which revision."""

    previous: str | None
    code: str
    revision: int


_Changes: TypeAlias = Mapping[tuple[date, str], Mapping[bytes, _Change]]


def _changes(rows: Sequence[Row[Any]]) -> _Changes:
    """Sort the codes that are new by session and enrolment.

    By the enrolment's bytes: asyncpg's own ids make an integer of themselves each time one is
    looked up, an eighth of what the API spends on a mark.
    """
    return {
        (row.date, row.session): {
            enrolment.bytes: _Change(previous, code, revision)
            for enrolment, previous, code, revision in zip(
                row.enrolments, row.previous, row.codes, row.revisions, strict=True
            )
            if code != previous
        }
        for row in rows
        if row.date is not None
    }


def _changed(draft: Draft, changes: _Changes) -> Iterator[tuple[SentMark, Pupil, _Change]]:
    at = draft.order.at
    said = changes.get((at.day, at.session.value), {})
    for mark, pupil in draft.named:
        change = said.get(pupil.enrolment_id.bytes)
        if change is not None:
            yield mark, pupil, change


def _amended_before(drafts: Sequence[Draft], changes: _Changes) -> list[MarkKey]:
    """Name the changed marks that had said more than one thing already."""
    return [
        (pupil.enrolment_id, draft.order.at.day, draft.order.at.session)
        for draft in drafts
        for _, pupil, change in _changed(draft, changes)
        if change.revision > FIRST_AMENDMENT
    ]


def _changed_marks(
    draft: Draft, changes: _Changes, histories: Mapping[MarkKey, Sequence[Entry]]
) -> Iterator[ChangedMark]:
    day, half = draft.order.at.day, draft.order.at.session
    for mark, pupil, change in _changed(draft, changes):
        once = () if change.previous is None else (Entry(change.previous),)
        yield ChangedMark(
            pupil.enrolment_id,
            pupil.child_id,
            change.previous,
            change.code,
            by_name=mark.amendment is not None and mark.amendment.by_name,
            history=histories.get((pupil.enrolment_id, day, half), once),
        )


def _first_words(drafts: Sequence[Draft]) -> Iterator[Revision]:
    """Name the entries, all of them new, that came with words of their own."""
    for draft in drafts:
        for mark, pupil in draft.named:
            if mark.amendment is not None:
                yield Revision(draft, pupil, None, mark.code, 1, mark.amendment)


def _revisions(drafts: Sequence[Draft], changes: _Changes) -> Iterator[Revision]:
    """Name the entries that were amended, and those that came with words of their own."""
    for draft in drafts:
        for mark, pupil, change in _changed(draft, changes):
            if change.revision > 1 or mark.amendment is not None:
                yield Revision(draft, pupil, *change, mark.amendment)


# Columns go as joined text: of an array, asyncpg looks at every element to see whether it is an
# array itself, 4 µs a mark.
_SEPARATOR = "\x1f"


def _column(values: Iterable[str]) -> str:
    return _SEPARATOR.join(values)
