"""Settings and calendars that come over HTTP plan when registers are looked at."""

from typing import Any

import httpx
from sqlalchemy import text

from attendance_runtime.database import Database

Json = dict[str, Any]
YEAR: Json = {
    "terms": [{"from": "2026-11-02", "to": "2026-12-18"}],
    "closures": [{"date": "2026-11-20", "reason": "INSET"}],
}


async def planned(database: Database) -> list[str]:
    """Each timer's session and moment; the clock of these tests says Friday, 20 November, 09:00."""
    async with database.transaction() as db:
        found = await db.execute(text("SELECT about, due_at FROM timers"))
        return [f"{row.about} at {row.due_at:%d %H:%M}" for row in found]


async def test_a_calendar_plans_the_next_session_alone(
    database: Database, client: httpx.AsyncClient, authority: dict[str, str], school: Json
) -> None:
    assert await planned(database) == []

    answer = await client.put("/v1/schools/100001/calendars/2026", json=YEAR, headers=authority)

    assert answer.is_success, answer.text
    assert await planned(database) == ["2026-11-23 AM at 23 09:25"]


async def test_changed_settings_plan_anew(
    *,
    database: Database,
    client: httpx.AsyncClient,
    authority: dict[str, str],
    school: Json,
    school_body: Json,
) -> None:
    await client.put("/v1/schools/100001/calendars/2026", json=YEAR, headers=authority)

    later = school_body | {"am_starts_at": "09:00:00", "contact_grace_minutes": 15}
    answer = await client.put("/v1/schools/100001", json=later, headers=authority)

    assert answer.is_success, answer.text
    assert await planned(database) == ["2026-11-23 AM at 23 09:45"]


async def test_a_time_of_the_schools_own_plans_anew(
    *,
    database: Database,
    client: httpx.AsyncClient,
    authority: dict[str, str],
    school: Json,
    school_body: Json,
) -> None:
    await client.put("/v1/schools/100001/calendars/2026", json=YEAR, headers=authority)

    asked_later = school_body | {"register_missing_after_minutes": 60}
    answer = await client.put("/v1/schools/100001", json=asked_later, headers=authority)

    assert answer.is_success, answer.text
    assert await planned(database) == ["2026-11-23 AM at 23 10:20"]
