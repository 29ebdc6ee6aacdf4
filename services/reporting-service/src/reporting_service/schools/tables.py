"""Copies of what the register service says about schools: settings, and each year's sessions."""

from sqlalchemy import Column, Index, Integer, Numeric, PrimaryKeyConstraint, Table, Text, Time
from sqlalchemy.dialects.postgresql import ARRAY, UUID
from sqlalchemy.types import SmallInteger

from reporting_service.metadata import metadata

schools = Table(
    "schools",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("urn", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("am_starts_at", Time, nullable=False),
    Column("pm_starts_at", Time, nullable=False),
    Column("register_open_minutes", Integer, nullable=False),
    Column("hours_per_day", Numeric(6, 4), nullable=False),
    Column("attendance_lead", Text),
    Column("version", Integer, nullable=False),
    Index("schools_urn", "urn"),
)

# No key to `schools`: nothing orders one topic's events before another's, nor a school's settings
# before its calendar. `slots` is ascending.
calendars = Table(
    "calendars",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("school_year", SmallInteger, nullable=False),
    Column("slots", ARRAY(SmallInteger), nullable=False),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("school_id", "school_year"),
)
