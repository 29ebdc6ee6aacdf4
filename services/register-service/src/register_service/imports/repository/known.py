"""What the register holds of whomever a load may speak of, asked for a whole load at once."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import RowMapping, text

from attendance_runtime.database import SqlSession
from register_service.contacts.domain import Contact
from register_service.imports.domain import Known, Place, RollLine
from register_service.links.domain import FirstWord
from register_service.roll.domain import Enrolment, Facts, Identity, Sent
from register_service.roll.repository import find_identities

A_DAY: Final = timedelta(hours=24)
"""How long a change of date of birth or surname counts towards `CHANGES_A_DAY`."""


async def find_known(
    db: SqlSession, school_id: UUID, lines: Sequence[RollLine], *, now: datetime
) -> Known:
    """What does the register hold of the children these lines may speak of?"""
    upns = {upn for line in lines for upn in (line.upn, line.former_upn) if upn}
    mis_ids = {line.mis_id for line in lines if line.mis_id}
    rows = await _find_places(db, school_id, upns, mis_ids)
    lately = await _find_taken_back(db, [row["id"] for row in rows], since=now - A_DAY)
    contacts = await _find_contacts(db, _with_contacts(rows, lines))
    enrolled = await find_identities(db, list(upns))
    return Known(
        here=[_place(row, lately, contacts) for row in rows],
        elsewhere={
            upn: [one for one in places if one.enrolment.school_id != school_id]
            for upn, places in enrolled.items()
        },
        first_words=await _find_first_words(db, school_id, upns),
    )


_HERE: Final = text(f"""
    WITH meant AS (
        SELECT DISTINCT place.child_id
        FROM unnest(CAST(:schemes AS text[]), CAST(:values AS text[])) AS sent (scheme, value)
        JOIN enrolment_keys AS key ON key.school_id = :school_id
             AND key.scheme = sent.scheme AND key.value = sent.value
        JOIN enrolments AS place ON place.id = key.enrolment_id
    )
    SELECT {", ".join(f"place.{name}" for name in Enrolment.__slots__)},
           {", ".join(f"said.{name}" for name in Identity.__slots__)},
           names.upn, names.former_upns, names.mis_id, sent.enrolment_id AS sent_of,
           {", ".join(f"sent.{name} AS sent_{name}" for name in Sent._fields)}
    FROM meant
    JOIN enrolments AS place ON place.child_id = meant.child_id AND place.school_id = :school_id
    JOIN identities AS said ON said.enrolment_id = place.id
    JOIN LATERAL (
        SELECT max(value) FILTER (WHERE scheme = 'UPN') AS upn,
               max(value) FILTER (WHERE scheme = 'MIS_ID') AS mis_id,
               array_agg(value) FILTER (WHERE scheme = 'FORMER_UPN') AS former_upns
        FROM enrolment_keys WHERE enrolment_id = place.id
    ) AS names ON names.upn IS NOT NULL
    LEFT JOIN last_sent AS sent ON sent.enrolment_id = place.id
    ORDER BY place.id
