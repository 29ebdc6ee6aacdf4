"""The admission register: children, their enrolments, and the contacts each enrolment supplied."""

from collections.abc import Iterator
from typing import Any

from sqlalchemy import (
    Boolean,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from register_service.metadata import metadata


def _said() -> Iterator[Column[Any]]:
    """Yield the columns of what a school says of a child; an older revision has the same ones."""
    yield Column("forename", Text, nullable=False)
    yield Column("surname", Text, nullable=False)
    yield Column("date_of_birth", Date, nullable=False)
    yield Column("sex", Text)
    yield Column("confidential_by", Text)
    yield Column("revision", Integer, nullable=False)


# A child holds nothing of its own: it ties enrolments of one UPN together. The ids are random
# (version 4), so that an id's age does not tell whether its child was known before.
children = Table(
    "children",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    # Another child, whom a person has found to be this one: the enrolments are there now.
    Column("moved_to", UUID(as_uuid=True), ForeignKey("children.id")),
)

# Every UPN that a school has sent: the row is locked while a newcomer is looked for elsewhere, so
# that of two schools that bring one child at one moment the second sees the first.
upns = Table(
    "upns",
    metadata,
    Column("upn", Text, primary_key=True),
    Column("first_sent_on", Date, nullable=False),
    Column("first_sent_by", Text, nullable=False),
)

# The unit of everything: one child at one school. Ids are UUIDv7, issued school by school, so that
# a school's enrolments lie together in every index.
enrolments = Table(
    "enrolments",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("child_id", UUID(as_uuid=True), ForeignKey("children.id"), nullable=False),
    Column("school_id", UUID(as_uuid=True), ForeignKey("schools.id"), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("year_group", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    UniqueConstraint("school_id", "child_id", "starts_on"),
    Index("enrolments_class", "school_id", "class_code"),
    Index("enrolments_child", "child_id"),
)

# In which class a child was up to a day, before the one of the next such row, or the present one: a
# register stays the register of the class that it was taken for.
former_classes = Table(
    "former_classes",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    Column("class_code", Text, nullable=False),
    Column("until", Date, nullable=False),
    PrimaryKeyConstraint("enrolment_id", "until"),
)

# What an enrolment was before: a row for each change, with who made it. Marks of days before a
# corrected starting day stay in the register, and this tells why they count no more.
enrolment_revisions = Table(
    "enrolment_revisions",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    Column("version", Integer, nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("year_group", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("replaced_at", DateTime(timezone=True), nullable=False),
    Column("replaced_by", Text, nullable=False),
    Column("replaced_by_subject", Text, nullable=False),
    PrimaryKeyConstraint("enrolment_id", "version"),
)

# What the source sent last of an enrolment that the office has changed here: the office's word
# stands until the source sends another value. No row: what stands is what the source sent.
last_sent = Table(
    "last_sent",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), primary_key=True),
    Column("year_group", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("ends_on", Date),
)

# Who the child is by the word of the enrolment's school: shown to its readers only.
identities = Table(
    "identities",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), primary_key=True),
    *_said(),
)

# What a school said before: a row for each change, with the words it replaced and who did.
identity_revisions = Table(
    "identity_revisions",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    *_said(),
    Column("replaced_at", DateTime(timezone=True), nullable=False),
    Column("replaced_by", Text, nullable=False),
    Column("replaced_by_subject", Text, nullable=False),
    Column("reason", Text),
    PrimaryKeyConstraint("enrolment_id", "revision"),
)

# What each school said first of a UPN, for ever: only this links children by itself (ADR 20), and
# no correction of a name, a date of birth or a UPN changes it.
first_words = Table(
    "first_words",
    metadata,
    Column("upn", Text, nullable=False),
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("surname", Text, nullable=False),
    PrimaryKeyConstraint("upn", "school_id"),
)

# What a school calls its own pupils: UPN, former UPNs, MIS id and our enrolment id, each leading to
# the enrolment in one index probe. Registers name pupils by these a thousand at a time. Of a former
# UPN it is kept when it was replaced, and by whom.
enrolment_keys = Table(
    "enrolment_keys",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("scheme", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    Column("replaced_at", DateTime(timezone=True)),
    Column("replaced_by", Text),
    Column("replaced_by_subject", Text),
    PrimaryKeyConstraint("school_id", "scheme", "value", "enrolment_id"),
    Index("enrolment_keys_enrolment", "enrolment_id"),
)
# Where is this UPN on roll, at whatever school?
Index(
    "enrolment_keys_upn",
    enrolment_keys.c.value,
    postgresql_where=enrolment_keys.c.scheme == "UPN",
)
Index(
    "enrolment_keys_former_upn",
    enrolment_keys.c.value,
    postgresql_where=enrolment_keys.c.scheme == "FORMER_UPN",
)

# Contacts belong to the enrolment that supplied them and never cross to another school: a barred
# parent must not learn the new one.
contacts = Table(
    "contacts",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    Column("source_key", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("relationship", Text, nullable=False),
    Column("mobile", Text),  # as the school wrote it, whatever it is a number of
    Column("mobile_e164", Text),  # the same, read: whose number is this?
    Column("email", Text),
    Column("priority", SmallInteger, nullable=False),
    Column("parental_responsibility", Boolean, nullable=False),
    Column("court_order", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    Column("is_carer", Boolean),  # null: the sender does not say
    UniqueConstraint("enrolment_id", "source_key"),
)
