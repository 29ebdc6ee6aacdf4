"""Sum each school's enrolments' years, and put the school's stamp of freshness beside the sum.

No year row may move between the sum and the first batch of the worker that moves both. So the rows
are locked while they are summed, and `school_freshness` stays as a view alone: a process of before
can read it and cannot write it. A later release drops the view.
"""

from alembic import op

revision = "0002_school_years"
down_revision = "0001_create_reporting"

_POSSIBLE = "attended + authorised + unauthorised"
_ABSENT = "authorised + unauthorised"
_FLAGS = {
    "has_possible": f"{_POSSIBLE} > 0",
    "is_persistent": f"{_POSSIBLE} > 0 AND 10 * ({_ABSENT}) >= {_POSSIBLE}",
    "is_severe": f"{_POSSIBLE} > 0 AND 2 * ({_ABSENT}) >= {_POSSIBLE}",
}

_CREATE = """
    CREATE TABLE school_years (
        school_id uuid NOT NULL,
        school_year smallint NOT NULL,
        recorded_at timestamptz,
        attended integer NOT NULL DEFAULT 0,
        authorised integer NOT NULL DEFAULT 0,
        unauthorised integer NOT NULL DEFAULT 0,
        enrolments integer NOT NULL DEFAULT 0,
        persistent integer NOT NULL DEFAULT 0,
        severe integer NOT NULL DEFAULT 0,
        PRIMARY KEY (school_id, school_year)
    )
    WITH (fillfactor = 50)
"""

_SUM = f"""
    INSERT INTO school_years
    SELECT enrolment.school_id, year.school_year, max(recorded_at),
           sum(attended), sum(authorised), sum(unauthorised),
           count(*) FILTER (WHERE {_FLAGS["has_possible"]}),
           count(*) FILTER (WHERE {_FLAGS["is_persistent"]}),
           count(*) FILTER (WHERE {_FLAGS["is_severe"]})
    FROM enrolment_years AS year
    JOIN enrolments AS enrolment ON enrolment.id = year.enrolment_id
    LEFT JOIN school_freshness AS freshness ON freshness.school_id = enrolment.school_id
    GROUP BY enrolment.school_id, year.school_year
"""  # noqa: S608 - our own words

_STAMPS = """
    SELECT school_id, max(recorded_at) AS recorded_at FROM school_years
    WHERE recorded_at IS NOT NULL GROUP BY school_id
"""

_FRESHNESS = """
    CREATE TABLE school_freshness (
        school_id uuid PRIMARY KEY,
        recorded_at timestamptz NOT NULL
    )
    WITH (fillfactor = 50)
"""


def upgrade() -> None:
    op.execute(_CREATE)
    op.execute("LOCK TABLE enrolment_years IN SHARE MODE")
    op.execute(_SUM)
    for column, rule in _FLAGS.items():
        op.execute(
            f"ALTER TABLE enrolment_years ADD COLUMN {column} boolean "
            f"GENERATED ALWAYS AS ({rule}) VIRTUAL"
        )
    op.execute("DROP TABLE school_freshness")
    op.execute(f"CREATE VIEW school_freshness AS {_STAMPS}")


def downgrade() -> None:
    op.execute("DROP VIEW school_freshness")
    op.execute(_FRESHNESS)
    op.execute(f"INSERT INTO school_freshness {_STAMPS}")
    op.execute("DROP TABLE school_years")
    for column in _FLAGS:
        op.execute(f"ALTER TABLE enrolment_years DROP COLUMN {column}")
