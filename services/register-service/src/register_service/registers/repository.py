"""Every statement on the attendance register, each named for the question it answers."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Row, RowMapping, text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from register_service.registers.domain import (
    NOT_GIVEN,
    SentMark,
    WrittenMark,
)


@dataclass(frozen=True, slots=True)
class RegisterKey:
    """A register: a school's session, of one class or (empty code) of the whole school."""

    school_id: UUID
    day: date
    session: Session
    class_code: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Submission:
    """A register as it is to be written, its marks' codes checked.

    `keep_good` decides what happens when a pupil is not on roll: keep the others, or nothing.
    """

    register: RegisterKey
    marks: Sequence[SentMark]
    taken_by: str
    keep_good: bool


@dataclass(frozen=True, slots=True)
class Written:
    """What a submission led to: the marks that were resolved, and who is on roll without one."""

    marks: Sequence[WrittenMark] = ()
    missing: Sequence[UUID] = ()


# Built once: SQLAlchemy reads a text for its parameters each time it is built, 100 µs a statement.
# One statement for all submissions that are written together. A mark knows its submission by its
# number, with which it looks into the submissions' columns: a join would be a loop over both.
_UPSERT_MARKS = text("""
    WITH sent AS (
        SELECT sent.*, (CAST(:schools AS uuid[]))[number] AS school_id,
               (CAST(:days AS date[]))[number] AS date,
               (CAST(:sessions AS text[]))[number] AS session
        FROM unnest(
            CAST(string_to_array(:numbers, E'\x1f') AS integer[]),
            string_to_array(:schemes, E'\x1f'), string_to_array(:keys, E'\x1f'),
            string_to_array(:codes, E'\x1f'),
            CAST(string_to_array(:minutes, E'\x1f', '') AS smallint[])
        ) WITH ORDINALITY AS sent (number, scheme, key, code, minutes_late, place)
    ), resolved AS MATERIALIZED (
        -- In the order in which rows are written, which is not sorted again: 1 microsecond a mark.
        -- The enrolment first, and columns of fixed length before text, where a row's are found at
        -- once: rows compared by a date they all share, and looked for behind text, cost 3 more.
        SELECT DISTINCT ON (enrolments.id, sent.date, sent.session, sent.number)
               enrolments.id AS enrolment_id, enrolments.child_id, sent.date, sent.number,
               sent.place, sent.session, sent.code, sent.minutes_late
        FROM sent
        JOIN enrolment_keys known ON known.school_id = sent.school_id
             AND known.scheme = sent.scheme AND known.value = sent.key
        JOIN enrolments ON enrolments.id = known.enrolment_id
             AND enrolments.starts_on <= sent.date
             AND (enrolments.ends_on IS NULL OR enrolments.ends_on >= sent.date)
        ORDER BY enrolments.id, sent.date, sent.session, sent.number, sent.place
    ), kept AS MATERIALIZED (
        -- Of a submission all marks are written, or those that were found, or none.
        SELECT array_agg(keep_good OR wanted.marks = COALESCE(counted.marks, 0) ORDER BY number)
               AS whole
        FROM unnest(CAST(:counts AS integer[]), CAST(:keep_good AS boolean[]))
             WITH ORDINALITY AS wanted (marks, keep_good, number)
        LEFT JOIN (SELECT number, count(*) AS marks FROM resolved GROUP BY number) AS counted
             USING (number)
    ), written AS (
        INSERT INTO marks AS mark (enrolment_id, date, session, code, source_code,
                                   revision, minutes_late, recorded_at)
        SELECT enrolment_id, date, session, code, code, 1, minutes_late, :now
        FROM resolved WHERE (SELECT whole FROM kept)[number]
        ORDER BY enrolment_id, date, session
        ON CONFLICT (date, session, enrolment_id) DO UPDATE
        SET code = CASE WHEN mark.source_code IS DISTINCT FROM excluded.source_code
                        THEN excluded.code ELSE mark.code END,
            revision = mark.revision + CAST(
                mark.source_code IS DISTINCT FROM excluded.source_code
                AND mark.code <> excluded.code AS integer),
            source_code = excluded.source_code,
            minutes_late = excluded.minutes_late,
            recorded_at = excluded.recorded_at
        WHERE mark.source_code IS DISTINCT FROM excluded.source_code
           OR mark.minutes_late IS DISTINCT FROM excluded.minutes_late
        RETURNING new.enrolment_id, new.date, new.session,
                  old.code AS previous, new.code, new.revision
    ), revised AS (
        INSERT INTO mark_revisions (enrolment_id, date, session, revision, previous_code,
                code, reason, amender_name, amender_title, amended_by, recorded_at)
        SELECT enrolment_id, date, session, written.revision, written.previous,
               written.code, COALESCE(given ->> 'reason', :not_given),
               COALESCE(given ->> 'name', :not_given),
               COALESCE(given ->> 'title', :not_given), (CAST(:takers AS text[]))[number], :now
        FROM written JOIN resolved USING (enrolment_id, date, session),
             LATERAL (SELECT CAST(:amendments AS jsonb) -> CAST(place AS text)) AS why (given)
        WHERE written.previous <> written.code
    ), taken AS (
        INSERT INTO registers AS register (school_id, date, session, class_code, taken_by,
                first_taken_at, last_sent_at, times_sent)
        SELECT school_id, date, session, class_code, taken_by, :now, :now, 1
        FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:sessions AS text[]),
                    CAST(:classes AS text[]), CAST(:takers AS text[]), (SELECT whole FROM kept))
             AS submission (school_id, date, session, class_code, taken_by, whole)
        WHERE whole
        ORDER BY school_id, date, session, class_code
        ON CONFLICT (school_id, date, session, class_code) DO UPDATE
        SET last_sent_at = excluded.last_sent_at, times_sent = register.times_sent + 1
    )
    -- Columns beside one another rather than a join of two CTEs, which PostgreSQL would loop over
    -- row by row: 5 against 160 microseconds a mark in whole registers.
    SELECT 'resolved' AS part, number, NULL AS date, NULL AS session, array_agg(place) AS places,
           array_agg(enrolment_id) AS enrolments, array_agg(child_id) AS children,
           NULL AS previous, NULL AS codes
    FROM resolved GROUP BY number
    UNION ALL
    SELECT 'written', NULL, date, session, NULL,
           array_agg(enrolment_id), NULL, array_agg(previous), array_agg(code)
    FROM written GROUP BY date, session
    UNION ALL
    SELECT 'missing', number, NULL, NULL, NULL, array_agg(expected.id), NULL, NULL, NULL
    FROM unnest(CAST(:schools AS uuid[]), CAST(:days AS date[]), CAST(:classes AS text[]))
         WITH ORDINALITY AS submission (school_id, day, class_code, number)
    CROSS JOIN LATERAL (
        SELECT id, starts_on, ends_on FROM enrolments
        WHERE school_id = submission.school_id AND class_code = submission.class_code
        UNION ALL
        SELECT id, starts_on, ends_on FROM enrolments
        WHERE school_id = submission.school_id AND submission.class_code = ''
    ) AS expected
    WHERE starts_on <= day AND (ends_on IS NULL OR ends_on >= day)
      AND (number, expected.id) NOT IN (SELECT number, enrolment_id FROM resolved)
    GROUP BY number
""")


