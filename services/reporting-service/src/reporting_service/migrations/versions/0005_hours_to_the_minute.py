"""A school day has any number of minutes: 6 hours 25 is 6.4167 hours."""

from alembic import op

revision = "0005_hours_to_the_minute"
down_revision = "0004_reach_versions"


def upgrade() -> None:
    op.execute("ALTER TABLE schools ALTER COLUMN hours_per_day TYPE numeric(6, 4)")


def downgrade() -> None:
    op.execute("ALTER TABLE schools ALTER COLUMN hours_per_day TYPE numeric(4, 2)")
