"""What waits for somebody today, over all schools: registers, and families nobody could tell."""

from typing import Final

from prometheus_client import Gauge
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.waiting import Waiting
from reporting_service.projection.domain import AHEAD

# A school's register of a session is taken to have come when any of thirty of its children has a
# mark that was not entered beforehand: to look at every child of every school would read the whole
# authority.
MISSING: Final = Waiting(
    Gauge(
        "firstday_registers_missing",
        "Today's registers that were not there when due and have not come since",
        ["session"],
    ),
    text(f"""
        SELECT missing.session, count(*)
        FROM schools JOIN missing_registers AS missing
          ON missing.school_id = schools.id AND missing.date = :today
        CROSS JOIN LATERAL (
            SELECT (:today - make_date(year, 9, 1)) * 2 + CAST(missing.session = 'PM' AS integer)
                   AS slot, year
            FROM (SELECT CAST(extract(year FROM :today - interval '8 months') AS integer) AS year)
                 AS years
        ) AS place
        WHERE NOT EXISTS (
            SELECT FROM (SELECT id FROM enrolments WHERE school_id = schools.id LIMIT 30) AS sample
            JOIN enrolment_years ON enrolment_id = sample.id AND school_year = place.year
            WHERE get_byte(marks, place.slot) <> 0 AND get_byte(marks, place.slot) & {AHEAD} = 0
        )
        GROUP BY missing.session
    """),  # noqa: S608 - our own number
    tuple(session.value for session in Session),
)

UNTOLD: Final = Waiting(
    Gauge(
        "firstday_families_untold",
        "Today's absences of which nobody could be told, and nobody is left to tell",
    ),
    text("""
        SELECT 'untold', count(*) FROM schools JOIN untold_families AS untold
          ON untold.school_id = schools.id AND untold.date = :today
    """),
)
