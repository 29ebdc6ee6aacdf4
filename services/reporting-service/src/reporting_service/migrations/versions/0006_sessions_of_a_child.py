"""Note in each year row which sessions are the child's: on roll, and held by the calendar.

The rows of before say "every session", which is how they were counted, by a process of before too.
`python -m reporting_service rebuild` makes them true, beside running workers.
"""

from alembic import op

revision = "0006_sessions_of_a_child"
down_revision = "0005_hours_to_the_minute"

_EVERY_SESSION = "decode(repeat('ff', 92), 'hex')"


def upgrade() -> None:
    op.execute(
        f"ALTER TABLE enrolment_years ADD COLUMN sessions bytea NOT NULL DEFAULT {_EVERY_SESSION}"
    )


def downgrade() -> None:
    op.execute("ALTER TABLE enrolment_years DROP COLUMN sessions")
