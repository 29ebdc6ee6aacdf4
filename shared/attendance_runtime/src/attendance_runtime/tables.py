"""The runtime's own tables, which every service's database holds."""

from sqlalchemy import BigInteger, Column, DateTime, Identity, Index, MetaData, Table, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, UUID

from attendance_runtime.access.relations import reach_tables
from attendance_runtime.messaging.tables import metadata as runtime_metadata
from attendance_runtime.timers import timer_table
from attendance_runtime.web.idempotency import idempotency_table

reach_tables(runtime_metadata)
idempotency_table(runtime_metadata)
timer_table(runtime_metadata)

# Who read which child's data. Rows are only ever added; retention is a maintenance job's.
access_log = Table(
    "access_log",
    runtime_metadata,
    Column("id", BigInteger, Identity(), primary_key=True),
    Column("at", DateTime(timezone=True), nullable=False, server_default=text("now()")),
    Column("subject", Text, nullable=False),
    Column("organisation", Text, nullable=False),
    Column("action", Text, nullable=False),
    Column("child_ids", ARRAY(UUID(as_uuid=True)), nullable=False),
    Index("access_log_at", "at"),
)


def add_runtime_tables(metadata: MetaData) -> None:
    """Copy the runtime's tables into a service's metadata, so that its migrations see them."""
    for table in runtime_metadata.sorted_tables:
        table.to_metadata(metadata)


__all__ = ["access_log", "add_runtime_tables", "runtime_metadata"]
