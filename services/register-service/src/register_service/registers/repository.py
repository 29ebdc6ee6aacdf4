"""Every statement on the attendance register, each named for the question it answers."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import RowMapping, text
from sqlalchemy.ext.asyncio import AsyncSession

from attendance_contracts.calendar import Session, school_year, slot
from register_service.registers.domain import (
    NOT_GIVEN,
    SchoolSession,
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


# Statements of the hot path are built once: SQLAlchemy reads a text for its parameters each time
# it is built, 100 µs a statement.
_SCHOOL_SESSION = text("""
    SELECT schools.id, schools.contact_codes,
           CAST(:slot AS smallint) = ANY(calendars.slots) AS taught
    FROM schools
    LEFT JOIN calendars ON calendars.school_id = schools.id AND school_year = :school_year
    WHERE schools.urn = :urn
""")


async def find_school_session(
    session: AsyncSession, urn: str, day: date, of: Session
) -> SchoolSession | None:
    """What do a school's settings and calendar say of this session? None: no such school."""
    found = await session.execute(
        _SCHOOL_SESSION,
        {"urn": urn, "school_year": school_year(day), "slot": slot(day, of)},
    )
    row = found.one_or_none()
    return None if row is None else SchoolSession(row[0], frozenset(row[1]), row[2])


@dataclass(frozen=True, slots=True)
class WrittenRegister:
    """What a submission led to: the marks that were resolved, and the children it should name."""

    marks: Sequence[WrittenMark]
    expected: Sequence[UUID]


_UPSERT_MARKS = text("""
    WITH sent AS (
        SELECT * FROM unnest(
            string_to_array(:schemes, E'\x1f'), string_to_array(:keys, E'\x1f'),
            string_to_array(:codes, E'\x1f'),
            CAST(string_to_array(:minutes, E'\x1f', '') AS smallint[])
        ) WITH ORDINALITY AS sent (scheme, key, code, minutes_late, place)
    ), resolved AS MATERIALIZED (
        SELECT DISTINCT ON (enrolments.id)
               sent.*, enrolments.id AS enrolment_id, enrolments.child_id
        FROM sent
        JOIN enrolment_keys known ON known.school_id = :school_id
             AND known.scheme = sent.scheme AND known.value = sent.key
        JOIN enrolments ON enrolments.id = known.enrolment_id
             AND enrolments.starts_on <= :day
             AND (enrolments.ends_on IS NULL OR enrolments.ends_on >= :day)
        ORDER BY enrolments.id, sent.place
    ), written AS (
        INSERT INTO marks AS mark (enrolment_id, date, session, code, source_code,
                                   revision, minutes_late, recorded_at)
        SELECT enrolment_id, :day, :session, code, code, 1, minutes_late, :now
        FROM resolved ORDER BY enrolment_id
        ON CONFLICT (enrolment_id, date, session) DO UPDATE
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
        RETURNING new.enrolment_id, old.code AS previous, new.code, new.revision
    ), amended AS (
        SELECT * FROM written WHERE previous <> code
    ), kept AS (
        INSERT INTO mark_revisions (enrolment_id, date, session, revision, previous_code,
                code, reason, amender_name, amender_title, amended_by, recorded_at)
        SELECT enrolment_id, :day, :session, amended.revision, amended.previous,
               amended.code, COALESCE(given ->> 'reason', :not_given),
               COALESCE(given ->> 'name', :not_given),
               COALESCE(given ->> 'title', :not_given), :taken_by, :now
        FROM amended JOIN resolved USING (enrolment_id),
             LATERAL (SELECT CAST(:amendments AS jsonb) -> CAST(place AS text)) AS why (given)
    ), taken AS (
        INSERT INTO registers AS register (school_id, date, session, class_code, taken_by,
                first_taken_at, last_sent_at, times_sent)
        VALUES (:school_id, :day, :session, :class_code, :taken_by, :now, :now, 1)
        ON CONFLICT (school_id, date, session, class_code) DO UPDATE
        SET last_sent_at = :now, times_sent = register.times_sent + 1
    )
    -- Two sets of columns side by side rather than a join of two CTEs, which PostgreSQL
    -- would loop over row by row: 5 against 160 microseconds a mark in whole registers.
    SELECT found.*, said.*, expected.* FROM (
        SELECT array_agg(place), array_agg(enrolment_id), array_agg(child_id) FROM resolved
    ) AS found, (
        SELECT array_agg(enrolment_id), array_agg(previous), array_agg(code) FROM written
    ) AS said, (
        SELECT array_agg(id ORDER BY id) FROM enrolments
        WHERE school_id = :school_id AND (:class_code = '' OR class_code = :class_code)
          AND starts_on <= :day AND (ends_on IS NULL OR ends_on >= :day)
    ) AS expected
""")


