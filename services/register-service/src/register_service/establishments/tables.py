"""The list of establishments: what the register of schools says, and nothing that schools say."""

from sqlalchemy import Column, Date, Table, Text

from register_service.metadata import metadata

establishments = Table(
    "establishments",
    metadata,
    Column("urn", Text, primary_key=True),
    Column("authority_code", Text, nullable=False),
    Column("number", Text),
    Column("name", Text, nullable=False),
    Column("kind", Text),
    Column("phase", Text),
    Column("status", Text, nullable=False),
    Column("opened_on", Date),
    Column("closed_on", Date),
)
