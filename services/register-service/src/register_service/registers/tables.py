"""The attendance register: marks, their revisions, and which registers have been taken.

Marks carry no foreign key and no second index: at a thousand marks a request a key costs about
7 µs a row and an index 3.6. The writing statement's own join to the roll keeps them true.
"""

from sqlalchemy import (
    Column,
    Date,
    DateTime,
    Integer,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    Text,
)
from sqlalchemy.dialects.postgresql import UUID

from register_service.metadata import metadata

# `source_code` is what the MIS last sent: a push counts as a change only where it differs from it,
# so a re-sent register never undoes a correction made here.
marks = Table(
    "marks",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("code", Text),  # null: a mark that was taken back, of which the history tells
    Column("source_code", Text),
    Column("revision", Integer, nullable=False),
    Column("minutes_late", SmallInteger),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    # The date first: a session's marks lie together in the index, so that writing them touches the
    # same few pages however many are kept (ADR 10). Whose marks they are is found by skipping.
    PrimaryKeyConstraint("date", "session", "enrolment_id"),
    postgresql_partition_by="RANGE (date)",
)

# An entry that came with words of its own, and every amendment: each shows the original entry, the
# amended one, the reason, the date, and the name and title of the amender (School Attendance (Pupil
# Registration) (England) Regulations 2024, reg 10).
mark_revisions = Table(
    "mark_revisions",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("revision", Integer, nullable=False),
    Column("previous_code", Text),  # null: nothing stood before
    Column("code", Text),  # null: this took the mark back
    Column("reason", Text, nullable=False),
    Column("amender_name", Text, nullable=False),
    Column("amender_title", Text, nullable=False),
    Column("amended_by", Text, nullable=False),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    PrimaryKeyConstraint("enrolment_id", "date", "session", "revision"),
)

# One row for each register that has been taken; `class_code` is empty for a whole school's.
registers = Table(
    "registers",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("date", Date, nullable=False),
    Column("session", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("taken_by", Text, nullable=False),
    Column("first_taken_at", DateTime(timezone=True), nullable=False),
    Column("last_sent_at", DateTime(timezone=True), nullable=False),
    Column("times_sent", Integer, nullable=False),
    PrimaryKeyConstraint("school_id", "date", "session", "class_code"),
)
