"""Let a round have several first messages, and know again the addresses at which one failed."""

from alembic import op

revision = "0003_turns"
down_revision = "0002_reach_versions"

_FORWARD = (
    "ALTER TABLE episodes ADD COLUMN exhausted_in smallint",
    "ALTER TABLE messages ADD COLUMN fingerprint uuid",
    "CREATE INDEX messages_round ON messages (episode_id, round)",
    """
    CREATE UNIQUE INDEX messages_first ON messages (episode_id, round)
    WHERE kind = 'first' AND state <> 'failed'
    """,
    """
    CREATE UNIQUE INDEX messages_correction ON messages (episode_id, round, contact_id)
    WHERE kind = 'correction'
    """,
    "ALTER TABLE messages DROP CONSTRAINT messages_episode_id_round_kind_contact_id_key",
)

_BACK = (
    """
    ALTER TABLE messages
    ADD UNIQUE NULLS NOT DISTINCT (episode_id, round, kind, contact_id)
    """,
    "DROP INDEX messages_correction, messages_first, messages_round",
    "ALTER TABLE messages DROP COLUMN fingerprint",
    "ALTER TABLE episodes DROP COLUMN exhausted_in",
)


def upgrade() -> None:
    for statement in _FORWARD:
        op.execute(statement)


def downgrade() -> None:
    for statement in _BACK:
        op.execute(statement)
