"""A small copy of each school's settings: what decides when a family is contacted."""

from sqlalchemy import Column, Index, Integer, Table, Text, Time
from sqlalchemy.dialects.postgresql import UUID

from notification_service.metadata import metadata

schools = Table(
    "schools",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("urn", Text, nullable=False),
    Column("am_starts_at", Time, nullable=False),
    Column("pm_starts_at", Time, nullable=False),
    Column("register_open_minutes", Integer, nullable=False),
    Column("contact_grace_minutes", Integer, nullable=False),
    Column("version", Integer, nullable=False),
    Index("schools_urn", "urn"),
)
