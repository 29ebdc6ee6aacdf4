"""Keep the list of establishments: an authority writes settings of those it is given, no others.

Schools kept by now are taken into the list as they stand, so that each goes on answering to its
authority until the platform's administrator loads the true list over them.
"""

from alembic import op

revision = "0006_establishments"
down_revision = "0005_reach_versions"


def upgrade() -> None:
    op.execute("""
        CREATE TABLE establishments (
            urn text PRIMARY KEY,
            authority_code text NOT NULL,
            number text,
            name text NOT NULL,
            kind text,
            phase text,
            status text NOT NULL,
            opened_on date,
            closed_on date
        )
    """)
    op.execute("""
        INSERT INTO establishments (urn, authority_code, name, phase, status)
        SELECT urn, authority_code, name, phase, 'open' FROM schools
    """)


def downgrade() -> None:
    op.execute("DROP TABLE establishments")
