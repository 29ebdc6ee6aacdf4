"""What a load changes, written for a whole load at once."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import text

from attendance_contracts.telephones import read_telephone
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from register_service.contacts.domain import Contact
from register_service.imports.domain import Entry
from register_service.lines.domain import State
from register_service.roll.domain import Identity, Sent
from register_service.roll.repository import require_all


async def take_upns(
    db: SqlSession, school_id: UUID, upns: Collection[str], *, source: str, today: date
) -> None:
    """Keep every UPN that is new at this school, and lock it until the transaction ends.

    Of two schools that bring one child at one moment, the second then sees the first. A UPN that
    the school has already leads to its own child and is not locked: a night's roll never waits.
    """
    await db.execute(
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


async def add_children(db: SqlSession, child_ids: Sequence[UUID]) -> None:
    """Keep a record for each new child, which ties its enrolments together."""
    await db.execute(
        text("INSERT INTO children (id) SELECT unnest(CAST(:ids AS uuid[]))"),
        {"ids": list(child_ids)},
    )


async def save_identities(
    db: SqlSession, entries: Sequence[Entry], sender: Principal, *, now: datetime
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
    saved = await db.execute(
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


async def save_first_words(db: SqlSession, school_id: UUID, entries: Sequence[Entry]) -> None:
    """Keep what the school says first of each UPN; what it has said before stands."""
    first = [entry for entry in entries if entry.first_words and entry.identity]
    await db.execute(
        text("""
            INSERT INTO first_words (upn, school_id, enrolment_id, date_of_birth, surname)
            SELECT upn, :school_id, enrolment_id, date_of_birth, surname
            FROM unnest(CAST(:upns AS text[]), CAST(:enrolments AS uuid[]),
                        CAST(:births AS date[]), CAST(:surnames AS text[]))
                 AS sent (upn, enrolment_id, date_of_birth, surname)
            ORDER BY upn
            ON CONFLICT (upn, school_id) DO NOTHING
        """),
        {
            "school_id": school_id,
            "upns": [entry.upn for entry in first],
            "enrolments": [entry.enrolment_id for entry in first],
            "births": [entry.identity.date_of_birth for entry in first if entry.identity],
            "surnames": [entry.identity.surname for entry in first if entry.identity],
        },
    )


async def save_keys(
    db: SqlSession,
    school_id: UUID,
    entries: Sequence[Entry],
    sender: Principal,
    *,
    now: datetime,
) -> None:
    """Keep what registers may call these enrolments, and what they called them before.

    That is the UPN and those it replaced, our own id, and the MIS id. Old ones go first: an id may
    move to another child in the same load.
    """
    keys = sorted({key for entry in entries for key in _keys_of(entry)})
    renewed = {(enrolment_id, scheme) for scheme, _, enrolment_id in keys}
    renewed |= {(id_, "MIS_ID") for entry in entries for id_ in entry.released}
    renewed |= {(id_, "FORMER_UPN") for id_, scheme in renewed if scheme == "UPN"}
    schemes, values, ids = zip(*keys, strict=True) if keys else ((), (), ())
    given = {"schemes": list(schemes), "values": list(values), "ids": list(ids)}
    await db.execute(
        _TAKE_KEYS_AWAY,
        given | {"of": [id_ for id_, _ in renewed], "renewed": [scheme for _, scheme in renewed]},
    )
    await db.execute(
        _ADD_KEYS,
        given
        | {
            "school_id": school_id,
            "now": now,
            "organisation": sender.organisation,
            "subject": sender.subject,
        },
    )


_TAKE_KEYS_AWAY = text("""
    DELETE FROM enrolment_keys AS key
    USING unnest(CAST(:of AS uuid[]), CAST(:renewed AS text[]))
          AS renewed (enrolment_id, scheme)
    WHERE key.enrolment_id = renewed.enrolment_id AND key.scheme = renewed.scheme
      AND (key.scheme, key.value, key.enrolment_id) NOT IN (
          SELECT * FROM unnest(CAST(:schemes AS text[]), CAST(:values AS text[]),
                               CAST(:ids AS uuid[])))
""")


_ADD_KEYS = text("""
    INSERT INTO enrolment_keys (school_id, scheme, value, enrolment_id,
                                replaced_at, replaced_by, replaced_by_subject)
    SELECT :school_id, scheme, value, enrolment_id,
           CASE WHEN scheme = 'FORMER_UPN' THEN CAST(:now AS timestamptz) END,
           CASE WHEN scheme = 'FORMER_UPN' THEN CAST(:organisation AS text) END,
           CASE WHEN scheme = 'FORMER_UPN' THEN CAST(:subject AS text) END
    FROM unnest(CAST(:schemes AS text[]), CAST(:values AS text[]), CAST(:ids AS uuid[]))
         AS sent (scheme, value, enrolment_id)
    ORDER BY scheme, value
    ON CONFLICT DO NOTHING
""")


def _keys_of(entry: Entry) -> Iterator[tuple[str, str, UUID]]:
    """Yield scheme, value and enrolment of every key that an entry brings."""
    if entry.names is not None:
        for enrolment_id in entry.names.enrolments:
            yield "UPN", entry.names.upn, enrolment_id
            for upn in entry.names.former_upns:
                yield "FORMER_UPN", upn, enrolment_id
    if entry.enrolment_id is not None:
        if entry.state is State.CREATED:
            yield "ENROLMENT_ID", str(entry.enrolment_id), entry.enrolment_id
        if entry.mis_id is not None:
            yield "MIS_ID", entry.mis_id, entry.enrolment_id


async def save_last_sent(db: SqlSession, entries: Sequence[Entry]) -> None:
    """Keep what the source now says of enrolments that the office has changed."""
    sent = {entry.enrolment_id: entry.sent for entry in entries if entry.sent}
    await db.execute(
        text("""
            UPDATE last_sent AS kept
            SET year_group = sent.year_group, class_code = sent.class_code, ends_on = sent.ends_on
            FROM unnest(CAST(:ids AS uuid[]), CAST(:year_group AS text[]),
                        CAST(:class_code AS text[]), CAST(:ends_on AS date[]))
                 AS sent (enrolment_id, year_group, class_code, ends_on)
            WHERE kept.enrolment_id = sent.enrolment_id
        """),
        {"ids": list(sent)}
        | {name: [getattr(one, name) for one in sent.values()] for name in Sent._fields},
    )


async def replace_contacts(db: SqlSession, contacts: Mapping[UUID, tuple[Contact, ...]]) -> None:
    """Make these the contacts of these enrolments; one whose key stays keeps its id."""
    rows = [(owner, contact) for owner, people in contacts.items() for contact in people]
    await db.execute(
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
    await db.execute(
        _SAVE_CONTACTS,
        {
            "owners": [owner for owner, _ in rows],
            "mobile_e164": [read_telephone(contact.mobile or "") for _, contact in rows],
        }
        | {name: [getattr(contact, name) for _, contact in rows] for name in Contact.__slots__},
    )


_SAVE_CONTACTS = text("""
    INSERT INTO contacts (id, enrolment_id, source_key, name, relationship, mobile,
                          mobile_e164, email, priority, parental_responsibility,
                          court_order, language, is_carer)
    SELECT uuidv7(), sent.*
    FROM unnest(
        CAST(:owners AS uuid[]), CAST(:key AS text[]), CAST(:name AS text[]),
        CAST(:relationship AS text[]), CAST(:mobile AS text[]),
        CAST(:mobile_e164 AS text[]), CAST(:email AS text[]), CAST(:priority AS smallint[]),
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
""")
