"""Episodes: one for each enrolment's day with an absence that nobody explained; and calls."""

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    ForeignKey,
    Index,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import UUID

from notification_service.metadata import metadata

# `version` counts what the episode has heard, so that a sender can tell whether an answer it was
# given about the absence is older than what is known by now.
episodes = Table(
    "episodes",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("child_id", UUID(as_uuid=True), nullable=False),
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("am_state", Text),
    Column("am_recorded_at", DateTime(timezone=True)),
    Column("pm_state", Text),
    Column("pm_recorded_at", DateTime(timezone=True)),
    Column("version", Integer, nullable=False),
    Column("exhausted_in", SmallInteger),
    UniqueConstraint("enrolment_id", "date"),
    Index("episodes_school", "school_id", "date", "id"),
)

# What somebody of the office said of the call that a round had left to it.
calls = Table(
    "calls",
    metadata,
    Column("episode_id", UUID(as_uuid=True), ForeignKey("episodes.id"), nullable=False),
    Column("round", SmallInteger, nullable=False),
    Column("outcome", Text, nullable=False),
    Column("made_at", DateTime(timezone=True), nullable=False),
    Column("made_by", Text, nullable=False),
    PrimaryKeyConstraint("episode_id", "round"),
)
