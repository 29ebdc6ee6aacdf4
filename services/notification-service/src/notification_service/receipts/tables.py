"""Delivery receipts as the provider posted them, without the number or address they name."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, Table, Text, text
from sqlalchemy.dialects.postgresql import UUID

from notification_service.metadata import metadata

# Kept first and applied afterwards: a receipt may come before the answer to the send itself.
receipts = Table(
    "receipts",
    metadata,
    Column("id", BigInteger, Identity(always=True), primary_key=True),
    Column("reference", UUID(as_uuid=True), nullable=False),
    Column("notify_id", UUID(as_uuid=True), nullable=False),
    Column("status", Text, nullable=False),
    Column(
        "received_at",
        DateTime(timezone=True),
        nullable=False,
        server_default=text("clock_timestamp()"),
    ),
    Column("applied_at", DateTime(timezone=True)),
    Index("receipts_waiting", "id", postgresql_where=text("applied_at IS NULL")),
)
