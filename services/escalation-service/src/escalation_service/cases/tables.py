"""Cases as they stand, and every step that brought them there."""

from sqlalchemy import (
    Boolean,
    Column,
    DateTime,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import UUID

from escalation_service.metadata import metadata

cases = Table(
    "cases",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("decision_id", UUID(as_uuid=True), nullable=False, unique=True),
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("child_id", UUID(as_uuid=True), nullable=False),
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("policy", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True), nullable=False),
    Column("assigned_to", Text),
    Column("closed_at", DateTime(timezone=True)),
    Column("outcome", Text),
    Column("threshold_withdrawn_at", DateTime(timezone=True)),
    Column("worked_on", Boolean, nullable=False),
    Column("version", Integer, nullable=False),
    Index("cases_school", "school_id", "id"),
)

# A step is added with each version of a case. `note` is free text about a child: it is shown to
# those who may read the case and never leaves the service in an event or a log.
case_steps = Table(
    "case_steps",
    metadata,
    Column("case_id", UUID(as_uuid=True), nullable=False),
    Column("version", Integer, nullable=False),
    Column("kind", Text, nullable=False),
    Column("at", DateTime(timezone=True), nullable=False),
    Column("by", Text),
    Column("assigned_to", Text),
    Column("outcome", Text),
    Column("note", Text),
    PrimaryKeyConstraint("case_id", "version"),
)
