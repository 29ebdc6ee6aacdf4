"""Keep how new the relations of each school and child are: an older event must not restore one."""

from alembic import op

from attendance_runtime.migrations import create_runtime_tables

revision = "0004_reach_versions"
down_revision = "0003_untold_families"

_KNOWN = (
    "SELECT id, version FROM schools",
    "SELECT child_id, version FROM care",
)


def upgrade() -> None:
    create_runtime_tables()
    for statement in _KNOWN:
        op.execute(f"INSERT INTO reach_versions {statement} ON CONFLICT DO NOTHING")


def downgrade() -> None:
    op.execute("DROP TABLE reach_versions")
