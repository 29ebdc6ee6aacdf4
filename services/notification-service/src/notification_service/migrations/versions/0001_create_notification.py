"""Create the service's tables: schools, episodes, messages, receipts and the runtime's own."""

from alembic import op

from attendance_runtime.migrations import create_runtime_tables, drop_runtime_tables

revision = "0001_create_notification"
down_revision = None

_SCHOOLS = """
    CREATE TABLE schools (
        id uuid PRIMARY KEY,
        urn text NOT NULL,
        am_starts_at time NOT NULL,
        pm_starts_at time NOT NULL,
        register_open_minutes integer NOT NULL,
        contact_grace_minutes integer NOT NULL,
        version integer NOT NULL
    )
"""

_EPISODES = """
    CREATE TABLE episodes (
        id uuid PRIMARY KEY,
        enrolment_id uuid NOT NULL,
        child_id uuid NOT NULL,
        school_id uuid NOT NULL,
        date date NOT NULL,
        round smallint NOT NULL,
        am_state text,
        am_recorded_at timestamptz,
        pm_state text,
        pm_recorded_at timestamptz,
        version integer NOT NULL,
        UNIQUE (enrolment_id, date)
    )
"""

_MESSAGES = """
    CREATE TABLE messages (
        id uuid PRIMARY KEY,
        episode_id uuid NOT NULL REFERENCES episodes (id),
        school_id uuid NOT NULL,
        round smallint NOT NULL,
        kind text NOT NULL,
        contact_id uuid,
        state text NOT NULL,
        due_at timestamptz,
        attempt integer NOT NULL DEFAULT 0,
        tried_at timestamptz,
        retry_at timestamptz,
        lease_until timestamptz,
        reference uuid,
        channel text,
        template_id uuid,
        notify_id uuid,
        reason text,
        sent_at timestamptz,
        settled_at timestamptz,
        UNIQUE NULLS NOT DISTINCT (episode_id, round, kind, contact_id),
        CHECK (kind IN ('first', 'correction')),
        CHECK (state IN ('due', 'sending', 'sent', 'delivered', 'failed', 'cancelled'))
    )
"""

_RECEIPTS = """
    CREATE TABLE receipts (
        id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
        reference uuid NOT NULL,
        notify_id uuid NOT NULL,
        status text NOT NULL,
        received_at timestamptz NOT NULL DEFAULT clock_timestamp(),
        applied_at timestamptz
    )
"""

_INDEXES = (
    "CREATE INDEX schools_urn ON schools (urn)",
    "CREATE INDEX episodes_school ON episodes (school_id, date, id)",
    "CREATE INDEX messages_due ON messages (due_at) WHERE state = 'due' AND retry_at IS NULL",
    """
    CREATE INDEX messages_due_again ON messages (retry_at)
    WHERE state = 'due' AND retry_at IS NOT NULL
    """,
    "CREATE INDEX messages_due_school ON messages (school_id) WHERE state = 'due'",
    "CREATE INDEX messages_in_hand ON messages (lease_until) WHERE state = 'sending'",
    "CREATE INDEX messages_reference ON messages (reference) WHERE reference IS NOT NULL",
    "CREATE INDEX receipts_waiting ON receipts (id) WHERE applied_at IS NULL",
)


def upgrade() -> None:
    for statement in (_SCHOOLS, _EPISODES, _MESSAGES, _RECEIPTS, *_INDEXES):
        op.execute(statement)
    create_runtime_tables()


def downgrade() -> None:
    drop_runtime_tables()
    op.execute("DROP TABLE receipts, messages, episodes, schools")
