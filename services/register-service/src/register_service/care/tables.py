"""A child's status with children's social care, and what authorities say that has to wait."""

from sqlalchemy import (
    CheckConstraint,
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    Table,
    Text,
    UniqueConstraint,
)
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

# Claims that the register's own facts do not bear out. They stand apart from the statuses, so that
# no statement can take one for the other. `child_id` is the authority's word and refers to nothing:
# whether there is such a child is not for it to learn.
care_claims = Table(
    "care_claims",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("authority_code", Text, nullable=False),
    Column("kind", Text, nullable=False),
    Column("valid_from", Date, nullable=False),
    Column("valid_to", Date),
    Column("worker", Text),
    Column("team", Text),
    Column("upn", Text),
    Column("child_id", UUID(as_uuid=True)),
    Column("date_of_birth", Date),
    Column("surname", Text),
    Column("state", Text, nullable=False),
    Column("claimed_at", DateTime(timezone=True), nullable=False),
    Column("decided_at", DateTime(timezone=True)),
    Column("decided_by", Text),
    Column("decided_by_subject", Text),
    Column("reason", Text),
    CheckConstraint("state IN ('pending', 'confirmed', 'refused')", name="state"),
    UniqueConstraint(
        "authority_code",
        "kind",
        "valid_from",
        "upn",
        "child_id",
        name="care_claims_key",
        postgresql_nulls_not_distinct=True,
    ),
)
Index("care_claims_upn", care_claims.c.upn, postgresql_where=care_claims.c.state == "pending")
Index(
    "care_claims_child", care_claims.c.child_id, postgresql_where=care_claims.c.state == "pending"
)

# What an authority stated of a UPN, and when first: whoever tries out dates of birth is stopped.
care_stated_facts = Table(
    "care_stated_facts",
    metadata,
    Column("authority_code", Text, nullable=False),
    Column("upn", Text, nullable=False),
    Column("date_of_birth", Date, nullable=False),
    Column("surname", Text, nullable=False),
    Column("stated_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("authority_code", "upn", "date_of_birth", "surname"),
)
