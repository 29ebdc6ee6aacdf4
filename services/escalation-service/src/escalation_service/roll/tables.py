"""A copy of the roll, as far as rules need it: who is enrolled where, from when to when."""

from sqlalchemy import Column, Date, Index, Integer, Table
from sqlalchemy.dialects.postgresql import UUID

from escalation_service.metadata import metadata

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("child_id", UUID(as_uuid=True), nullable=False),
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("version", Integer, nullable=False),
    Index("enrolments_school", "school_id"),
)
