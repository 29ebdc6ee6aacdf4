"""Every decision with what it saw."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    Index,
    Integer,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from escalation_service.metadata import metadata

# Rows are only added. The one column ever set afterwards is `withdrawn_by`, the decision that
# withdrew this one.
decisions = Table(
    "decisions",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("kind", Text, nullable=False),
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("child_id", UUID(as_uuid=True), nullable=False),
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("policy", Text, nullable=False),
    Column("policy_version", Integer, nullable=False),
    Column("rule", Text, nullable=False),
    Column("title", Text, nullable=False),
    Column("codes", ARRAY(Text), nullable=False),
    Column("threshold_sessions", SmallInteger, nullable=False),
    Column("school_year", SmallInteger, nullable=False),
    Column("marks", JSONB, nullable=False),
    Column("run", JSONB, nullable=False),
    Column("calendar_version", Integer, nullable=False),
    Column("school_days", SmallInteger, nullable=False),
    Column("decided_at", DateTime(timezone=True), nullable=False),
    Column("decided_by", Text),
    Column("withdraws", UUID(as_uuid=True)),
    Column("withdrawn_by", UUID(as_uuid=True)),
    # Empty in decisions of before these were kept; `codes` and `threshold_sessions` are written
    # for the version before, and read where `measure` is empty.
    Column("measure", JSONB),
    Column("value", JSONB),
    Column("window_first", Date),
    Column("window_last", Date),
    CheckConstraint("kind IN ('met', 'withdrawn', 'by-hand')", name="kind"),
    Index("decisions_enrolment", "enrolment_id"),
)
# A threshold is met once while it stands, whatever comes twice or at the same moment.
Index(
    "decisions_standing",
    decisions.c.enrolment_id,
    decisions.c.school_year,
    decisions.c.policy,
    decisions.c.rule,
    unique=True,
    postgresql_where=(decisions.c.kind == "met") & decisions.c.withdrawn_by.is_(None),
)
