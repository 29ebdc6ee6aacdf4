"""Every statement on decisions, each named for the question it answers."""

from collections.abc import Collection, Sequence
from typing import Any, Final
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, text

from attendance_contracts.calendar import SchoolCalendar
from attendance_contracts.counting import SchoolHours
from attendance_runtime.database import SqlSession
from escalation_service.absences.domain import AbsenceMark, EnrolmentYear
from escalation_service.policies.domain import Rule
from escalation_service.thresholds.domain import (
    Basis,
    Decision,
    History,
    Kind,
    RuleInForce,
    Run,
)

_COLUMNS: Final = """
    id, kind, enrolment_id, child_id, school_id, policy, policy_version, rule, title, codes,
    threshold_sessions, school_year, marks, run, calendar_version, school_days, decided_at,
    decided_by, withdraws
"""

# The question is wide: it looks at codes alone, and asks too many rather than too few. Which marks
# count is for the rules to say. What stands is asked about only where it may stand no more. An
# enrolment, school or calendar that is not known yet joins nothing: its decision is taken when the
# missing part arrives.
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
        SELECT enrolment_id, school_year, string_to_array(codes, ' ') AS codes, threshold_sessions
        FROM touched
        JOIN unnest(CAST(:authorities AS text[]), CAST(:rule_years AS integer[]),
                    CAST(:policies AS text[]), CAST(:rules AS text[]), CAST(:codes AS text[]),
                    CAST(:thresholds AS integer[]))
             AS rules (authority_code, school_year, policy, rule, codes, threshold_sessions)
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
    WHERE threshold_sessions <= (
        SELECT count(*) FROM absence_marks AS mark
        WHERE mark.enrolment_id = candidates.enrolment_id
          AND mark.date >= make_date(candidates.school_year, 9, 1)
          AND mark.date < make_date(candidates.school_year + 1, 9, 1)
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
            "codes": [" ".join(rule.basis.rule.codes) for rule in rules],
            "thresholds": [rule.basis.rule.sessions for rule in rules],
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
    standing = await _standing(db, {year.enrolment_id for year in years})
    return [_history(row, standing) for row in found.mappings()]


async def save_decisions(db: SqlSession, decisions: Sequence[Decision]) -> None:
    """Add decisions; a withdrawal is noted at the decision it takes back."""
    await db.execute(
        text("""
            UPDATE decisions SET withdrawn_by = taking_back.id
            FROM unnest(CAST(:ids AS uuid[]), CAST(:withdraws AS uuid[]))
                 AS taking_back (id, withdraws)
            WHERE decisions.id = taking_back.withdraws
        """),
        {
            "ids": [decision.id for decision in decisions],
            "withdraws": [decision.withdraws for decision in decisions],
        },
    )
    await db.execute(
        text(f"""
            INSERT INTO decisions ({_COLUMNS})
            SELECT id, kind, enrolment_id, child_id, school_id, policy, policy_version, rule, title,
                   string_to_array(codes, ' '), threshold_sessions, school_year,
                   CAST(marks AS jsonb), CAST(run AS jsonb), calendar_version, school_days,
                   decided_at, decided_by, withdraws
            FROM unnest(
                CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:enrolment_id AS uuid[]),
                CAST(:child_id AS uuid[]), CAST(:school_id AS uuid[]), CAST(:policy AS text[]),
                CAST(:policy_version AS integer[]), CAST(:rule AS text[]), CAST(:title AS text[]),
                CAST(:codes AS text[]), CAST(:threshold_sessions AS smallint[]),
                CAST(:school_year AS smallint[]), CAST(:marks AS text[]), CAST(:run AS text[]),
                CAST(:calendar_version AS integer[]), CAST(:school_days AS smallint[]),
                CAST(:decided_at AS timestamptz[]), CAST(:decided_by AS text[]),
                CAST(:withdraws AS uuid[])
            ) AS sent ({_COLUMNS})
            ORDER BY id
        """),  # noqa: S608 - our own columns
        _columns(decisions),
    )


async def find_decision(db: SqlSession, decision_id: UUID) -> Decision | None:
    """What was decided under this id?"""
    found = await db.execute(
        text(f"SELECT {_COLUMNS}, withdrawn_by FROM decisions WHERE id = :id"),  # noqa: S608 - our own columns
        {"id": decision_id},
    )
    row = found.mappings().one_or_none()
    return None if row is None else _decision(row)


async def decisions_on(db: SqlSession, enrolment_id: UUID) -> list[Decision]:
    """What was ever decided about this enrolment? Oldest first."""
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS}, withdrawn_by FROM decisions
            WHERE enrolment_id = :enrolment_id ORDER BY decided_at, id
        """),  # noqa: S608 - our own columns
        {"enrolment_id": enrolment_id},
    )
    return [_decision(row) for row in found.mappings()]


async def _standing(db: SqlSession, enrolments: Collection[UUID]) -> list[Decision]:
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS}, withdrawn_by FROM decisions
            WHERE enrolment_id = ANY(CAST(:enrolments AS uuid[]))
              AND kind = 'met' AND withdrawn_by IS NULL
            ORDER BY decided_at, id
        """),  # noqa: S608 - our own columns
        {"enrolments": list(enrolments)},
    )
    return [_decision(row) for row in found.mappings()]


