"""The admission register: children, their enrolments, and the contacts each enrolment supplied."""

from sqlalchemy import (
    Boolean,
    Column,
    Date,
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

children = Table(
    "children",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("forename", Text, nullable=False),
    Column("surname", Text, nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("confidential_address", Boolean, nullable=False, server_default="false"),
    Column("version", Integer, nullable=False),
)

# Identifiers of people live in a typed table of their own: they change, expire and have sources.
identifiers = Table(
    "identifiers",
    metadata,
    Column("scheme", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("child_id", UUID(as_uuid=True), ForeignKey("children.id"), nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("source", Text, nullable=False),
    PrimaryKeyConstraint("scheme", "value"),
    Index("identifiers_child_id", "child_id"),
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

# What a school calls its own pupils: UPN, MIS id and our enrolment id, each leading to the
# enrolment in one index probe. Registers name pupils by these a thousand at a time.
enrolment_keys = Table(
    "enrolment_keys",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("scheme", Text, nullable=False),
    Column("value", Text, nullable=False),
    Column("enrolment_id", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    PrimaryKeyConstraint("school_id", "scheme", "value", "enrolment_id"),
    Index("enrolment_keys_enrolment", "enrolment_id"),
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
    Column("mobile", Text),
    Column("email", Text),
    Column("priority", SmallInteger, nullable=False),
    Column("parental_responsibility", Boolean, nullable=False),
    Column("court_order", Boolean, nullable=False),
    Column("language", Text, nullable=False),
    UniqueConstraint("enrolment_id", "source_key"),
)
