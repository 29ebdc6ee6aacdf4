"""Schools: whom they answer to, and the settings that decide when a family is contacted."""

from sqlalchemy import Column, Integer, Numeric, Table, Text, Time, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from register_service.metadata import metadata

schools = Table(
    "schools",
    metadata,
    Column("id", UUID(as_uuid=True), primary_key=True),
    Column("urn", Text, nullable=False),
    Column("name", Text, nullable=False),
    Column("phase", Text, nullable=False),
    Column("authority_code", Text, nullable=False),
    Column("trust", Text),
    Column("mis_supplier", Text),
    Column("am_starts_at", Time, nullable=False),
    Column("pm_starts_at", Time, nullable=False),
    Column("register_open_minutes", Integer, nullable=False),
    Column("contact_grace_minutes", Integer, nullable=False),
    Column("register_missing_after_minutes", Integer),
    Column("hours_per_day", Numeric(6, 4), nullable=False),
    Column("contact_codes", ARRAY(Text), nullable=False),
    Column("attendance_lead", Text),
    Column("quiet_from", Time, nullable=False, server_default="20:00"),
    Column("quiet_until", Time, nullable=False, server_default="08:00"),
    Column("version", Integer, nullable=False),
    # Names the state of the school's roll: another one whenever anything of the roll changes. Never
    # counted up, so that no two states share a name, not even one that was rolled back.
    Column("roll_version", UUID(as_uuid=True), nullable=False, server_default=text("uuidv7()")),
    UniqueConstraint("urn"),
)