""")  # noqa: S608 - our own columns


async def _find_places(
    db: SqlSession, school_id: UUID, upns: Collection[str], mis_ids: Collection[str]
) -> Sequence[RowMapping]:
    """Which places has the school of pupils who go by these, or did, whatever they go by now?"""
    keys = [(scheme, upn) for upn in upns for scheme in ("UPN", "FORMER_UPN")]
    keys += [("MIS_ID", mis_id) for mis_id in mis_ids]
    found = await db.execute(
        _HERE,
        {
            "school_id": school_id,
            "schemes": [scheme for scheme, _ in keys],
            "values": [value for _, value in keys],
        },
    )
    return found.mappings().all()


def _with_contacts(rows: Iterable[RowMapping], lines: Iterable[RollLine]) -> list[UUID]:
    """Return the enrolments that lines with contacts may speak of."""
    wanted = {
        name
        for line in lines
        if line.contacts is not None
        for name in (line.upn, line.former_upn, line.mis_id)
    }
    return [
        row["id"]
        for row in rows
        if not wanted.isdisjoint({row["upn"], row["mis_id"], *(row["former_upns"] or ())} - {None})
    ]


def _place(
    row: RowMapping,
    lately: Mapping[UUID, frozenset[Facts]],
    contacts: Mapping[UUID, tuple[Contact, ...]],
) -> Place:
    sent = Sent(**{name: row[f"sent_{name}"] for name in Sent._fields})
    return Place(
        enrolment=Enrolment(**{name: row[name] for name in Enrolment.__slots__}),
        identity=Identity(**{name: row[name] for name in Identity.__slots__}),
        upn=row["upn"],
        former_upns=frozenset(row["former_upns"] or ()),
        mis_id=row["mis_id"],
        contacts=contacts.get(row["id"], ()),
        sent=None if row["sent_of"] is None else sent,
        lately=lately.get(row["id"], frozenset()),
    )


async def _find_taken_back(
    db: SqlSession, enrolments: Sequence[UUID], *, since: datetime
) -> dict[UUID, frozenset[Facts]]:
    """Which dates of birth and surnames have these enrolments had since? By enrolment."""
    found = await db.execute(
        text("""
            SELECT enrolment_id, date_of_birth, surname FROM identity_revisions
            WHERE enrolment_id = ANY(CAST(:ids AS uuid[])) AND replaced_at > :since
        """),
        {"ids": list(enrolments), "since": since},
    )
    lately: dict[UUID, frozenset[Facts]] = {}
    for enrolment_id, date_of_birth, surname in found:
        facts = Facts.of(date_of_birth, surname)
        lately[enrolment_id] = lately.get(enrolment_id, frozenset()) | {facts}
    return lately


async def _find_contacts(
    db: SqlSession, enrolment_ids: Sequence[UUID]
) -> dict[UUID, tuple[Contact, ...]]:
    """Which contacts do these enrolments have? By enrolment, in the order of their keys."""
    found = await db.execute(
        text("""
            SELECT enrolment_id, source_key, name, relationship, priority, parental_responsibility,
                   court_order, language, mobile, email, is_carer
            FROM contacts WHERE enrolment_id = ANY(CAST(:enrolment_ids AS uuid[]))
            ORDER BY enrolment_id, source_key COLLATE "C"
        """),
        {"enrolment_ids": list(enrolment_ids)},
    )
    contacts: dict[UUID, list[Contact]] = {}
    for row in found:
        contact = Contact(
            key=row[1],
            name=row[2],
            relationship=row[3],
            priority=row[4],
            parental_responsibility=row[5],
            court_order=row[6],
            language=row[7],
            mobile=row[8],
            email=row[9],
            is_carer=row[10],
        )
        contacts.setdefault(row[0], []).append(contact)
    return {enrolment_id: tuple(people) for enrolment_id, people in contacts.items()}


async def _find_first_words(
    db: SqlSession, school_id: UUID, upns: Collection[str]
) -> dict[str, list[FirstWord]]:
    """What did other schools say first of each UPN, and of which children?

    Those of whom this school has enrolments of its own are left out: two of its pupils are two
    children.
    """
    found = await db.execute(
        text("""
            SELECT upn, child_id, date_of_birth, surname
            FROM first_words JOIN enrolments AS place ON place.id = enrolment_id
            WHERE upn = ANY(CAST(:upns AS text[])) AND first_words.school_id <> :school_id
              AND NOT EXISTS (
                  SELECT FROM enrolments AS here
                  WHERE here.child_id = place.child_id AND here.school_id = :school_id)
        """),
        {"upns": list(upns), "school_id": school_id},
    )
    words: dict[str, list[FirstWord]] = {}
    for upn, child_id, date_of_birth, surname in found:
        words.setdefault(upn, []).append(FirstWord(child_id, Facts.of(date_of_birth, surname)))
    return words
