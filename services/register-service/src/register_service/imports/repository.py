"""Every statement of a roll load: what is known of its children, and what it changes.

Each takes a whole load at once, as arrays: ten thousand children cost a handful of statements.
"""

from collections.abc import Collection, Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.identifiers import Scheme
from attendance_contracts.telephones import read_telephone
from attendance_runtime.auth import Principal
from attendance_runtime.database import SqlSession
from register_service.contacts.domain import Contact
from register_service.imports.domain import Entry, Known, RollLine
from register_service.roll.domain import Facts, Identity
from register_service.roll.repository import find_identities, require_all

A_DAY: Final = timedelta(hours=24)
"""How long a change of date of birth or surname counts towards `CHANGES_A_DAY`."""


async def take_upns(
    session: SqlSession, school_id: UUID, upns: Collection[str], *, source: str, today: date
) -> None:
    """Keep every UPN that is new at this school, and lock it until the transaction ends.

    Of two schools that bring one child at one moment, the second then sees the first. A UPN that the
    school has already leads to its own child and is not locked: a night's roll waits for nobody.
    """
    await session.execute(
        text("""
            INSERT INTO upns (upn, first_sent_on, first_sent_by)
            SELECT upn, :today, :source FROM unnest(CAST(:upns AS text[])) AS sent (upn)
            WHERE NOT EXISTS (
                SELECT FROM enrolment_keys
                WHERE school_id = :school_id AND scheme = 'UPN' AND value = upn
            )
            ORDER BY upn
            ON CONFLICT (upn) DO UPDATE SET upn = excluded.upn
        """),
        {"school_id": school_id, "upns": sorted(upns), "source": source, "today": today},
    )


async def find_known(
    session: SqlSession, school_id: UUID, lines: Sequence[RollLine], *, now: datetime
) -> Known:
    """What does the register hold of the children these lines speak of?"""
    enrolled = await find_identities(session, list({line.upn for line in lines}))
    here = {
        one.enrolment.id: upn
        for upn, places in enrolled.items()
        for one in places
        if one.enrolment.school_id == school_id
    }
    sent_ids = [line.mis_id for line in lines if line.mis_id]
    mis_ids, owners = await find_mis_ids(session, school_id, list(here), sent_ids)
    with_contacts = {line.upn for line in lines if line.contacts is not None}
    wanted = [enrolment_id for enrolment_id, upn in here.items() if upn in with_contacts]
    return Known(
        enrolled=enrolled,
        lately=await find_taken_back(session, here, since=now - A_DAY),
        mis_ids=mis_ids,
        owners=owners,
        contacts=await find_contacts(session, wanted),
    )


async def find_taken_back(
    session: SqlSession, enrolments: Mapping[UUID, str], *, since: datetime
) -> dict[str, set[Facts]]:
    """Which dates of birth and surnames have these enrolments (with their UPNs) had since? By UPN."""
    found = await session.execute(
        text("""
            SELECT enrolment_id, date_of_birth, surname FROM identity_revisions
            WHERE enrolment_id = ANY(CAST(:ids AS uuid[])) AND replaced_at > :since
        """),
        {"ids": list(enrolments), "since": since},
    )
    lately: dict[str, set[Facts]] = {}
    for enrolment_id, date_of_birth, surname in found:
        facts = Facts.of(date_of_birth, surname)
        lately.setdefault(enrolments[enrolment_id], set()).add(facts)
    return lately


async def find_mis_ids(
    session: SqlSession, school_id: UUID, enrolments: Sequence[UUID], mis_ids: Sequence[str]
) -> tuple[dict[UUID, str], dict[str, UUID]]:
    """Which MIS ids do these enrolments have, and to which children do these MIS ids belong?"""
    found = await session.execute(
        text("""
            SELECT value, enrolment_id, child_id
            FROM enrolment_keys AS key JOIN enrolments ON enrolments.id = enrolment_id
            WHERE key.school_id = :school_id AND scheme = :scheme
              AND (value = ANY(CAST(:mis_ids AS text[]))
                   OR enrolment_id = ANY(CAST(:enrolments AS uuid[])))
        """),
        {
            "school_id": school_id,
            "scheme": Scheme.MIS_ID.value,
            "mis_ids": list(mis_ids),
            "enrolments": list(enrolments),
        },
    )
    rows = found.all()
    return {row[1]: row[0] for row in rows}, {row[0]: row[2] for row in rows}


