"""Keep when a school's sessions begin: a mark of one that has not begun is planned.

Until a school's settings come anew, which `rebuild` sees to, its sessions begin with their day.
"""

from alembic import op

revision = "0003_when_sessions_begin"
down_revision = "0002_reach_versions"

_COLUMNS = ("am_starts_at", "pm_starts_at")


def upgrade() -> None:
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE schools ADD COLUMN {column} time NOT NULL DEFAULT '00:00'")


def downgrade() -> None:
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE schools DROP COLUMN {column}")
