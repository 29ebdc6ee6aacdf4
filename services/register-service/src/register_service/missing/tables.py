"""Which registers were announced as missing: what makes an announcement happen once."""

from sqlalchemy import Column, Date, DateTime, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from register_service.metadata import metadata

missing_registers = Table(
    "missing_registers",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("announced_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("school_id", "date", "session"),
)
