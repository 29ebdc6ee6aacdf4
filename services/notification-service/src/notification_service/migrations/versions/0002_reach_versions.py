"""Keep how new the relations of each school and child are: an older event must not restore one."""

from alembic import op

from attendance_runtime.migrations import create_runtime_tables

revision = "0002_reach_versions"
down_revision = "0001_create_notification"

_KNOWN = ("SELECT id, version FROM schools",)


def upgrade() -> None:
    create_runtime_tables()
    for statement in _KNOWN:
        op.execute(f"INSERT INTO reach_versions {statement} ON CONFLICT DO NOTHING")


def downgrade() -> None:
    op.execute("DROP TABLE reach_versions")
