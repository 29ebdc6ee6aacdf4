"""Keep the calls that the office makes where no correction could go."""

from alembic import op

revision = "0004_calls"
down_revision = "0003_turns"

_FORWARD = (
    """
    CREATE TABLE calls (
        episode_id uuid NOT NULL REFERENCES episodes (id),
        round smallint NOT NULL,
        outcome text NOT NULL,
        made_at timestamptz NOT NULL,
        made_by text NOT NULL,
        PRIMARY KEY (episode_id, round)
    )
    """,
    """
    CREATE INDEX messages_not_corrected ON messages (school_id)
    WHERE kind = 'correction' AND state = 'failed'
    """,
)

_BACK = ("DROP INDEX messages_not_corrected", "DROP TABLE calls")


def upgrade() -> None:
    for statement in _FORWARD:
        op.execute(statement)


def downgrade() -> None:
    for statement in _BACK:
        op.execute(statement)
