"""Decisions over HTTP: everything a decision saw, and the same in words."""

from attendance_runtime.database import Database
from escalation_testing.facts import AChild, Caller, consume


async def test_a_decision_shows_what_it_saw_and_says_it_in_words(
    officer: Caller, child: AChild
) -> None:
    answer = await officer.get(f"/v1/enrolments/{child.id}/decisions")
    [listed] = answer.json()["decisions"]
    decision = (await officer.get(f"/v1/decisions/{listed['id']}")).json()
    assert decision == listed
    assert (decision["policy"], decision["policy_version"], decision["rule"]) == (
        "dudley",
        1,
        "ten-days-unauthorised",
    )
    assert decision["window"] == {
        "school_year": "2026/27",
        "first": "2026-09-01",
        "last": "2027-08-31",
    }
    assert decision["sessions"] == len(decision["marks"]) == 20
    assert decision["marks"][0] == {"date": "2026-09-01", "session": "AM", "code": "O"}
    assert decision["longest_run"]["sessions"] == 20
    assert (decision["calendar_version"], decision["school_days"]) == (1, 59)
    words = " ".join(decision["explanation"])
    assert "the policy dudley, version 1, was met on 20 November 2026" in words
    assert "1 September 2026 AM O and PM O" in words
    assert f"It opened the case {decision['case_id']}, which is open." in words


async def test_a_withdrawn_decision_stays_on_record_with_its_withdrawal(
    officer: Caller, child: AChild, database: Database
) -> None:
    day, half = next(iter(child.school.marks))[1:]
    async with database.transaction() as db:
        await consume(db, [child.school.records(day, half, {child.id: "I"})])

    answer = await officer.get(f"/v1/enrolments/{child.id}/decisions")
    met, withdrawal = answer.json()["decisions"]
    assert (met["kind"], met["sessions"]) == ("met", 20)
    assert (withdrawal["kind"], withdrawal["sessions"]) == ("withdrawn", 19)
    assert met["withdrawn_by"] == withdrawal["id"]
    assert withdrawal["withdraws"] == met["id"]
    assert "with the outcome threshold-withdrawn" in met["explanation"][-2]
    assert "corrections had left 19 sessions" in met["explanation"][-1]
    assert "is no longer met" in withdrawal["explanation"][0]
