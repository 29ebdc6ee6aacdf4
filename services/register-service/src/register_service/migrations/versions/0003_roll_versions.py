"""Name every state of a school's roll, so that a copy kept in memory knows when it is out of date.

Triggers rather than a line in each statement: a roll that changed under its old name would give a
child's mark to nobody, or to a child who left, and no later statement can forget them.
"""

from alembic import op

revision = "0003_roll_versions"
down_revision = "0002_marks_by_date"

_TABLES = ("enrolments", "enrolment_keys")
# Of an update both: a line that is moved to another school changes two rolls.
_CHANGES = (("INSERT", "NEW"), ("UPDATE", "OLD"), ("UPDATE", "NEW"), ("DELETE", "OLD"))

_RENEW = """
    CREATE FUNCTION renew_roll_version() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        UPDATE schools SET roll_version = uuidv7() WHERE id IN (SELECT school_id FROM changed);
        RETURN NULL;
    END $$
"""


def upgrade() -> None:
    op.execute("ALTER TABLE schools ADD COLUMN roll_version uuid NOT NULL DEFAULT uuidv7()")
    op.execute(_RENEW)
    for table in _TABLES:
        for event, rows in _CHANGES:
            op.execute(f"""
                CREATE TRIGGER {_name(event, rows)} AFTER {event} ON {table}
                REFERENCING {rows} TABLE AS changed
                FOR EACH STATEMENT EXECUTE FUNCTION renew_roll_version()
            """)


def downgrade() -> None:
    for table in _TABLES:
        for event, rows in _CHANGES:
            op.execute(f"DROP TRIGGER {_name(event, rows)} ON {table}")
    op.execute("DROP FUNCTION renew_roll_version")
    op.execute("ALTER TABLE schools DROP COLUMN roll_version")


def _name(event: str, rows: str) -> str:
    return f"renew_roll_version_of_{rows.lower()}_on_{event.lower()}"