def _history(row: RowMapping, standing: Sequence[Decision]) -> History:
    year = row["school_year"]
    return History(
        enrolment_id=row["enrolment_id"],
        child_id=row["child_id"],
        school_id=row["school_id"],
        authority=row["authority_code"],
        starts_on=row["starts_on"],
        ends_on=row["ends_on"],
        hours=SchoolHours(row["am_starts_at"], row["pm_starts_at"]),
        calendar=SchoolCalendar(year, frozenset(row["slots"] or ()), row["version"] or 0),
        marks=_marks(row["marks"]),
        standing=tuple(
            decision
            for decision in standing
            if decision.enrolment_id == row["enrolment_id"] and decision.school_year == year
        ),
    )


def _decision(row: RowMapping) -> Decision:
    rule = Rule(
        name=row["rule"],
        title=row["title"],
        codes=tuple(row["codes"]),
        sessions=row["threshold_sessions"],
    )
    return Decision(
        id=row["id"],
        kind=Kind(row["kind"]),
        enrolment_id=row["enrolment_id"],
        child_id=row["child_id"],
        school_id=row["school_id"],
        basis=Basis(row["policy"], row["policy_version"], rule),
        school_year=row["school_year"],
        marks=_marks(row["marks"]),
        run=msgspec.convert(row["run"], Run),
        calendar_version=row["calendar_version"],
        school_days=row["school_days"],
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        withdraws=row["withdraws"],
        withdrawn_by=row["withdrawn_by"],
    )


def _marks(stored: Any) -> tuple[AbsenceMark, ...]:  # noqa: ANN401 - a JSON column
    return msgspec.convert(stored, tuple[AbsenceMark, ...])


def _columns(decisions: Sequence[Decision]) -> dict[str, list[object]]:
    rows: list[dict[str, object]] = [
        {
            "id": decision.id,
            "kind": decision.kind,
            "enrolment_id": decision.enrolment_id,
            "child_id": decision.child_id,
            "school_id": decision.school_id,
            "policy": decision.basis.policy,
            "policy_version": decision.basis.version,
            "rule": decision.basis.rule.name,
            "title": decision.basis.rule.title,
            "codes": " ".join(decision.basis.rule.codes),
            "threshold_sessions": decision.basis.rule.sessions,
            "school_year": decision.school_year,
            "marks": msgspec.json.encode(decision.marks).decode(),
            "run": msgspec.json.encode(decision.run).decode(),
            "calendar_version": decision.calendar_version,
            "school_days": decision.school_days,
            "decided_at": decision.decided_at,
            "decided_by": decision.decided_by,
            "withdraws": decision.withdraws,
        }
        for decision in decisions
    ]
    return {name: [row[name] for row in rows] for name in rows[0]}
