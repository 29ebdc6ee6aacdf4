"""A later time, of a school's own, from which a register that nobody took is missing."""

from alembic import op

revision = "0013_register_missing_after"
down_revision = "0012_quiet_hours"


def upgrade() -> None:
    op.execute("ALTER TABLE schools ADD COLUMN register_missing_after_minutes integer")


def downgrade() -> None:
    op.execute("ALTER TABLE schools DROP COLUMN register_missing_after_minutes")
