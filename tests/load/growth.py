"""What a mark costs when a hundred thousand, a million and ten million are kept already.

The marks in between are written straight into the tables, session by session as they would come:
register's marks, and escalation's ledger (one in fourteen, ill). Reporting's rows have a fixed
length and do not grow with marks.
"""

import math
from collections.abc import Sequence
from datetime import date, timedelta
from statistics import linear_regression

from loaded import FIRST_DAY, Figures, Loaded

from registers import CLASSES, WHOLE, end_to_end

LEVELS = (100_000, 1_000_000, 10_000_000)
EXTRAPOLATED = 100_000_000
# Before the first day on which registers are sent, weekends too: nothing asks for a calendar here.
_SEEDED_FROM = date(2026, 9, 1)
_MARKS = """
    INSERT INTO marks (enrolment_id, date, session, code, source_code, revision, recorded_at)
    SELECT id, $1, session, '/', '/', 1, now()
    FROM (VALUES ('AM'), ('PM')) AS half (session), enrolments ORDER BY session, id
"""
_LAST_SEEDED = "SELECT max(date) FROM marks WHERE date < $1"
_ABSENCES = """
    INSERT INTO absence_marks (enrolment_id, date, session, code)
    SELECT id, CAST($1 AS date), session, 'I'
    FROM (VALUES ('AM'), ('PM')) AS half (session), enrolments
    WHERE abs(hashtext(concat(id, CAST($1 AS date)))) % 14 = 0 ORDER BY session, id
"""


async def beside(loaded: Loaded, level: int) -> Figures:
    """Measure both kinds of register beside at least so many marks."""
    return {
        "marks_kept": await _seed(loaded, level),
        "whole_school": await end_to_end(loaded, WHOLE, in_flight=8),
        "class": await end_to_end(loaded, CLASSES, in_flight=24),
    }


async def _seed(loaded: Loaded, level: int) -> int:
    """Write marks until so many are kept; how many there are."""
    register, ledger = await loaded.connection("register"), await loaded.connection("escalation")
    try:
        kept = int(await register.fetchval("SELECT count(*) FROM marks"))
        last = await register.fetchval(_LAST_SEEDED, FIRST_DAY)
        day = _SEEDED_FROM if last is None else last + timedelta(days=1)
        while kept < level:
            kept += int((await register.execute(_MARKS, day)).split()[-1])
            await ledger.execute(_ABSENCES, day)
            day += timedelta(days=1)
        for connection, table in ((register, "marks"), (ledger, "absence_marks")):
            await connection.execute(f"VACUUM ANALYZE {table}")
            await connection.execute("CHECKPOINT")
    finally:
        await register.close()
        await ledger.close()
    return kept


def times_the_api(found: Figures) -> float:
    """Return how many times the API's part a mark costs in all.

    The API keeps nothing, so its part stays: what it says of the machine's speed, which moves more
    than the costs do, is taken out of them.
    """
    used = found["cpu_us_a_mark"]
    return float(
        found["cpu_us_a_mark_all"]
        / sum(cost for name, cost in used.items() if name.startswith("register-api"))
    )


def extrapolated(measured: Sequence[Figures], kind: str) -> Figures:
    """Draw the straight line of cost over the logarithm of marks kept on to a hundred million."""
    kept = [math.log10(found["marks_kept"]) for found in measured]
    costs = [found[kind]["cpu_us_a_mark_all"] for found in measured]
    slope, at_none = linear_regression(kept, costs)
    reached = at_none + slope * math.log10(EXTRAPOLATED)
    return {"marks_kept": EXTRAPOLATED, "cpu_us_a_mark_all": reached, "a_tenfold_adds_us": slope}
