"""One row per enrolment and school year, and how fresh each school's rows are."""

from sqlalchemy import Column, DateTime, LargeBinary, PrimaryKeyConstraint, SmallInteger, Table
from sqlalchemy.dialects.postgresql import UUID

from reporting_service.metadata import metadata

# `marks` holds one byte for each of the 732 slots of a school year (the number of a code, zero for
# no mark), so a changed calendar moves nothing and every view reads one row. The row has a fixed
# length, no second index, and half of each page is left empty: an update stays on its page and
# touches no index (a heap-only tuple). The roll alone says whose row it is and at which school.
enrolment_years = Table(
    "enrolment_years",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("school_year", SmallInteger, nullable=False),
    Column("attended", SmallInteger, nullable=False, server_default="0"),
    Column("authorised", SmallInteger, nullable=False, server_default="0"),
    Column("unauthorised", SmallInteger, nullable=False, server_default="0"),
    Column("marks", LargeBinary, nullable=False),
    PrimaryKeyConstraint("enrolment_id", "school_year"),
    postgresql_with={"fillfactor": 45},
)

# When a school's newest register in these rows was recorded: the stamp every view shows.
school_freshness = Table(
    "school_freshness",
    metadata,
    Column("school_id", UUID(as_uuid=True), primary_key=True),
    Column("recorded_at", DateTime(timezone=True), nullable=False),
    postgresql_with={"fillfactor": 50},
)
