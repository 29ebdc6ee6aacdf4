"""A copy of the roll without names: who is enrolled where, from when to when, in which class."""

from sqlalchemy import Column, Date, Index, Integer, Table, Text
from sqlalchemy.dialects.postgresql import UUID

from reporting_service.metadata import metadata

enrolments = Table(
    "enrolments",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("child_id", UUID(as_uuid=True), nullable=False),
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("starts_on", Date, nullable=False),
    Column("ends_on", Date),
    Column("year_group", Text, nullable=False),
    Column("class_code", Text, nullable=False),
    Column("status", Text, nullable=False),
    Column("version", Integer, nullable=False),
    Index("enrolments_child", "child_id"),
    Index("enrolments_school", "school_id"),
)
