"""Every statement behind "who may be told now?"."""

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import groupby
from typing import Any
from uuid import UUID

from sqlalchemy import Row, text

from attendance_contracts.calendar import Session, school_year, slot
from attendance_contracts.counting import OnRoll, SchoolHours
from attendance_runtime.database import SqlSession
from register_service.absences.domain import Entry, Revision, entries
from register_service.contacts.domain import Candidate, ChildToday, Question

# One statement, one snapshot: a court order that comes meanwhile counts for all of the answer or for
# none. The days are named a second time where marks are looked for: the planner then passes over the
# other years' partitions, which halves what it costs.
_CHILDREN_ON = text("""
    WITH child AS MATERIALIZED (
        SELECT asked.day, enrolments.id, identities.forename, schools.name AS school, contact_codes,
               starts_on, ends_on, am_starts_at, pm_starts_at, quiet_from, quiet_until,
               -- Asked for corrections alone: it reads a whole year's sessions.
               CASE WHEN corrected THEN (
                   SELECT min(make_date(later.school_year, 9, 1) + held / 2)
                   FROM calendars AS later CROSS JOIN unnest(later.slots) AS held
                   WHERE later.school_id = schools.id AND later.school_year >= year
                     AND make_date(later.school_year, 9, 1) + held / 2 > asked.day
               ) END AS next_school_day,
               coalesce(am_slot = ANY(slots), true) AS am_held,
               coalesce(am_slot + 1 = ANY(slots), true) AS pm_held,
               said.*,
               EXISTS (SELECT FROM care_statuses care
                       WHERE care.child_id = enrolments.child_id AND kind = 'LAC'
                         AND valid_from <= asked.day
                         AND (valid_to IS NULL OR valid_to >= asked.day)) AS looked_after
        FROM (SELECT enrolment_id, day, year, am_slot, bool_or(corrected) AS corrected
              FROM unnest(CAST(:enrolment_ids AS uuid[]), CAST(:days AS date[]),
                          CAST(:corrected AS boolean[]),
                          CAST(:years AS integer[]), CAST(:slots AS smallint[]))
                   AS question (enrolment_id, day, corrected, year, am_slot)
              GROUP BY enrolment_id, day, year, am_slot) AS asked
        JOIN enrolments ON enrolments.id = asked.enrolment_id
        JOIN identities ON identities.enrolment_id = enrolments.id
        JOIN schools ON schools.id = enrolments.school_id
        LEFT JOIN calendars ON calendars.school_id = schools.id AND school_year = year
        CROSS JOIN LATERAL (
            SELECT array_agg(mark.session ORDER BY mark.session, amended.revision) AS sessions,
                   array_agg(mark.code ORDER BY mark.session, amended.revision) AS codes,
                   array_agg(amended.previous_code ORDER BY mark.session, amended.revision) AS previous,
                   array_agg(amended.code ORDER BY mark.session, amended.revision) AS amended,
                   array_agg(amender_name ORDER BY mark.session, amended.revision) AS amenders
            FROM marks AS mark
            LEFT JOIN mark_revisions AS amended USING (enrolment_id, date, session)
            WHERE mark.enrolment_id = enrolments.id
              AND mark.date = asked.day AND mark.date = ANY(CAST(:days AS date[]))
        ) AS said
    )
    SELECT child.*, contacts.id AS contact_id, name, relationship, mobile, email, priority,
           parental_responsibility, court_order, language, is_carer
    FROM child LEFT JOIN contacts ON contacts.enrolment_id = child.id
""")


async def children_on(db: SqlSession, questions: Sequence[Question]) -> list[ChildToday]:
    """Who are these children, on their days, and whom did each enrolment's school name?"""
    days = [question.day for question in questions]
    asked = {
        "enrolment_ids": [question.enrolment_id for question in questions],
        "days": days,
        "corrected": [question.is_correction for question in questions],
        "years": [school_year(day) for day in days],
        "slots": [slot(day, Session.AM) for day in days],
    }
    found: dict[tuple[UUID, date], list[Row[Any]]] = {}
    for row in await db.execute(_CHILDREN_ON, asked):
        found.setdefault((row.id, row.day), []).append(row)
    return [_child(rows) for rows in found.values()]


def _child(rows: Sequence[Row[Any]]) -> ChildToday:
    row = rows[0]
    held = ((Session.AM, row.am_held), (Session.PM, row.pm_held))
    return ChildToday(
        day=row.day,
        enrolment_id=row.id,
        child_name=row.forename,
        school_name=row.school,
        contact_codes=frozenset(row.contact_codes),
        on_roll=OnRoll(row.starts_on, row.ends_on),
        held=frozenset(slot(row.day, half) for half, is_held in held if is_held),
        hours=SchoolHours(row.am_starts_at, row.pm_starts_at),
        said=dict(_said(row)),
        quiet_from=row.quiet_from,
        quiet_until=row.quiet_until,
        next_school_day=row.next_school_day,
        looked_after=row.looked_after,
        contacts=[_contact(one) for one in rows if one.contact_id is not None],
    )


def _said(row: Row[Any]) -> Iterator[tuple[Session, Sequence[Entry]]]:
    """Take apart what the marks have said: a mark that was never amended is one row, of one code."""
    if row.sessions is None:
        return
    marks = zip(row.sessions, row.codes, row.previous, row.amended, row.amenders, strict=True)
    for half, alike in groupby(marks, key=lambda mark: mark[0]):
        (_, code, *revision), *others = alike
        amended = [revision, *(other[2:] for other in others)]
        yield (
            Session(half),
            (Entry(code),) if revision[2] is None else entries([Revision(*one) for one in amended]),
        )


def _contact(row: Row[Any]) -> Candidate:
    return Candidate(
        contact_id=row.contact_id,
        name=row.name,
        relationship=row.relationship,
        mobile=row.mobile,
        email=row.email,
        priority=row.priority,
        parental_responsibility=row.parental_responsibility,
        court_order=row.court_order,
        language=row.language,
        is_carer=row.is_carer,
    )
