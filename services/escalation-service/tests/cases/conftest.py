from typing import Any

import pytest

from escalation_testing.facts import AChild, Caller


@pytest.fixture
async def case(officer: Caller, child: AChild) -> dict[str, Any]:
    """The child's open case, as the list of the school's cases shows it."""
    answer = await officer.get(f"/v1/schools/{child.school.urn}/cases?state=open")
    assert answer.status_code == 200
    cases: list[dict[str, Any]] = answer.json()["cases"]
    [case] = cases
    return case