async def upsert_marks(
    session: SqlSession, submissions: Sequence[Submission], *, now: datetime
) -> list[Written]:
    """Resolve, write and compare submissions in one statement; which marks now say what?

    Marks whose pupil is not on the school's roll on that day come back with no row; a submission
    with such a mark is written without it or not at all, as it says. A push counts as a change only
    where it differs from what the source last sent. Rows are written in one order: overlapping
    submissions must not deadlock.
    """
    if not submissions:
        return []
    sent = [
        (number, mark)
        for number, submission in enumerate(submissions, start=1)
        for mark in submission.marks
    ]
    registers = [submission.register for submission in submissions]
    found = await session.execute(
        _UPSERT_MARKS,
        {
            "schools": [register.school_id for register in registers],
            "days": [register.day for register in registers],
            "sessions": [register.session.value for register in registers],
            "classes": [register.class_code for register in registers],
            "takers": [submission.taken_by for submission in submissions],
            "keep_good": [submission.keep_good for submission in submissions],
            "counts": [len(submission.marks) for submission in submissions],
            "numbers": _column(str(number) for number, _ in sent),
            "schemes": _column(mark.scheme for _, mark in sent),
            "keys": _column(mark.key for _, mark in sent),
            "codes": _column(mark.code for _, mark in sent),
            "minutes": _column(_digits(mark.minutes_late) for _, mark in sent),
            "amendments": _amendments(mark for _, mark in sent),
            "not_given": NOT_GIVEN,
            "now": now,
        },
    )
    return _written(submissions, [mark for _, mark in sent], found.all())


