"""Keep what authorities say of children's care that the register's facts do not bear out."""

from alembic import op

revision = "0008_care_claims"
down_revision = "0007_identities"

_FORWARD = (
    """
    CREATE TABLE care_claims (
        id uuid PRIMARY KEY,
        authority_code text NOT NULL,
        kind text NOT NULL,
        valid_from date NOT NULL,
        valid_to date,
        worker text,
        team text,
        upn text,
        child_id uuid,
        date_of_birth date,
        surname text,
        state text NOT NULL CONSTRAINT care_claims_state_check
            CHECK (state IN ('pending', 'confirmed', 'refused')),
        claimed_at timestamptz NOT NULL,
        decided_at timestamptz,
        decided_by text,
        decided_by_subject text,
        reason text,
        CONSTRAINT care_claims_key
            UNIQUE NULLS NOT DISTINCT (authority_code, kind, valid_from, upn, child_id)
    )
    """,
    "CREATE INDEX care_claims_upn ON care_claims (upn) WHERE state = 'pending'",
    "CREATE INDEX care_claims_child ON care_claims (child_id) WHERE state = 'pending'",
    """
    CREATE TABLE care_stated_facts (
        authority_code text NOT NULL,
        upn text NOT NULL,
        date_of_birth date NOT NULL,
        surname text NOT NULL,
        stated_at timestamptz NOT NULL,
        PRIMARY KEY (authority_code, upn, date_of_birth, surname)
    )
    """,
)


def upgrade() -> None:
    for statement in _FORWARD:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE care_stated_facts, care_claims")
