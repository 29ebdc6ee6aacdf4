"""A copy of the cases that escalation policies have opened for children."""

from sqlalchemy import Column, DateTime, Index, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from reporting_service.metadata import metadata

# Closed cases stay: a late or repeated "opened" must not open one again.
cases = Table(
    "cases",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("policy", Text, nullable=False),
    Column("rule", Text, nullable=False),
    Column("opened_at", DateTime(timezone=True)),
    Column("assigned_to", Text),
    Column("assigned_at", DateTime(timezone=True)),
    Column("closed_at", DateTime(timezone=True)),
)
Index("cases_open_enrolment", cases.c.enrolment_id, postgresql_where=cases.c.closed_at.is_(None))
