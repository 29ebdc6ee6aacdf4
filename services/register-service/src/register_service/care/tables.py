"""A child's status with children's social care: kind, responsible authority, worker and team."""

from sqlalchemy import Column, Date, ForeignKey, Integer, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from register_service.metadata import metadata

# Flag, dates and responsible people only, never reasons or plans.
care_statuses = Table(
    "care_statuses",
    metadata,
    Column("child_id", UUID(as_uuid=True), ForeignKey("children.id"), nullable=False),
    Column("kind", Text, nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("worker", Text),
    Column("team", Text),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("version", Integer, nullable=False),
    PrimaryKeyConstraint("child_id", "kind", "authority_code", "valid_from"),
)
