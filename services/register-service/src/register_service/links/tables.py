"""Whether two enrolments are one child's, where the schools' words differ and a person must say."""

from sqlalchemy import CheckConstraint, Column, DateTime, ForeignKey, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from register_service.metadata import metadata

# A proposal is about two enrolments, not two children: which children these are by now stands with
# the enrolments alone. `differing` is kept as it was when the link was proposed: were it told anew
# with each change, a school could try dates of birth on it.
link_proposals = Table(
    "link_proposals",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("newcomer_enrolment", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    Column("earlier_enrolment", UUID(as_uuid=True), ForeignKey("enrolments.id"), nullable=False),
    Column("differing", ARRAY(Text), nullable=False),
    Column("state", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Column("proposed_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    Column("decided_by_subject", Text),
    Column("reason", Text),
    CheckConstraint("state IN ('proposed', 'confirmed', 'refused', 'overtaken')", name="state"),
    Index("link_proposals_newcomer", "newcomer_enrolment"),
    Index("link_proposals_earlier", "earlier_enrolment"),
)
Index(
    "link_proposals_standing",
    link_proposals.c.newcomer_enrolment,
    link_proposals.c.earlier_enrolment,
    unique=True,
    postgresql_where=link_proposals.c.state == "proposed",
)
