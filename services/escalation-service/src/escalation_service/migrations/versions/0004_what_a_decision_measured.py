"""Keep with each decision what was measured, the number it gave and over which days.

Decisions of before, and those that the previous version still takes meanwhile, have none of it:
they are read from their codes, threshold, marks and school year, which say the same of them.
"""

from alembic import op

revision = "0004_what_a_decision_measured"
down_revision = "0003_when_sessions_begin"

_COLUMNS = {
    "measure": "jsonb",
    "value": "jsonb",
    "window_first": "date",
    "window_last": "date",
}


def upgrade() -> None:
    for column, kind in _COLUMNS.items():
        op.execute(f"ALTER TABLE decisions ADD COLUMN {column} {kind}")


def downgrade() -> None:
    for column in _COLUMNS:
        op.execute(f"ALTER TABLE decisions DROP COLUMN {column}")
