"""Copies of what the register says of schools: authority, lead, hours, each year's sessions."""

from sqlalchemy import (
    Column,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    Time,
    text,
)
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from escalation_service.metadata import metadata

schools = Table(
    "schools",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("urn", Text, nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("attendance_lead", Text),
    # Midnight until the settings come anew: a session then begins with its day.
    Column("am_starts_at", Time, nullable=False, server_default=text("'00:00'")),
    Column("pm_starts_at", Time, nullable=False, server_default=text("'00:00'")),
    Column("version", Integer, nullable=False),
    Index("schools_urn", "urn"),
)

# No key to `schools`: nothing orders a school's settings before its calendar.
calendars = Table(
    "calendars",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("school_year", SmallInteger, nullable=False),
    Column("slots", ARRAY(SmallInteger), nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("school_id", "school_year"),
)
