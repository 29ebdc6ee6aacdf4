"""A school's year: its terms and closures as given, and the sessions that follow from them."""

from sqlalchemy import Column, ForeignKey, Integer, SmallInteger, Table
from sqlalchemy.dialects.postgresql import ARRAY, JSONB, UUID

from register_service.metadata import metadata

calendars = Table(
    "calendars",
    metadata,
    Column("school_id", UUID(as_uuid=True), ForeignKey("schools.id"), primary_key=True),
    Column("school_year", SmallInteger, primary_key=True, autoincrement=False),
    Column("terms", JSONB, nullable=False),
    Column("closures", JSONB, nullable=False),
    Column("slots", ARRAY(SmallInteger), nullable=False),
    Column("version", Integer, nullable=False),
)
