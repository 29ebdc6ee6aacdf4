"""Every statement of a roll load: what is known of its children, and what it changes.

Each takes a whole load at once, as arrays: ten thousand children cost a handful of statements.
"""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.identifiers import Scheme
from attendance_runtime.database import SqlSession
from register_service.imports.domain import Entry, Known, RollLine
from register_service.roll.domain import Child, Contact
from register_service.roll.repository import find_children, find_enrolments, require_all


async def find_known(
    session: SqlSession, school_id: UUID, lines: Sequence[RollLine], *, today: date
) -> Known:
    """What does the register hold of the children these lines speak of?"""
    children = await find_children(session, [line.upn for line in lines])
    child_ids = [child.id for child in children.values()]
    enrolments = await find_enrolments(session, school_id, child_ids)
    sent_ids = [line.mis_id for line in lines if line.mis_id]
    mis_ids, owners = await find_mis_ids(session, school_id, child_ids, sent_ids)
    with_contacts = {line.upn for line in lines if line.contacts is not None}
    wanted = {child.id for upn, child in children.items() if upn in with_contacts}
    places = [place.id for child in wanted for place in enrolments.get(child, ())]
    return Known(
        children=children,
        elsewhere=await find_on_other_rolls(session, school_id, child_ids, today=today),
        enrolments=enrolments,
        mis_ids=mis_ids,
        owners=owners,
        contacts=await find_contacts(session, places),
    )


async def find_on_other_rolls(
    session: SqlSession, school_id: UUID, child_ids: Sequence[UUID], *, today: date
) -> frozenset[UUID]:
    """Which of these children are, or are about to be, on another school's roll as well?"""
    found = await session.scalars(
        text("""
            SELECT DISTINCT child_id FROM enrolments
            WHERE child_id = ANY(CAST(:child_ids AS uuid[])) AND school_id <> :school_id
              AND (ends_on IS NULL OR ends_on >= :today)
        """),
        {"school_id": school_id, "child_ids": list(child_ids), "today": today},
    )
    return frozenset(found)


async def find_mis_ids(
    session: SqlSession, school_id: UUID, child_ids: Sequence[UUID], mis_ids: Sequence[str]
) -> tuple[dict[UUID, str], dict[str, UUID]]:
    """Which MIS ids do these children's enrolments have, and to whom do these MIS ids belong?"""
    found = await session.execute(
        text("""
            SELECT value, enrolment_id, child_id
            FROM enrolment_keys AS key JOIN enrolments ON enrolments.id = enrolment_id
            WHERE key.school_id = :school_id AND scheme = :scheme
              AND (value = ANY(CAST(:mis_ids AS text[]))
                   OR child_id = ANY(CAST(:child_ids AS uuid[])))
        """),
        {
            "school_id": school_id,
            "scheme": Scheme.MIS_ID.value,
            "mis_ids": list(mis_ids),
            "child_ids": list(child_ids),
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
                   court_order, language, mobile, email
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
        )
        contacts.setdefault(row[0], []).append(contact)
    return {enrolment_id: tuple(people) for enrolment_id, people in contacts.items()}


async def save_children(
    session: SqlSession, children: Mapping[str, Child], *, source: str, today: date
) -> None:
    """Keep children as they are now, by UPN; a new one's UPN is valid from today.

    Raises `Unavailable` when another request has changed or created one of them meanwhile.
    """
    saved = await session.execute(
        text("""
            INSERT INTO children AS kept
                (id, forename, surname, date_of_birth, confidential_address, version)
            SELECT * FROM unnest(
                CAST(:ids AS uuid[]), CAST(:forenames AS text[]), CAST(:surnames AS text[]),
                CAST(:births AS date[]), CAST(:confidential AS boolean[]),
                CAST(:versions AS integer[])
            ) AS sent (id, forename, surname, born_on, confidential, version)
            ORDER BY id
            ON CONFLICT (id) DO UPDATE
            SET forename = excluded.forename, surname = excluded.surname,
                date_of_birth = excluded.date_of_birth,
                confidential_address = excluded.confidential_address, version = excluded.version
            WHERE kept.version = excluded.version - 1
            RETURNING id
        """),
        {
            "ids": [child.id for child in children.values()],
            "forenames": [child.forename for child in children.values()],
            "surnames": [child.surname for child in children.values()],
            "births": [child.date_of_birth for child in children.values()],
            "confidential": [child.confidential_address for child in children.values()],
            "versions": [child.version for child in children.values()],
        },
    )
    require_all(len(saved.all()), len(children))
    new = {upn: child.id for upn, child in children.items() if child.version == 1}
    await _save_upns(session, new, source=source, today=today)


async def _save_upns(
    session: SqlSession, children: Mapping[str, UUID], *, source: str, today: date
) -> None:
    """Keep which child each new UPN names; raise `Unavailable` when another request has just."""
    identified = await session.execute(
        text("""
            INSERT INTO identifiers (scheme, value, child_id, valid_from, source)
            SELECT 'UPN', value, child_id, :today, :source
            FROM unnest(CAST(:upns AS text[]), CAST(:ids AS uuid[])) AS sent (value, child_id)
            ORDER BY value
            ON CONFLICT (scheme, value) DO NOTHING
            RETURNING value
        """),
        {
            "upns": list(children),
            "ids": list(children.values()),
            "today": today,
            "source": source,
        },
    )
    require_all(len(identified.all()), len(children))


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
            INSERT INTO contacts (id, enrolment_id, source_key, name, relationship, mobile, email,
                                  priority, parental_responsibility, court_order, language)
            SELECT uuidv7(), sent.*
            FROM unnest(
                CAST(:owners AS uuid[]), CAST(:key AS text[]), CAST(:name AS text[]),
                CAST(:relationship AS text[]), CAST(:mobile AS text[]), CAST(:email AS text[]),
                CAST(:priority AS smallint[]), CAST(:parental_responsibility AS boolean[]),
                CAST(:court_order AS boolean[]), CAST(:language AS text[])
            ) AS sent
            ON CONFLICT (enrolment_id, source_key) DO UPDATE
            SET name = excluded.name, relationship = excluded.relationship,
                mobile = excluded.mobile, email = excluded.email, priority = excluded.priority,
                parental_responsibility = excluded.parental_responsibility,
                court_order = excluded.court_order, language = excluded.language
        """),
        {"owners": [owner for owner, _ in rows]}
        | {name: [getattr(contact, name) for _, contact in rows] for name in Contact.__slots__},
    )
