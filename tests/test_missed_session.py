"""The main job: from the register to the family, the ladder and the view.

Two API processes and two workers of every service share the work of each test.
"""

from collections.abc import Awaitable, Callable
from datetime import date, timedelta
from typing import Any

import pytest

FIRST = "first-contact"
CORRECTION = "correction"
SchoolBuilder = Callable[..., Awaitable[Any]]
Eventually = Callable[..., Awaitable[Any]]


async def test_a_missed_session_reaches_the_family_and_the_social_worker(
    a_school: SchoolBuilder, eventually: Eventually
) -> None:
    school = await a_school()
    worker = await school.allocate(0)
    await school.at("09:19:58")
    assert (await school.send("N/"))["state"] == "recorded"
    await school.told_at_last(0, FIRST)
    assert await school.told(1) == []

    async def absent_in_the_view() -> Any:
        page = await school.platform.send(worker, "GET", "reporting", f"/v1/caseloads/{worker}")
        return page.status_code == 200 and '"N"' in page.text and "Pupil A" in page.text

    await eventually(absent_in_the_view)


async def test_nobody_is_told_before_the_register_has_closed_and_the_grace_is_over(
    a_school: SchoolBuilder,
) -> None:
    school = await a_school()
    await school.at("08:50")
    await school.send("N/")
    await school.never_told_more(0)
    await school.at("09:20:01")
    await school.told_at_last(0, FIRST)


async def test_a_child_who_arrives_before_contact_is_due_frightens_nobody(
    a_school: SchoolBuilder,
) -> None:
    school = await a_school()
    await school.at("09:00")
    await school.send("N/")
    await school.send("L/")
    await school.at("09:20:01")
    await school.never_told_more(0)


async def test_a_correction_in_the_office_before_contact_stops_it(a_school: SchoolBuilder) -> None:
    school = await a_school()
    await school.at("09:00")
    await school.send("N/")
    await school.amend(0, "I")
    await school.at("09:20:01")
    await school.never_told_more(0)


async def test_a_correction_after_contact_is_said_once_to_those_who_were_told(
    a_school: SchoolBuilder,
) -> None:
    school = await a_school()
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST)
    await school.amend(0, "L")
    await school.told_at_last(0, FIRST, CORRECTION)
    await school.amend(0, "U")
    await school.never_told_more(0, FIRST, CORRECTION)


@pytest.mark.parametrize("code", ["I", "M", "G", "O"])
async def test_a_family_that_was_told_what_was_true_is_sent_no_apology(
    a_school: SchoolBuilder, code: str
) -> None:
    school = await a_school()
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST)
    await school.amend(0, code)
    await school.never_told_more(0, FIRST)


async def test_an_o_after_an_n_explains_nothing_to_a_family_not_yet_told(
    a_school: SchoolBuilder,
) -> None:
    school = await a_school()
    await school.at("08:55")
    await school.send("N/")
    await school.send("O/")
    await school.at("09:20:01")
    await school.told_at_last(0, FIRST)


async def test_a_correction_at_the_very_moment_of_contact_leaves_no_false_belief(
    a_school: SchoolBuilder,
) -> None:
    """Whichever comes first, the family ends up knowing what is true, and hears it once."""
    school = await a_school()
    await school.at("09:19:59.5")
    await school.send("N/")
    await school.amend(0, "L")
    await school.at("09:21")
    await school.never_told_more(0, *await settled(school))


async def settled(school: Any) -> list[str]:
    """Return what was said, which is nothing or a message with its correction."""
    said: list[str] = await school.told(0)
    if said:
        await school.told_at_last(0, FIRST, CORRECTION)
        return [FIRST, CORRECTION]
    return []


async def test_recorded_withdrawn_and_recorded_again_before_contact_is_one_message(
    a_school: SchoolBuilder,
) -> None:
    school = await a_school()
    await school.at("09:00")
    for codes in ("N/", "//", "N/"):
        await school.send(codes)
    await school.at("09:20:01")
    await school.told_at_last(0, FIRST)


async def test_recorded_withdrawn_and_recorded_again_after_contact_is_said_each_time(
    a_school: SchoolBuilder,
) -> None:
    school = await a_school()
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST)
    await school.send("//")
    await school.told_at_last(0, FIRST, CORRECTION)
    await school.send("N/")
    await school.told_at_last(0, FIRST, CORRECTION, FIRST)


async def test_the_afternoon_joins_the_mornings_contact(a_school: SchoolBuilder) -> None:
    school = await a_school()
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST)
    await school.at("13:40")
    await school.send("N\\", session="PM")
    await school.never_told_more(0, FIRST)


async def test_a_resent_register_after_an_office_correction_says_nothing(
    a_school: SchoolBuilder,
) -> None:
    school = await a_school()
    await school.at("09:30")
    await school.send("N/")
    await school.told_at_last(0, FIRST)
    await school.amend(0, "L")
    await school.told_at_last(0, FIRST, CORRECTION)
    assert (await school.send("N/"))["state"] == "unchanged"
    await school.never_told_more(0, FIRST, CORRECTION)


async def test_a_dual_registered_child_is_looked_for_by_the_school_that_expects_them(
    a_school: SchoolBuilder,
) -> None:
    main, other = await a_school(), await a_school()
    line = {"upn": main.upns[0], "mis_id": "9", "status": "subsidiary"}
    await other.enrol(line)
    await other.at("09:30")
    day = (other.monday - main.monday).days
    await main.send("D/", day=day)
    await other.send_marks([{"mis_id": "9", "code": "N"}])
    await other.told_at_last(2, FIRST)
    await main.never_told_more(0)


@pytest.mark.parametrize(
    ("day_before", "due_utc_hour"),
    [(date(2027, 3, 26), 8), (date(2026, 10, 23), 9)],
    ids=["clocks go forward", "clocks go back"],
)
async def test_contact_is_due_by_the_schools_own_clock_when_the_clocks_change(
    a_school: SchoolBuilder, *, day_before: date, due_utc_hour: int
) -> None:
    """Registers close at 09:15 by the wall clock on the Friday and on the Monday after."""
    monday = day_before + timedelta(days=3)
    school = await a_school(starts=monday)
    await school.at("09:19:55")
    assert school.platform.clock.now().hour == due_utc_hour
    await school.send("N/")
    assert await school.told(0) == []
    await school.told_at_last(0, FIRST)


async def test_twenty_unauthorised_sessions_open_a_case_and_a_correction_withdraws_it(
    a_school: SchoolBuilder, eventually: Eventually
) -> None:
    school = await a_school()
    await school.at("18:00", day=18)
    for day in (*range(5), *range(7, 12)):
        for session in ("AM", "PM"):
            await school.send("O", day=day, session=session)
    cases = f"/v1/schools/{school.urn}/cases"

    async def open_case() -> Any:
        page = await school.platform.send(school.office, "GET", "escalation", f"{cases}?state=open")
        return page.status_code == 200 and page.json()["cases"]

    found = await eventually(open_case)
    assert [case["assigned_to"] for case in found] == [f"lead-{school.urn}"]
    decision = await school.platform.call(
        school.office, "GET", "escalation", f"/v1/decisions/{found[0]['decision_id']}"
    )
    assert len(decision.json()["marks"]) == 20
    await school.amend(0, "I", day=3)

    async def closed() -> bool:
        return not await open_case()

    await eventually(closed)