async def upsert_marks(
    session: AsyncSession,
    register: RegisterKey,
    marks: Sequence[SentMark],
    *,
    taken_by: str,
    now: datetime,
) -> WrittenRegister:
    """Resolve, write and compare a submission in one statement; which marks now say what?

    Marks whose pupil is not on this school's roll on that day come back with no row. A push counts
    as a change only where it differs from what the source last sent. Rows are written in key order:
    overlapping submissions must not deadlock.
    """
    found = await session.execute(
        _UPSERT_MARKS,
        {
            "schemes": _column(mark.scheme for mark in marks),
            "keys": _column(mark.key for mark in marks),
            "codes": _column(mark.code for mark in marks),
            "minutes": _column(_digits(mark.minutes_late) for mark in marks),
            "amendments": _amendments(marks),
            "not_given": NOT_GIVEN,
            "school_id": register.school_id,
            "day": register.day,
            "session": register.session.value,
            "class_code": register.class_code,
            "taken_by": taken_by,
            "now": now,
        },
    )
    columns = [column or () for column in found.one()]
    places, enrolments, children, changed, previous, codes, expected = columns
    said = dict(zip(changed, zip(previous, codes, strict=True), strict=True))
    written = [
        WrittenMark(marks[place - 1].position, enrolment, child, *said.get(enrolment, (None, None)))
        for place, enrolment, child in zip(places, enrolments, children, strict=True)
    ]
    return WrittenRegister(written, expected)


# Columns go as joined text: of an array, asyncpg looks at every element to see whether it is an array
# itself, 4 µs a mark.
_SEPARATOR = "\x1f"


def _column(values: Iterable[str]) -> str:
    return _SEPARATOR.join(values)


def _digits(minutes: int | None) -> str:
    return "" if minutes is None else str(minutes)


def _amendments(marks: Sequence[SentMark]) -> str:
    """Name the reasons that came with a submission by their marks' places in it, mostly none."""
    given = {
        str(place): asdict(mark.amendment)
        for place, mark in enumerate(marks, start=1)
        if mark.amendment is not None
    }
    return json.dumps(given)


async def read_register(session: AsyncSession, register: RegisterKey) -> Sequence[RowMapping]:
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


async def marks_after(
    session: AsyncSession, after: tuple[UUID, date, str], limit: int, *, school_id: UUID | None
) -> list[tuple[UUID, date, str, str]]:
    """Which marks, all or a school's, come next in key order? For rebuilding projections."""
    of_school = "JOIN enrolments ON id = enrolment_id AND school_id = :school_id"
    found = await session.execute(
        text(f"""
            SELECT enrolment_id, date, session, code FROM marks {of_school if school_id else ""}
            WHERE (enrolment_id, date, session) > (:enrolment_id, :day, :session)
            ORDER BY enrolment_id, date, session LIMIT :limit
        """),  # noqa: S608 - our own words
        {
            "enrolment_id": after[0],
            "day": after[1],
            "session": after[2],
            "limit": limit,
            "school_id": school_id,
        },
    )
    return [(row[0], row[1], row[2], row[3]) for row in found]
