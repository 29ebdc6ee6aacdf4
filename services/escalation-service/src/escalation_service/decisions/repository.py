"""Every statement on decisions, each named for the question it answers."""

from collections.abc import Collection, Sequence
from typing import Final
from uuid import UUID

import msgspec
from sqlalchemy import RowMapping, text

from attendance_contracts.calendar import school_year_ends, school_year_starts
from attendance_runtime.database import SqlSession
from escalation_service.decisions.domain import Basis, Decision, Kind
from escalation_service.measures.domain import (
    MEASURES,
    AbsenceMark,
    Measure,
    Run,
    Sessions,
    Span,
    Value,
    word_of,
)
from escalation_service.policies.domain import Rule

_COLUMNS: Final = """
    id, kind, enrolment_id, child_id, school_id, policy, policy_version, rule, title, codes,
    threshold_sessions, school_year, marks, run, calendar_version, school_days, decided_at,
    decided_by, withdraws, measure, value, window_first, window_last
"""


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
                   decided_at, decided_by, withdraws, CAST(measure AS jsonb), CAST(value AS jsonb),
                   window_first, window_last
            FROM unnest(
                CAST(:id AS uuid[]), CAST(:kind AS text[]), CAST(:enrolment_id AS uuid[]),
                CAST(:child_id AS uuid[]), CAST(:school_id AS uuid[]), CAST(:policy AS text[]),
                CAST(:policy_version AS integer[]), CAST(:rule AS text[]), CAST(:title AS text[]),
                CAST(:codes AS text[]), CAST(:threshold_sessions AS smallint[]),
                CAST(:school_year AS smallint[]), CAST(:marks AS text[]), CAST(:run AS text[]),
                CAST(:calendar_version AS integer[]), CAST(:school_days AS smallint[]),
                CAST(:decided_at AS timestamptz[]), CAST(:decided_by AS text[]),
                CAST(:withdraws AS uuid[]), CAST(:measure AS text[]), CAST(:value AS text[]),
                CAST(:window_first AS date[]), CAST(:window_last AS date[])
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


async def standing_on(db: SqlSession, enrolments: Collection[UUID]) -> list[Decision]:
    """Which thresholds that these enrolments met stand? Oldest first."""
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


def _decision(row: RowMapping) -> Decision:
    return Decision(
        id=row["id"],
        kind=Kind(row["kind"]),
        enrolment_id=row["enrolment_id"],
        child_id=row["child_id"],
        school_id=row["school_id"],
        basis=Basis(
            row["policy"],
            row["policy_version"],
            Rule(name=row["rule"], title=row["title"], measure=_measure(row)),
        ),
        school_year=row["school_year"],
        value=_value(row),
        calendar_version=row["calendar_version"],
        school_days=row["school_days"],
        decided_at=row["decided_at"],
        decided_by=row["decided_by"],
        withdraws=row["withdraws"],
        withdrawn_by=row["withdrawn_by"],
    )


def _measure(row: RowMapping) -> Measure:
    """Read what was measured; before it was kept, only sessions were added up."""
    kept = row["measure"]
    if kept is None:
        return Sessions(count=tuple(row["codes"]), sessions=row["threshold_sessions"])
    measure: Measure = msgspec.convert(kept, MEASURES[kept["measure"]])
    return measure


def _value(row: RowMapping) -> Value:
    marks = msgspec.convert(row["marks"], tuple[AbsenceMark, ...])
    year = row["school_year"]
    return Value(
        number=len(marks) if row["value"] is None else row["value"],
        window=Span(
            row["window_first"] or school_year_starts(year),
            row["window_last"] or school_year_ends(year),
        ),
        marks=marks,
        run=msgspec.convert(row["run"], Run),
    )


def _columns(decisions: Sequence[Decision]) -> dict[str, list[object]]:
    rows = [_row(decision) for decision in decisions]
    return {name: [row[name] for row in rows] for name in rows[0]}


def _row(decision: Decision) -> dict[str, object]:
    rule, value = decision.basis.rule, decision.value
    wide = rule.measure.wide_question()
    return {
        "id": decision.id,
        "kind": decision.kind,
        "enrolment_id": decision.enrolment_id,
        "child_id": decision.child_id,
        "school_id": decision.school_id,
        "policy": decision.basis.policy,
        "policy_version": decision.basis.version,
        "rule": rule.name,
        "title": rule.title,
        "codes": " ".join(wide.codes),
        "threshold_sessions": wide.at_least,
        "school_year": decision.school_year,
        "marks": _json(value.marks),
        "run": _json(value.run),
        "calendar_version": decision.calendar_version,
        "school_days": decision.school_days,
        "decided_at": decision.decided_at,
        "decided_by": decision.decided_by,
        "withdraws": decision.withdraws,
        "measure": _json({"measure": word_of(rule.measure)} | msgspec.to_builtins(rule.measure)),
        "value": _json(value.number),
        "window_first": value.window.first,
        "window_last": value.window.last,
    }


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()
