"""Every statement on schools, each named for the question it answers."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_runtime.access import Principal, objects_reached
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Unavailable
from register_service.schools.domain import School

_COLUMNS: Final = """
    id, urn, name, phase, authority_code, trust, mis_supplier, am_starts_at, pm_starts_at,
    register_open_minutes, contact_grace_minutes, register_missing_after_minutes, hours_per_day,
    contact_codes, attendance_lead, quiet_from, quiet_until, version
"""


async def find_school(db: SqlSession, urn: str) -> School | None:
    """Which school has this URN?"""
    found = await db.execute(
        text(f"SELECT {_COLUMNS} FROM schools WHERE urn = :urn"),  # noqa: S608 - our own columns
        {"urn": urn},
    )
    row = found.mappings().one_or_none()
    return None if row is None else _school(row)


async def lock_schools(db: SqlSession, urns: Sequence[str]) -> dict[str, School]:
    """How do these schools stand? Locked, in one order for everybody, until the transaction ends.

    The lock orders what is told of a school: its settings, its calendars and its roll.
    """
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM schools WHERE urn = ANY(CAST(:urns AS text[]))
            ORDER BY urn FOR NO KEY UPDATE
        """),  # noqa: S608 - our own columns
        {"urns": list(urns)},
    )
    return {row["urn"]: _school(row) for row in found.mappings()}


async def lock_school(db: SqlSession, school_id: UUID) -> None:
    """Lock a school as `lock_schools` does, before any line of its roll is changed.

    A line that changes gives the school another `roll_version`: two who locked the line first and
    the school after it would wait for one another.
    """
    await db.execute(
        text("SELECT FROM schools WHERE id = :id FOR NO KEY UPDATE"), {"id": school_id}
    )


async def save_schools(db: SqlSession, schools: Sequence[School]) -> None:
    """Keep schools as they are now, new ones and changed ones in one statement.

    Raises `Unavailable` when another request creates the same school at this moment.
    """
    saved = await db.execute(_SAVE_SCHOOLS, _columns_of(schools))
    if len(saved.all()) < len(schools):
        raise Unavailable("Another request creates the same school just now; send this one again.")


_SAVE_SCHOOLS: Final = text(f"""
    INSERT INTO schools AS kept ({_COLUMNS})
    SELECT id, urn, name, phase, authority_code, trust, mis_supplier, am_starts_at,
           pm_starts_at, register_open_minutes, contact_grace_minutes,
           register_missing_after_minutes, hours_per_day,
           string_to_array(contact_codes, ','), attendance_lead,
           quiet_from, quiet_until, version
    FROM unnest(
        CAST(:id AS uuid[]), CAST(:urn AS text[]), CAST(:name AS text[]),
        CAST(:phase AS text[]), CAST(:authority_code AS text[]), CAST(:trust AS text[]),
        CAST(:mis_supplier AS text[]), CAST(:am_starts_at AS time[]),
        CAST(:pm_starts_at AS time[]), CAST(:register_open_minutes AS integer[]),
        CAST(:contact_grace_minutes AS integer[]),
        CAST(:register_missing_after_minutes AS integer[]), CAST(:hours_per_day AS float[]),
        CAST(:contact_codes AS text[]), CAST(:attendance_lead AS text[]),
        CAST(:quiet_from AS time[]), CAST(:quiet_until AS time[]),
        CAST(:version AS integer[])
    ) AS sent ({_COLUMNS})
    ORDER BY urn
    ON CONFLICT (urn) DO UPDATE
    SET name = excluded.name, phase = excluded.phase,
        authority_code = excluded.authority_code, trust = excluded.trust,
        mis_supplier = excluded.mis_supplier, am_starts_at = excluded.am_starts_at,
        pm_starts_at = excluded.pm_starts_at,
        register_open_minutes = excluded.register_open_minutes,
        contact_grace_minutes = excluded.contact_grace_minutes,
        register_missing_after_minutes = excluded.register_missing_after_minutes,
        hours_per_day = excluded.hours_per_day, contact_codes = excluded.contact_codes,
        attendance_lead = excluded.attendance_lead,
        quiet_from = excluded.quiet_from, quiet_until = excluded.quiet_until,
        version = excluded.version
    WHERE kept.id = excluded.id
    RETURNING id
""")  # noqa: S608 - our own columns


async def schools_reached(
    db: SqlSession, principal: Principal, right: Right, *, urns: Sequence[str], today: date
) -> dict[str, School]:
    """Which of these schools does a right open to a caller? Locked; by URN."""
    schools = await lock_schools(db, urns)
    reached = await objects_reached(
        db, principal, right, objects=[school.id for school in schools.values()], today=today
    )
    return {urn: school for urn, school in schools.items() if school.id in reached}


async def schools_after(
    db: SqlSession, after: UUID, *, limit: int, school_id: UUID | None
) -> list[School]:
    """Which schools, all or this one, come next in the order of their ids? For rebuilding copies."""
    found = await db.execute(
        text(f"""
            SELECT {_COLUMNS} FROM schools
            WHERE id > :after AND (CAST(:school_id AS uuid) IS NULL OR id = :school_id)
            ORDER BY id LIMIT :limit
        """),  # noqa: S608 - our own columns
        {"after": after, "limit": limit, "school_id": school_id},
    )
    return [_school(row) for row in found.mappings()]


def _school(row: RowMapping) -> School:
    facts = dict(row)
    facts["hours_per_day"] = float(facts["hours_per_day"])
    facts["contact_codes"] = tuple(facts["contact_codes"])
    return School(**facts)


def _columns_of(schools: Sequence[School]) -> Mapping[str, list[object]]:
    columns: dict[str, list[object]] = {
        name.strip(): [getattr(school, name.strip()) for school in schools]
        for name in _COLUMNS.split(",")
    }
    # An array of arrays cannot be unnested to one array a row.
    columns["contact_codes"] = [",".join(school.contact_codes) for school in schools]
    return columns
