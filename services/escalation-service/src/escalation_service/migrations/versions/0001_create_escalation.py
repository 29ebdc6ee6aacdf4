"""Create the tables of escalation: schools, roll, absences, decisions, cases, the runtime's own."""

from alembic import op

from attendance_runtime.migrations import create_runtime_tables, drop_runtime_tables

revision = "0001_create_escalation"
down_revision = None

_TABLES = (
    """
    CREATE TABLE schools (
        id uuid PRIMARY KEY,
        urn text NOT NULL,
        authority_code text NOT NULL,
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
        version integer NOT NULL
    )
    """,
    "CREATE INDEX enrolments_school ON enrolments (school_id)",
    """
    CREATE TABLE absence_marks (
        enrolment_id uuid NOT NULL,
        date date NOT NULL,
        session text NOT NULL,
        code text NOT NULL,
        PRIMARY KEY (enrolment_id, date, session)
    )
    """,
    """
    CREATE TABLE decisions (
        id uuid PRIMARY KEY,
        kind text NOT NULL
            CONSTRAINT decisions_kind_check CHECK (kind IN ('met', 'withdrawn', 'by-hand')),
        enrolment_id uuid NOT NULL,
        child_id uuid NOT NULL,
        school_id uuid NOT NULL,
        policy text NOT NULL,
        policy_version integer NOT NULL,
        rule text NOT NULL,
        title text NOT NULL,
        codes text[] NOT NULL,
        threshold_sessions smallint NOT NULL,
        school_year smallint NOT NULL,
        marks jsonb NOT NULL,
        run jsonb NOT NULL,
        calendar_version integer NOT NULL,
        school_days smallint NOT NULL,
        decided_at timestamptz NOT NULL,
        decided_by text,
        withdraws uuid,
        withdrawn_by uuid
    )
    """,
    "CREATE INDEX decisions_enrolment ON decisions (enrolment_id)",
    """
    CREATE UNIQUE INDEX decisions_standing ON decisions (enrolment_id, school_year, policy, rule)
    WHERE kind = 'met' AND withdrawn_by IS NULL
    """,
    """
    CREATE TABLE cases (
        id uuid PRIMARY KEY,
        decision_id uuid NOT NULL UNIQUE,
        enrolment_id uuid NOT NULL,
        child_id uuid NOT NULL,
        school_id uuid NOT NULL,
        policy text NOT NULL,
        rule text NOT NULL,
        opened_at timestamptz NOT NULL,
        assigned_to text,
        closed_at timestamptz,
        outcome text,
        threshold_withdrawn_at timestamptz,
        worked_on boolean NOT NULL,
        version integer NOT NULL
    )
    """,
    "CREATE INDEX cases_school ON cases (school_id, id)",
    """
    CREATE TABLE case_steps (
        case_id uuid NOT NULL,
        version integer NOT NULL,
        kind text NOT NULL,
        at timestamptz NOT NULL,
        by text,
        assigned_to text,
        outcome text,
        note text,
        PRIMARY KEY (case_id, version)
    )
    """,
)

_NAMES = "case_steps, cases, decisions, absence_marks, enrolments, calendars, schools"


def upgrade() -> None:
    for statement in _TABLES:
        op.execute(statement)
    create_runtime_tables()


def downgrade() -> None:
    drop_runtime_tables()
    op.execute(f"DROP TABLE {_NAMES}")
