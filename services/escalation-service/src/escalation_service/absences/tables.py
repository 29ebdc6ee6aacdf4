"""The ledger of absences."""

from sqlalchemy import Column, Date, PrimaryKeyConstraint, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from escalation_service.metadata import metadata

# Every absence, authorised ones too: about seven marks in a hundred. A rule that counts illness can
# then be put into a policy in mid-year and find the absences of the year so far. A row exists only
# while the mark is an absence, or says that the whole site was shut; no key and no second index,
# they cost more than the row itself.
absence_marks = Table(
    "absence_marks",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("code", Text, nullable=False),
    PrimaryKeyConstraint("enrolment_id", "date", "session"),
)
