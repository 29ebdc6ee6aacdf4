"""Which registers had not arrived when they were due, and whose family could not be told."""

from sqlalchemy import Column, Date, DateTime, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from reporting_service.metadata import metadata

# Rows stay when the register arrives: the marks themselves are the answer, in whichever order the
# two events come, and the row still says that it was late.
missing_registers = Table(
    "missing_registers",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("missing_since", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("school_id", "date", "session"),
)

# Children whose family nobody could tell of an absence. A message that is sent later takes its row
# away; a mark that says where the child is hides it, and brings it back when it is taken back.
untold_families = Table(
    "untold_families",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("child_id", UUID(as_uuid=True), nullable=False),
    Column("untold_since", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("school_id", "date", "enrolment_id"),
)
