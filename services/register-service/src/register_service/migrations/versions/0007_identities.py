"""Who a child is belongs to the enrolment; a child record ties enrolments together, no more.

Columns and a table are dropped in the step that replaces them: no release before this one was
deployed. From the first deployment on a migration adds, and drops only what no code reads any more.
"""

from alembic import op

revision = "0007_identities"
down_revision = "0006_establishments"

_SAID = """
    forename text NOT NULL,
    surname text NOT NULL,
    date_of_birth date NOT NULL,
    sex text,
    confidential_by text,
    revision integer NOT NULL
"""

_FORWARD = (
    f"CREATE TABLE identities (enrolment_id uuid PRIMARY KEY REFERENCES enrolments (id), {_SAID})",
    f"""
    CREATE TABLE identity_revisions (
        enrolment_id uuid NOT NULL REFERENCES enrolments (id),
        {_SAID},
        replaced_at timestamptz NOT NULL,
        replaced_by text NOT NULL,
        replaced_by_subject text NOT NULL,
        reason text,
        PRIMARY KEY (enrolment_id, revision)
    )
    """,
    # Nobody knows any more which school asked for it: each may lift its own.
    """
    INSERT INTO identities
    SELECT enrolments.id, forename, surname, date_of_birth, NULL,
           CASE WHEN confidential_address THEN 'school:' || urn END, 1
    FROM enrolments
    JOIN children ON children.id = child_id
    JOIN schools ON schools.id = school_id
    """,
    """
    CREATE TABLE upns (
        upn text PRIMARY KEY,
        first_sent_on date NOT NULL,
        first_sent_by text NOT NULL
    )
    """,
    """
    INSERT INTO upns SELECT value, valid_from, source FROM identifiers WHERE scheme = 'UPN'
    """,
    "CREATE INDEX enrolment_keys_upn ON enrolment_keys (value) WHERE scheme = 'UPN'",
    "DROP TABLE identifiers",
    """
    ALTER TABLE children DROP COLUMN forename, DROP COLUMN surname, DROP COLUMN date_of_birth,
        DROP COLUMN confidential_address, DROP COLUMN version
    """,
    # Where the enrolments of a child went who turned out to be another one.
    "ALTER TABLE children ADD COLUMN moved_to uuid REFERENCES children (id)",
    """
    CREATE TABLE link_proposals (
        id uuid PRIMARY KEY,
        newcomer_enrolment uuid NOT NULL REFERENCES enrolments (id),
        earlier_enrolment uuid NOT NULL REFERENCES enrolments (id),
        differing text[] NOT NULL,
        state text NOT NULL CONSTRAINT link_proposals_state_check
            CHECK (state IN ('proposed', 'confirmed', 'refused', 'overtaken')),
        version integer NOT NULL,
        proposed_at timestamptz NOT NULL,
        decided_at timestamptz,
        decided_by text,
        decided_by_subject text,
        reason text
    )
    """,
    "CREATE INDEX link_proposals_newcomer ON link_proposals (newcomer_enrolment)",
    "CREATE INDEX link_proposals_earlier ON link_proposals (earlier_enrolment)",
    """
    CREATE UNIQUE INDEX link_proposals_standing
        ON link_proposals (newcomer_enrolment, earlier_enrolment) WHERE state = 'proposed'
    """,
)

# The way back picks one school's word for each child: the one that was on roll last.
_BACK = (
    "DROP TABLE link_proposals",
    "ALTER TABLE children DROP COLUMN moved_to",
    "DELETE FROM children WHERE NOT EXISTS (SELECT FROM enrolments WHERE child_id = children.id)",
    """
    ALTER TABLE children ADD COLUMN forename text, ADD COLUMN surname text,
        ADD COLUMN date_of_birth date,
        ADD COLUMN confidential_address boolean NOT NULL DEFAULT false,
        ADD COLUMN version integer NOT NULL DEFAULT 1
    """,
    """
    UPDATE children SET forename = said.forename, surname = said.surname,
        date_of_birth = said.date_of_birth, confidential_address = said.confidential
    FROM (
        SELECT DISTINCT ON (child_id) child_id, forename, surname, date_of_birth,
               bool_or(confidential_by IS NOT NULL) OVER (PARTITION BY child_id) AS confidential
        FROM identities JOIN enrolments ON enrolments.id = enrolment_id
        ORDER BY child_id, starts_on DESC
    ) AS said
    WHERE children.id = said.child_id
    """,
    """
    ALTER TABLE children ALTER COLUMN forename SET NOT NULL, ALTER COLUMN surname SET NOT NULL,
        ALTER COLUMN date_of_birth SET NOT NULL, ALTER COLUMN version DROP DEFAULT
    """,
    """
    CREATE TABLE identifiers (
        scheme text NOT NULL,
        value text NOT NULL,
        child_id uuid NOT NULL REFERENCES children (id),
        valid_from date NOT NULL,
        valid_to date,
        source text NOT NULL,
        PRIMARY KEY (scheme, value)
    )
    """,
    "CREATE INDEX identifiers_child_id ON identifiers (child_id)",
    """
    INSERT INTO identifiers
    SELECT DISTINCT ON (value) 'UPN', value, child_id, first_sent_on, NULL, first_sent_by
    FROM enrolment_keys
    JOIN upns ON upn = value
    JOIN enrolments ON enrolments.id = enrolment_id
    WHERE scheme = 'UPN'
    ORDER BY value, enrolment_id
    """,
    "DROP INDEX enrolment_keys_upn",
    "DROP TABLE upns, identity_revisions, identities",
)


def upgrade() -> None:
    for statement in _FORWARD:
        op.execute(statement)


def downgrade() -> None:
    for statement in _BACK:
        op.execute(statement)
