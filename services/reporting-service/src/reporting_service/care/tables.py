"""A copy of what children's social care says of each child."""

from sqlalchemy import Column, Integer, Table
from sqlalchemy.dialects.postgresql import JSONB, UUID

from reporting_service.metadata import metadata

# The statuses stay together, as they come: views show all of a child's and search none. Who may see
# the child because of them stands in `reach`.
care = Table(
    "care",
    metadata,
    Column("child_id", UUID(as_uuid=True), primary_key=True),
    Column("statuses", JSONB, nullable=False),
    Column("version", Integer, nullable=False),
)
