"""Create the register's tables: schools, calendars, roll, care, marks and the runtime's own.

Marks are partitioned by school year. The years stand here in full, so that no job has to remember
to make the next one; `calendar.domain.YEARS_KEPT` names the same years and a test compares them.
"""

from alembic import op

from attendance_runtime.migrations import create_runtime_tables, drop_runtime_tables

revision = "0001_create_register"
down_revision = None

_FIRST_YEAR, _LAST_YEAR = 2019, 2030

_SCHOOLS = (
    """
    CREATE TABLE schools (
        id uuid PRIMARY KEY,
        urn text NOT NULL UNIQUE,
        name text NOT NULL,
        phase text NOT NULL,
        authority_code text NOT NULL,
        trust text,
        mis_supplier text,
        am_starts_at time NOT NULL,
        pm_starts_at time NOT NULL,
        register_open_minutes integer NOT NULL,
        contact_grace_minutes integer NOT NULL,
        hours_per_day numeric(3, 1) NOT NULL,
        contact_codes text[] NOT NULL,
        attendance_lead text,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE calendars (
        school_id uuid NOT NULL REFERENCES schools (id),
        school_year smallint NOT NULL,
        terms jsonb NOT NULL,
        closures jsonb NOT NULL,
        slots smallint[] NOT NULL,
        version integer NOT NULL,
        PRIMARY KEY (school_id, school_year)
    )
    """,
)

_ROLL = (
    """
    CREATE TABLE children (
        id uuid PRIMARY KEY,
        forename text NOT NULL,
        surname text NOT NULL,
        date_of_birth date NOT NULL,
        confidential_address boolean NOT NULL DEFAULT false,
        version integer NOT NULL
    )
    """,
    """
    CREATE TABLE identifiers (
        scheme text NOT NULL,
        value text NOT NULL,
        child_id uuid NOT NULL REFERENCES children (id),
        valid_from date NOT NULL,
        valid_to date,
        source text NOT NULL,
        PRIMARY KEY (scheme, value)
    )
    """,
    "CREATE INDEX identifiers_child_id ON identifiers (child_id)",
    """
    CREATE TABLE enrolments (
        id uuid PRIMARY KEY,
        child_id uuid NOT NULL REFERENCES children (id),
        school_id uuid NOT NULL REFERENCES schools (id),
        starts_on date NOT NULL,
        ends_on date,
        year_group text NOT NULL,
        class_code text NOT NULL,
        status text NOT NULL,
        version integer NOT NULL,
        UNIQUE (school_id, child_id, starts_on)
    )
    """,
    "CREATE INDEX enrolments_class ON enrolments (school_id, class_code)",
    "CREATE INDEX enrolments_child ON enrolments (child_id)",
    """
    CREATE TABLE enrolment_keys (
        school_id uuid NOT NULL,
        scheme text NOT NULL,
        value text NOT NULL,
        enrolment_id uuid NOT NULL REFERENCES enrolments (id),
        PRIMARY KEY (school_id, scheme, value, enrolment_id)
    )
    """,
    "CREATE INDEX enrolment_keys_enrolment ON enrolment_keys (enrolment_id)",
    """
    CREATE TABLE contacts (
        id uuid PRIMARY KEY,
        enrolment_id uuid NOT NULL REFERENCES enrolments (id),
        source_key text NOT NULL,
        name text NOT NULL,
        relationship text NOT NULL,
        mobile text,
        email text,
        priority smallint NOT NULL,
        parental_responsibility boolean NOT NULL,
        court_order boolean NOT NULL,
        language text NOT NULL,
        UNIQUE (enrolment_id, source_key)
    )
    """,
    """
    CREATE TABLE care_statuses (
        child_id uuid NOT NULL REFERENCES children (id),
        kind text NOT NULL,
        authority_code text NOT NULL,
        worker text,
        team text,
        valid_from date NOT NULL,
        valid_to date,
        version integer NOT NULL,
        PRIMARY KEY (child_id, kind, authority_code, valid_from)
    )
    """,
)

_REGISTERS = (
    """
    CREATE TABLE marks (
        enrolment_id uuid NOT NULL,
        date date NOT NULL,
        session text NOT NULL,
        code text NOT NULL,
        source_code text,
        revision integer NOT NULL,
        minutes_late smallint,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (enrolment_id, date, session)
    ) PARTITION BY RANGE (date)
    """,
    """
    CREATE TABLE mark_revisions (
        enrolment_id uuid NOT NULL,
        date date NOT NULL,
        session text NOT NULL,
        revision integer NOT NULL,
        previous_code text NOT NULL,
        code text NOT NULL,
        reason text NOT NULL,
        amender_name text NOT NULL,
        amender_title text NOT NULL,
        amended_by text NOT NULL,
        recorded_at timestamptz NOT NULL,
        PRIMARY KEY (enrolment_id, date, session, revision)
    )
    """,
    """
    CREATE TABLE registers (
        school_id uuid NOT NULL,
        date date NOT NULL,
        session text NOT NULL,
        class_code text NOT NULL,
        taken_by text NOT NULL,
        first_taken_at timestamptz NOT NULL,
        last_sent_at timestamptz NOT NULL,
        times_sent integer NOT NULL,
        PRIMARY KEY (school_id, date, session, class_code)
    )
    """,
    """
    CREATE TABLE missing_registers (
        school_id uuid NOT NULL,
        date date NOT NULL,
        session text NOT NULL,
        announced_at timestamptz NOT NULL,
        PRIMARY KEY (school_id, date, session)
    )
    """,
)

# Dependents first, for the way back.
_TABLES = (
    "missing_registers, registers, mark_revisions, marks, care_statuses, contacts, "
    "enrolment_keys, enrolments, identifiers, children, calendars, schools"
)


def upgrade() -> None:
    for statement in (*_SCHOOLS, *_ROLL, *_REGISTERS):
        op.execute(statement)
    for year in range(_FIRST_YEAR, _LAST_YEAR + 1):
        op.execute(
            f"CREATE TABLE marks_{year}_{(year + 1) % 100:02d} PARTITION OF marks "
            f"FOR VALUES FROM ('{year}-09-01') TO ('{year + 1}-09-01')"
        )
    create_runtime_tables()


def downgrade() -> None:
    drop_runtime_tables()
    op.execute(f"DROP TABLE {_TABLES}")
