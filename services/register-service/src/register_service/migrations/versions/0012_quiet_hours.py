"""Each school's quiet hours, in which no family is sent a correction."""

from alembic import op

revision = "0012_quiet_hours"
down_revision = "0011_corrected_rolls"


def upgrade() -> None:
    op.execute("""
        ALTER TABLE schools
        ADD COLUMN quiet_from time NOT NULL DEFAULT '20:00',
        ADD COLUMN quiet_until time NOT NULL DEFAULT '08:00'
    """)


def downgrade() -> None:
    op.execute("ALTER TABLE schools DROP COLUMN quiet_from, DROP COLUMN quiet_until")