def _written(
    submissions: Sequence[Submission], sent: Sequence[SentMark], rows: Sequence[Row[Any]]
) -> list[Written]:
    """Put the statement's three kinds of row together, a result for each submission."""
    resolved = {row.number: row for row in rows if row.part == "resolved"}
    missing = {row.number: row.enrolments for row in rows if row.part == "missing"}
    # By their bytes: asyncpg's own ids make an integer of themselves each time one is looked up, an
    # eighth of what the API spends on a mark.
    said = {
        (row.date, row.session): {
            enrolment.bytes: codes
            for enrolment, *codes in zip(row.enrolments, row.previous, row.codes, strict=True)
        }
        for row in rows
        if row.part == "written"
    }
    results = []
    for number, submission in enumerate(submissions, start=1):
        register, row = submission.register, resolved.get(number)
        changes = said.get((register.day, register.session.value), {})
        marks = row and [
            WrittenMark(
                sent[place - 1].position, enrolment, child, *changes.get(enrolment.bytes, _SAME)
            )
            for place, enrolment, child in zip(
                row.places, row.enrolments, row.children, strict=True
            )
        ]
        results.append(Written(marks or (), missing.get(number, ())))
    return results


_SAME: tuple[None, None] = (None, None)

# Columns go as joined text: of an array, asyncpg looks at every element to see whether it is an array
# itself, 4 µs a mark.
_SEPARATOR = "\x1f"


def _column(values: Iterable[str]) -> str:
    return _SEPARATOR.join(values)


def _digits(minutes: int | None) -> str:
    return "" if minutes is None else str(minutes)


def _amendments(marks: Iterable[SentMark]) -> str:
    """Name the reasons that came with marks by their places, mostly none."""
    given = {
        str(place): asdict(mark.amendment)
        for place, mark in enumerate(marks, start=1)
        if mark.amendment is not None
    }
    return json.dumps(given)


async def read_register(session: SqlSession, register: RegisterKey) -> Sequence[RowMapping]:
    """What does the register say of each child on roll? A row a child, marked or not."""
    found = await session.execute(
        text("""
            SELECT enrolments.id AS enrolment_id, class_code, code, minutes_late, revision
            FROM enrolments
            LEFT JOIN marks ON marks.enrolment_id = enrolments.id
                 AND marks.date = :day AND marks.session = :session
            WHERE school_id = :school_id AND (:class_code = '' OR class_code = :class_code)
              AND starts_on <= :day AND (ends_on IS NULL OR ends_on >= :day)
            ORDER BY class_code, enrolments.id
        """),
        {
            "school_id": register.school_id,
            "class_code": register.class_code,
            "day": register.day,
            "session": register.session.value,
        },
    )
    return found.mappings().all()


async def marks_of(
    session: SqlSession, enrolments: Sequence[UUID]
) -> list[tuple[UUID, date, str, str]]:
    """Which marks do these enrolments have, one enrolment after the other?"""
    found = await session.execute(
        text("""
            SELECT enrolment_id, date, session, code FROM marks
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]))
            ORDER BY enrolment_id, date, session
        """),
        {"enrolments": list(enrolments)},
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]
