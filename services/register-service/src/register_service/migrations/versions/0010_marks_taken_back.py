"""Marks may be taken back, classes are remembered, and a school day has any number of minutes."""

from alembic import op

revision = "0010_marks_taken_back"
down_revision = "0009_telephones"

_FORWARD = (
    "ALTER TABLE marks ALTER COLUMN code DROP NOT NULL",
    "ALTER TABLE mark_revisions ALTER COLUMN previous_code DROP NOT NULL",
    "ALTER TABLE mark_revisions ALTER COLUMN code DROP NOT NULL",
    """
    CREATE TABLE former_classes (
        enrolment_id uuid NOT NULL REFERENCES enrolments,
        class_code text NOT NULL,
        until date NOT NULL,
        PRIMARY KEY (enrolment_id, until)
    )
    """,
    "ALTER TABLE schools ALTER COLUMN hours_per_day TYPE numeric(6, 4)",
)
# A mark that was taken back, and what it was before, have no place in the older tables.
_BACKWARD = (
    "ALTER TABLE schools ALTER COLUMN hours_per_day TYPE numeric(3, 1)",
    "DROP TABLE former_classes",
    "DELETE FROM mark_revisions WHERE code IS NULL OR previous_code IS NULL",
    "DELETE FROM marks WHERE code IS NULL",
    "ALTER TABLE mark_revisions ALTER COLUMN code SET NOT NULL",
    "ALTER TABLE mark_revisions ALTER COLUMN previous_code SET NOT NULL",
    "ALTER TABLE marks ALTER COLUMN code SET NOT NULL",
)


def upgrade() -> None:
    for statement in _FORWARD:
        op.execute(statement)


def downgrade() -> None:
    for statement in _BACKWARD:
        op.execute(statement)
