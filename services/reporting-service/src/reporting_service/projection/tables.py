"""One row per enrolment and school year, and one per school and school year: their sum."""

from sqlalchemy import (
    Boolean,
    Column,
    Computed,
    DateTime,
    Integer,
    LargeBinary,
    PrimaryKeyConstraint,
    SmallInteger,
    Table,
    text,
)
from sqlalchemy.dialects.postgresql import UUID

from reporting_service.metadata import metadata

# What an enrolment's year counts as in its school's: the rules of `Tally`, worked out where they
# are read (virtual), for the statement that moves both.
_POSSIBLE = "attended + authorised + unauthorised"
_ABSENT = "authorised + unauthorised"
_HAS_POSSIBLE = f"{_POSSIBLE} > 0"
_IS_PERSISTENT = f"{_POSSIBLE} > 0 AND 10 * ({_ABSENT}) >= {_POSSIBLE}"
_IS_SEVERE = f"{_POSSIBLE} > 0 AND 2 * ({_ABSENT}) >= {_POSSIBLE}"

# What the column is added with, so that a process of before goes on counting as it did.
EVERY_SESSION = text("decode(repeat('ff', 92), 'hex')")

# `marks` holds one byte for each of the 732 slots of a school year (the number of a code, zero for
# no mark), so a changed calendar moves nothing and every view reads one row. The row has a fixed
# length, no second index, and half of each page is left empty: an update stays on its page and
# touches no index (a heap-only tuple). The roll alone says whose row it is and at which school.
# `sessions` has a bit for each slot: whether the child is on roll and the school in session then.
# It is made anew when roll or calendar change, so that a mark finds its answer in the row it is
# written to. The two spare bits of a mark's byte say that it was entered ahead, and that its
# session is still to come (`projection/domain.py`).
enrolment_years = Table(
    "enrolment_years",
    metadata,
    Column("enrolment_id", UUID(as_uuid=True), nullable=False),
    Column("school_year", SmallInteger, nullable=False),
    Column("attended", SmallInteger, nullable=False, server_default="0"),
    Column("authorised", SmallInteger, nullable=False, server_default="0"),
    Column("unauthorised", SmallInteger, nullable=False, server_default="0"),
    Column("marks", LargeBinary, nullable=False),
    Column("sessions", LargeBinary, nullable=False, server_default=EVERY_SESSION),
    Column("has_possible", Boolean, Computed(_HAS_POSSIBLE, persisted=False)),
    Column("is_persistent", Boolean, Computed(_IS_PERSISTENT, persisted=False)),
    Column("is_severe", Boolean, Computed(_IS_SEVERE, persisted=False)),
    PrimaryKeyConstraint("enrolment_id", "school_year"),
    postgresql_with={"fillfactor": 45},
)

# The sum of the year rows of a school's enrolments, moved by the statement that moves them, and
# when the newest register in them was recorded: the stamp every view shows.
school_years = Table(
    "school_years",
    metadata,
    Column("school_id", UUID(as_uuid=True), nullable=False),
    Column("school_year", SmallInteger, nullable=False),
    Column("recorded_at", DateTime(timezone=True)),
    Column("attended", Integer, nullable=False, server_default="0"),
    Column("authorised", Integer, nullable=False, server_default="0"),
    Column("unauthorised", Integer, nullable=False, server_default="0"),
    Column("enrolments", Integer, nullable=False, server_default="0"),
    Column("persistent", Integer, nullable=False, server_default="0"),
    Column("severe", Integer, nullable=False, server_default="0"),
    PrimaryKeyConstraint("school_id", "school_year"),
    postgresql_with={"fillfactor": 50},
)
