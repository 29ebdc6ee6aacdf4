"""The questions of thresholds: whom changes may concern, and what is known of them."""

from collections.abc import Collection, Sequence
from typing import Final

import msgspec
from sqlalchemy import RowMapping, text

from attendance_contracts.calendar import SchoolCalendar
from attendance_contracts.counting import OnRoll, SchoolHours
from attendance_runtime.database import SqlSession
from escalation_service.absences.domain import EnrolmentYear
from escalation_service.decisions.domain import Decision
from escalation_service.decisions.repository import standing_on
from escalation_service.measures.domain import AbsenceMark, Record
from escalation_service.thresholds.domain import History, RuleInForce

# The question is every measure's wide one: it looks at codes and days alone, and asks too many
# rather than too few. Which marks count, and what they come to, is for the measures to say. What
# stands is asked about only where it may stand no more. An enrolment, school or calendar that is
# not known yet joins nothing: its decision is taken when the missing part arrives.
_WHOM_TO_ASK: Final = text("""
    WITH touched AS MATERIALIZED (
        SELECT sent.enrolment_id, sent.school_year, lowered, schools.authority_code
        FROM unnest(CAST(:enrolments AS uuid[]), CAST(:school_years AS integer[]),
                    CAST(:lowered AS boolean[]))
             AS sent (enrolment_id, school_year, lowered)
        JOIN enrolments ON enrolments.id = sent.enrolment_id
        JOIN schools ON schools.id = enrolments.school_id
        JOIN calendars ON calendars.school_id = enrolments.school_id
                      AND calendars.school_year = sent.school_year
    ), standing AS MATERIALIZED (
        SELECT enrolment_id, school_year, policy, rule, lowered
        FROM touched JOIN decisions USING (enrolment_id, school_year)
        WHERE kind = 'met' AND withdrawn_by IS NULL
    ), candidates AS (
        SELECT enrolment_id, school_year, first_day, last_day,
               string_to_array(codes, ' ') AS codes, at_least
        FROM touched
        JOIN unnest(CAST(:authorities AS text[]), CAST(:rule_years AS integer[]),
                    CAST(:policies AS text[]), CAST(:rules AS text[]), CAST(:codes AS text[]),
                    CAST(:at_least AS integer[]), CAST(:first_days AS date[]),
                    CAST(:last_days AS date[]))
             AS rules (authority_code, school_year, policy, rule, codes, at_least,
                       first_day, last_day)
             USING (authority_code, school_year)
        WHERE NOT EXISTS (
            SELECT FROM standing
            WHERE standing.enrolment_id = touched.enrolment_id
              AND standing.school_year = touched.school_year
              AND standing.policy = rules.policy AND standing.rule = rules.rule
        )
    )
    SELECT enrolment_id, school_year FROM standing WHERE lowered
    UNION
    SELECT enrolment_id, school_year FROM candidates
    WHERE at_least <= (
        SELECT count(*) FROM absence_marks AS mark
        WHERE mark.enrolment_id = candidates.enrolment_id
          AND mark.date >= candidates.first_day AND mark.date <= candidates.last_day
          AND mark.code = ANY(candidates.codes)
    )
    ORDER BY enrolment_id, school_year
""")


async def whom_to_ask(
    db: SqlSession,
    touched: Collection[EnrolmentYear],
    rules: Sequence[RuleInForce],
    *,
    lowered: Collection[EnrolmentYear],
) -> list[EnrolmentYear]:
    """For which of these may the rules have something to decide?

    Those with marks enough for a threshold that does not stand yet, whether they count or not; and,
    of those that are `lowered`, all with one that stands.
    """
    wide = [rule.basis.rule.measure.wide_question() for rule in rules]
    found = await db.execute(
        _WHOM_TO_ASK,
        {
            "enrolments": [year.enrolment_id for year in touched],
            "school_years": [year.school_year for year in touched],
            "lowered": [year in lowered for year in touched],
            "authorities": [rule.authority for rule in rules],
            "rule_years": [rule.school_year for rule in rules],
            "policies": [rule.basis.policy for rule in rules],
            "rules": [rule.basis.rule.name for rule in rules],
            "codes": [" ".join(question.codes) for question in wide],
            "at_least": [question.at_least for question in wide],
            "first_days": [rule.window.first for rule in rules],
            "last_days": [rule.window.last for rule in rules],
        },
    )
    return [EnrolmentYear(*row) for row in found]


async def histories(db: SqlSession, years: Sequence[EnrolmentYear]) -> list[History]:
    """What is known of these enrolments' years? Enrolments that are not known are left out."""
    found = await db.execute(
        text("""
            SELECT sent.enrolment_id, sent.school_year, child_id, enrolments.school_id,
                   authority_code, starts_on, ends_on, am_starts_at, pm_starts_at,
                   slots, calendars.version, marks
            FROM unnest(CAST(:enrolments AS uuid[]), CAST(:school_years AS integer[]))
                 AS sent (enrolment_id, school_year)
            JOIN enrolments ON enrolments.id = sent.enrolment_id
            JOIN schools ON schools.id = enrolments.school_id
            LEFT JOIN calendars ON calendars.school_id = enrolments.school_id
                               AND calendars.school_year = sent.school_year
            CROSS JOIN LATERAL (
                SELECT COALESCE(json_agg(json_build_array(date, session, code)
                                         ORDER BY date, session), '[]') AS marks
                FROM absence_marks
                WHERE enrolment_id = sent.enrolment_id
                  AND date >= make_date(sent.school_year, 9, 1)
                  AND date < make_date(sent.school_year + 1, 9, 1)
            ) AS absences
            ORDER BY sent.enrolment_id, sent.school_year
        """),
        {
            "enrolments": [year.enrolment_id for year in years],
            "school_years": [year.school_year for year in years],
        },
    )
    standing = await standing_on(db, {year.enrolment_id for year in years})
    return [_history(row, standing) for row in found.mappings()]


def _history(row: RowMapping, standing: Sequence[Decision]) -> History:
    year = row["school_year"]
    return History(
        enrolment_id=row["enrolment_id"],
        child_id=row["child_id"],
        school_id=row["school_id"],
        authority=row["authority_code"],
        record=Record(
            on_roll=OnRoll(row["starts_on"], row["ends_on"]),
            hours=SchoolHours(row["am_starts_at"], row["pm_starts_at"]),
            calendar=SchoolCalendar(year, frozenset(row["slots"] or ()), row["version"] or 0),
            marks=msgspec.convert(row["marks"], tuple[AbsenceMark, ...]),
        ),
        standing=tuple(
            decision
            for decision in standing
            if decision.enrolment_id == row["enrolment_id"] and decision.school_year == year
        ),
    )