async def find_contacts(
    session: SqlSession, enrolment_ids: Sequence[UUID]
) -> dict[UUID, tuple[Contact, ...]]:
    """Which contacts do these enrolments have? By enrolment, in the order of their keys."""
    found = await session.execute(
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


async def add_children(session: SqlSession, child_ids: Sequence[UUID]) -> None:
    """Keep a record for each new child, which ties its enrolments together."""
    await session.execute(
        text("INSERT INTO children (id) SELECT unnest(CAST(:ids AS uuid[]))"),
        {"ids": list(child_ids)},
    )


async def save_identities(
    session: SqlSession, entries: Sequence[Entry], sender: Principal, *, now: datetime
) -> None:
    """Keep who the children are by the school's word now, and what it said before as a revision.

    Raises `Unavailable` when another request has changed one of them meanwhile.
    """
    said = [
        {"enrolment_id": entry.enrolment_id, "reason": entry.reason}
        | {name: getattr(entry.identity, name) for name in Identity.__slots__}
        for entry in entries
        if entry.identity is not None
    ]
    columns = ("enrolment_id", *Identity.__slots__, "reason")
    saved = await session.execute(
        _SAVE_IDENTITIES,
        {"now": now, "organisation": sender.organisation, "subject": sender.subject}
        | {name: [one[name] for one in said] for name in columns},
    )
    require_all(len(saved.all()), len(said))


_SAVE_IDENTITIES = text("""
    WITH sent AS MATERIALIZED (
        SELECT * FROM unnest(
            CAST(:enrolment_id AS uuid[]), CAST(:forename AS text[]), CAST(:surname AS text[]),
            CAST(:date_of_birth AS date[]), CAST(:sex AS text[]), CAST(:confidential_by AS text[]),
            CAST(:revision AS integer[]), CAST(:reason AS text[])
        ) AS sent (enrolment_id, forename, surname, date_of_birth, sex, confidential_by, revision,
                   reason)
    ), saved AS (
        INSERT INTO identities AS kept
               (enrolment_id, forename, surname, date_of_birth, sex, confidential_by, revision)
        SELECT enrolment_id, forename, surname, date_of_birth, sex, confidential_by, revision
        FROM sent ORDER BY enrolment_id
        ON CONFLICT (enrolment_id) DO UPDATE
        SET forename = excluded.forename, surname = excluded.surname,
            date_of_birth = excluded.date_of_birth, sex = excluded.sex,
            confidential_by = excluded.confidential_by, revision = excluded.revision
        WHERE kept.revision = excluded.revision - 1
        RETURNING new.enrolment_id, old.forename, old.surname, old.date_of_birth, old.sex,
                  old.confidential_by, old.revision
    ), replaced AS (
        INSERT INTO identity_revisions
               (enrolment_id, forename, surname, date_of_birth, sex, confidential_by, revision,
                replaced_at, replaced_by, replaced_by_subject, reason)
        SELECT saved.*, :now, :organisation, :subject, reason
        FROM saved JOIN sent USING (enrolment_id)
        WHERE saved.revision IS NOT NULL
    )
    SELECT enrolment_id FROM saved
""")


async def save_keys(session: SqlSession, school_id: UUID, entries: Sequence[Entry]) -> None:
    """Keep what registers may call these enrolments: UPN and our own id once, MIS ids as sent."""
    new = [entry for entry in entries if entry.enrolment and entry.enrolment.version == 1]
    keys = [("UPN", entry.upn, entry.enrolment_id) for entry in new]
    keys += [("ENROLMENT_ID", str(entry.enrolment_id), entry.enrolment_id) for entry in new]
    keys += [("MIS_ID", entry.mis_id, entry.enrolment_id) for entry in entries if entry.mis_id]
    schemes, values, ids = zip(*keys, strict=True) if keys else ((), (), ())
    given = {"schemes": list(schemes), "values": list(values), "ids": list(ids)}
    await session.execute(
        text("""
            DELETE FROM enrolment_keys AS key
            USING unnest(CAST(:schemes AS text[]), CAST(:values AS text[]), CAST(:ids AS uuid[]))
                  AS sent (scheme, value, enrolment_id)
            WHERE key.enrolment_id = sent.enrolment_id AND key.scheme = sent.scheme
              AND key.value <> sent.value
        """),
        given,
    )
    await session.execute(
        text("""
            INSERT INTO enrolment_keys (school_id, scheme, value, enrolment_id)
            SELECT :school_id, scheme, value, enrolment_id
            FROM unnest(CAST(:schemes AS text[]), CAST(:values AS text[]), CAST(:ids AS uuid[]))
                 AS sent (scheme, value, enrolment_id)
            ORDER BY scheme, value
            ON CONFLICT DO NOTHING
        """),
        given | {"school_id": school_id},
    )


async def replace_contacts(
    session: SqlSession, contacts: Mapping[UUID, tuple[Contact, ...]]
) -> None:
    """Make these the contacts of these enrolments; one whose key stays keeps its id."""
    rows = [(owner, contact) for owner, people in contacts.items() for contact in people]
    await session.execute(
        text("""
            DELETE FROM contacts
            WHERE enrolment_id = ANY(CAST(:enrolment_ids AS uuid[]))
              AND (enrolment_id, source_key) NOT IN (
                  SELECT * FROM unnest(CAST(:owners AS uuid[]), CAST(:keys AS text[])))
        """),
        {
            "enrolment_ids": list(contacts),
            "owners": [owner for owner, _ in rows],
            "keys": [contact.key for _, contact in rows],
        },
    )
    await session.execute(
        text("""
            INSERT INTO contacts (id, enrolment_id, source_key, name, relationship, mobile, mobile_e164,
                                  email, priority, parental_responsibility, court_order,
                                  language, is_carer)
            SELECT uuidv7(), sent.*
            FROM unnest(
                CAST(:owners AS uuid[]), CAST(:key AS text[]), CAST(:name AS text[]),
                CAST(:relationship AS text[]), CAST(:mobile AS text[]), CAST(:mobile_e164 AS text[]),
                CAST(:email AS text[]), CAST(:priority AS smallint[]),
                CAST(:parental_responsibility AS boolean[]), CAST(:court_order AS boolean[]),
                CAST(:language AS text[]), CAST(:is_carer AS boolean[])
            ) AS sent
            ON CONFLICT (enrolment_id, source_key) DO UPDATE
            SET name = excluded.name, relationship = excluded.relationship,
                mobile = excluded.mobile, mobile_e164 = excluded.mobile_e164,
                email = excluded.email, priority = excluded.priority,
                parental_responsibility = excluded.parental_responsibility,
                court_order = excluded.court_order, language = excluded.language,
                is_carer = excluded.is_carer
        """),
        {
            "owners": [owner for owner, _ in rows],
            "mobile_e164": [read_telephone(contact.mobile or "") for _, contact in rows],
        }
        | {name: [getattr(contact, name) for _, contact in rows] for name in Contact.__slots__},
    )
