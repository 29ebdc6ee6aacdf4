"""Key the marks by date first: a session's marks lie together, however many are kept.

With the enrolment first each mark of a session went to a page of the index of its own. The table is
locked while its key is built: outside school hours.
"""

from alembic import op

revision = "0002_marks_by_date"
down_revision = "0001_create_register"


def upgrade() -> None:
    _key_by("date, session, enrolment_id")


def downgrade() -> None:
    _key_by("enrolment_id, date, session")


def _key_by(columns: str) -> None:
    op.execute("ALTER TABLE marks DROP CONSTRAINT marks_pkey")
    op.execute(f"ALTER TABLE marks ADD PRIMARY KEY ({columns})")
