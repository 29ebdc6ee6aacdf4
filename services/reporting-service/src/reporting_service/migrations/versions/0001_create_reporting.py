"""Create the year rows, the copies that views join them with, and the runtime's own tables."""

from alembic import op

from attendance_runtime.migrations import create_runtime_tables, drop_runtime_tables

revision = "0001_create_reporting"
down_revision = None

_TABLES = (
    """
    CREATE TABLE enrolment_years (
        enrolment_id uuid NOT NULL,
        school_year smallint NOT NULL,
        attended smallint NOT NULL DEFAULT 0,
        authorised smallint NOT NULL DEFAULT 0,
        unauthorised smallint NOT NULL DEFAULT 0,
        marks bytea STORAGE PLAIN NOT NULL,
        PRIMARY KEY (enrolment_id, school_year)
    )
    WITH (fillfactor = 45)
    """,
    """
    CREATE TABLE school_freshness (
        school_id uuid PRIMARY KEY,
        recorded_at timestamptz NOT NULL
    )
    WITH (fillfactor = 50)
    """,
    """
    CREATE TABLE schools (
        id uuid PRIMARY KEY,
        urn text NOT NULL,
        name text NOT NULL,
        am_starts_at time NOT NULL,
        pm_starts_at time NOT NULL,
        register_open_minutes integer NOT NULL,
        hours_per_day numeric(4, 2) NOT NULL,
        attendance_lead text,
        version integer NOT NULL
    )
    """,
    "CREATE INDEX schools_urn ON schools (urn)",
    """
    CREATE TABLE calendars (
        school_id uuid NOT NULL,
        school_year smallint NOT NULL,
        slots smallint[] NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (school_id, school_year)
    )
    """,
    """
    CREATE TABLE enrolments (
        id uuid PRIMARY KEY,
        child_id uuid NOT NULL,
        school_id uuid NOT NULL,
        starts_on date NOT NULL,
        ends_on date,
        year_group text NOT NULL,
        class_code text NOT NULL,
        status text NOT NULL,
        version integer NOT NULL
    )
    """,
    "CREATE INDEX enrolments_child ON enrolments (child_id)",
    "CREATE INDEX enrolments_school ON enrolments (school_id)",
    """
    CREATE TABLE care (
        child_id uuid PRIMARY KEY,
        statuses jsonb NOT NULL,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE cases (
        id uuid PRIMARY KEY,
        enrolment_id uuid NOT NULL,
        policy text NOT NULL,
        rule text NOT NULL,
        opened_at timestamptz,
        assigned_to text,
        assigned_at timestamptz,
        closed_at timestamptz
    )
    """,
    "CREATE INDEX cases_open_enrolment ON cases (enrolment_id) WHERE closed_at IS NULL",
    """
    CREATE TABLE missing_registers (
        school_id uuid NOT NULL,
        date date NOT NULL,
        session text NOT NULL,
        missing_since timestamptz NOT NULL,
        PRIMARY KEY (school_id, date, session)
    )
    """,
)


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    create_runtime_tables()


def downgrade() -> None:
    drop_runtime_tables()
    for table in (
        "missing_registers",
        "cases",
        "care",
        "enrolments",
        "calendars",
        "schools",
        "school_freshness",
        "enrolment_years",
    ):
        op.execute(f"DROP TABLE {table}")
