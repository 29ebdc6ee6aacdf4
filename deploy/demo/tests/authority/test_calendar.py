"""Term dates of the generated schools."""

import json
from datetime import date

import pytest

from attendance_contracts.calendar import is_working_day
from demo_authority.authority.calendar import calendar_plan


@pytest.mark.parametrize("variant", range(3))
def test_a_year_has_190_school_days_and_five_training_days(variant: int) -> None:
    plan = calendar_plan(2026, variant)
    assert len(plan.school_days) == 190
    assert sum(closure.kind == "inset" for closure in plan.closures) == 5
    assert all(is_working_day(day) for day in plan.school_days)


def test_schools_differ_in_their_training_days() -> None:
    assert len({calendar_plan(2026, variant).closures for variant in range(3)}) == 3


def test_bank_holidays_in_term_are_closures() -> None:
    closures = {closure.day: closure.kind for closure in calendar_plan(2026, 0).closures}
    assert closures[date(2027, 5, 3)] == "bank_holiday"


def test_no_school_meets_in_its_breaks() -> None:
    plan = calendar_plan(2026, 1)
    for first, last in plan.breaks():
        assert first <= last
        assert not any(first <= day <= last for day in plan.school_days)


def test_a_plan_can_be_written_as_json() -> None:
    written = json.loads(json.dumps(calendar_plan(2026, 0).as_json()))
    assert written["terms"][0]["starts_on"] == "2026-09-01"
    assert {"date": "2027-07-21", "kind": "inset", "name": "Staff training day"} in written[
        "closures"
    ]
