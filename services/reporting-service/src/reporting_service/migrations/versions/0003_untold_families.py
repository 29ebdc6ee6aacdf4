"""Keep whose family could not be told of an absence, and since when."""

from alembic import op

revision = "0003_untold_families"
down_revision = "0002_school_years"

_CREATE = """
    CREATE TABLE untold_families (
        school_id uuid NOT NULL,
        date date NOT NULL,
        enrolment_id uuid NOT NULL,
        child_id uuid NOT NULL,
        untold_since timestamptz NOT NULL,
        PRIMARY KEY (school_id, date, enrolment_id)
    )
"""


def upgrade() -> None:
    op.execute(_CREATE)


def downgrade() -> None:
    op.execute("DROP TABLE untold_families")
