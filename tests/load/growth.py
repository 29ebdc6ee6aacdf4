"""What a mark costs when a hundred thousand, a million and ten million are kept already.

The marks in between are written straight into the tables, session by session as they would come:
register's marks, and escalation's ledger (one in fourteen, ill). Reporting's rows have a fixed
length and do not grow with marks.
"""

import math
from datetime import date, timedelta
from typing import Any

from loaded import Figures, Loaded
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
_ABSENCES = """
    INSERT INTO absence_marks (enrolment_id, date, session, code)
    SELECT id, $1, session, 'I' FROM (VALUES ('AM'), ('PM')) AS half (session), enrolments
    WHERE abs(hashtext(CAST(id AS text) || CAST($1 AS text))) % 14 = 0 ORDER BY session, id
"""


async def growth(loaded: Loaded, most: int) -> Figures:
    """Measure both kinds of register at each number of marks kept, up to the most wanted."""
    found: Figures = {}
    day = _SEEDED_FROM
    for level in (level for level in LEVELS if level <= most):
        day = await _seed(loaded, level, day)
        found[str(level)] = {
            "whole_school": await end_to_end(loaded, WHOLE, in_flight=4),
            "class": await end_to_end(loaded, CLASSES, in_flight=24),
        }
    for kind in ("whole_school", "class"):
        found[f"{kind}_extrapolated"] = _extrapolate(found, kind)
    return found


async def _seed(loaded: Loaded, level: int, day: date) -> date:
    """Write marks until so many are kept; the first day that has none."""
    register, ledger = await loaded.connection("register"), await loaded.connection("escalation")
    try:
        kept = await register.fetchval("SELECT count(*) FROM marks")
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
    return day


def _extrapolate(found: Figures, kind: str) -> Figures:
    """Draw the straight line of cost over the logarithm of marks kept on to a hundred million."""
    points: list[tuple[float, float]] = [
        (math.log10(int(level)), measured[kind]["cpu_us_a_mark_all"])
        for level, measured in found.items()
        if level.isdecimal()
    ]
    slope = _slope(points)
    middle = sum(x for x, _ in points) / len(points), sum(y for _, y in points) / len(points)
    reached = middle[1] + slope * (math.log10(EXTRAPOLATED) - middle[0])
    return {"marks_kept": EXTRAPOLATED, "cpu_us_a_mark_all": reached, "a_tenfold_adds_us": slope}


def _slope(points: list[tuple[float, float]]) -> Any:
    """Least squares; 0 for a single point."""
    mean_x = sum(x for x, _ in points) / len(points)
    mean_y = sum(y for _, y in points) / len(points)
    spread = sum((x - mean_x) ** 2 for x, _ in points)
    return sum((x - mean_x) * (y - mean_y) for x, y in points) / spread if spread else 0.0
