"""Let a roll be corrected: former UPNs, earlier enrolments, first words, what a source sent last.

While the release before this one runs, a newcomer that it enters has no first word here: a second
school's load then links nobody by itself but asks a person, which is the safe side.
"""

from alembic import op

revision = "0011_corrected_rolls"
down_revision = "0010_marks_taken_back"

_FORWARD = (
    """
    ALTER TABLE enrolment_keys ADD COLUMN replaced_at timestamptz,
        ADD COLUMN replaced_by text, ADD COLUMN replaced_by_subject text
    """,
    """
    CREATE INDEX enrolment_keys_former_upn ON enrolment_keys (value) WHERE scheme = 'FORMER_UPN'
    """,
    # As `read_identifier` reads them from now on: in capitals and without spaces.
    r"""
    UPDATE enrolment_keys SET value = upper(regexp_replace(normalize(value, NFKC), '\s', '', 'g'))
    WHERE scheme = 'MIS_ID'
      AND value <> upper(regexp_replace(normalize(value, NFKC), '\s', '', 'g'))
    """,
    """
    CREATE TABLE first_words (
        upn text NOT NULL,
        school_id uuid NOT NULL,
        enrolment_id uuid NOT NULL REFERENCES enrolments (id),
        date_of_birth date NOT NULL,
        surname text NOT NULL,
        PRIMARY KEY (upn, school_id)
    )
    """,
    """
    INSERT INTO first_words
    SELECT DISTINCT ON (value, school_id) value, school_id, key.enrolment_id,
           coalesce(first.date_of_birth, said.date_of_birth), coalesce(first.surname, said.surname)
    FROM enrolment_keys AS key
    JOIN identities AS said ON said.enrolment_id = key.enrolment_id
    LEFT JOIN identity_revisions AS first
           ON first.enrolment_id = key.enrolment_id AND first.revision = 1
    WHERE scheme = 'UPN'
    ORDER BY value, school_id, key.enrolment_id
    """,
    """
    CREATE TABLE enrolment_revisions (
        enrolment_id uuid NOT NULL REFERENCES enrolments (id),
        version integer NOT NULL,
        starts_on date NOT NULL,
        ends_on date,
        year_group text NOT NULL,
        class_code text NOT NULL,
        status text NOT NULL,
        replaced_at timestamptz NOT NULL,
        replaced_by text NOT NULL,
        replaced_by_subject text NOT NULL,
        PRIMARY KEY (enrolment_id, version)
    )
    """,
    """
    CREATE TABLE last_sent (
        enrolment_id uuid PRIMARY KEY REFERENCES enrolments (id),
        year_group text NOT NULL,
        class_code text NOT NULL,
        ends_on date
    )
    """,
)


def upgrade() -> None:
    for statement in _FORWARD:
        op.execute(statement)


def downgrade() -> None:
    op.execute("DROP TABLE last_sent, enrolment_revisions, first_words")
    op.execute("DELETE FROM enrolment_keys WHERE scheme = 'FORMER_UPN'")
    op.execute("DROP INDEX enrolment_keys_former_upn")
    op.execute("""
        ALTER TABLE enrolment_keys DROP COLUMN replaced_at,
            DROP COLUMN replaced_by, DROP COLUMN replaced_by_subject
    """)
