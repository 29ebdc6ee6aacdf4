"""Keep each contact's number in E.164 beside what the school wrote, and whom it marks as carer."""

from typing import Final
from uuid import UUID

from alembic import op
from sqlalchemy import text

from attendance_contracts.telephones import read_telephone

revision = "0009_telephones"
down_revision = "0008_care_claims"

_A_BATCH: Final = 5_000

_BATCH: Final = text("""
    SELECT id, mobile FROM contacts WHERE id > :after AND mobile IS NOT NULL ORDER BY id LIMIT :rows
""")

_FILL: Final = text("""
    UPDATE contacts SET mobile_e164 = read.e164
    FROM unnest(CAST(:ids AS uuid[]), CAST(:read AS text[])) AS read (id, e164)
    WHERE contacts.id = read.id AND read.e164 IS NOT NULL
""")


def upgrade() -> None:
    op.execute("ALTER TABLE contacts ADD COLUMN mobile_e164 text, ADD COLUMN is_carer boolean")
    kept, after = op.get_bind(), UUID(int=0)
    while rows := kept.execute(_BATCH, {"after": after, "rows": _A_BATCH}).all():
        read = [read_telephone(written) for _, written in rows]
        kept.execute(_FILL, {"ids": [id_ for id_, _ in rows], "read": read})
        after = rows[-1][0]


def downgrade() -> None:
    op.execute("ALTER TABLE contacts DROP COLUMN mobile_e164, DROP COLUMN is_carer")
