"""The story that the examples tell, played once on the running platform."""

import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import date, timedelta
from typing import Any, Final
from uuid import UUID

import httpx
import pytest

from attendance_contracts.identifiers import make_upn
from attendance_runtime.web import paging
from attendance_testing.platform import Platform

from ..access.people import EVERY_SCOPE  # noqa: TID252 - every scope stands there
from ..weeks import school_weeks  # noqa: TID252 - likewise
from .stage import BY_NAME, NO_VERSION, Stage

_BEGIN: Final = (
    "load_establishments",
    "put_school",
    "put_schools",
    "put_calendar",
    "put_calendars",
    "load_roll",
    "set_statuses",
)
_ABSENCE: Final = ("put_class_register", "put_register")
# Until then everything is as the others read it.
_END: Final = (
    "read_calls",
    "record_call",
    "patch_mark",
    "read_mark_history",
    "amend_enrolment",
    "take_receipt",
    "assign_case",
    "close_case",
    "decide_claim",
    "decide_on_proposal",
)
_BETWEEN: Final = [name for name in BY_NAME if name not in {*_BEGIN, *_ABSENCE, "open_case", *_END}]
_STRANGER: Final = "openapi-stranger"
_SCHOOL_DAYS_AWAY: Final = 10
"""Twenty sessions without leave, for which the authority's policy opens a case."""

Answers = Mapping[str, httpx.Response]
"""What examples were answered, by operationId."""


@pytest.fixture(scope="session")
async def stage(platform: Platform, callback_token: str) -> AsyncIterator[Stage]:
    """The platform, and everybody who sends an example."""
    async with httpx.AsyncClient(timeout=30) as http:
        opened = Stage(platform, http, callback_token)
        await opened.let_in()
        yield opened


@pytest.fixture(scope="session")
async def told(
    stage: Stage,
    a_school: Callable[..., Awaitable[Any]],
    eventually: Callable[..., Awaitable[Any]],
) -> tuple[Answers, Answers]:
    """What each example was answered, sent in the order in which one follows from another.

    And what each change was answered beforehand that named a version nobody has seen.
    """
    # The examples are of one school year, which other tests may have left behind by now.
    elsewhere = await a_school(pupils=1, starts=next(school_weeks()))
    stage.is_called("day", str(elsewhere.monday))
    stage.is_called("after", paging.encode([str(UUID(int=0))]))
    answers = {name: await stage.by_name(name) for name in _BEGIN}
    await _enrol(stage, answers["load_roll"], elsewhere)
    await _claim(stage)
    await _be_away(stage, elsewhere.monday)
    await elsewhere.at("09:30")
    answers |= {name: await stage.by_name(name) for name in _ABSENCE}
    await eventually(lambda: _heard_of(stage))
    answers["open_case"] = await stage.by_name("open_case")
    stage.is_called("case_id", answers["open_case"].json()["id"])
    answers |= {name: await stage.by_name(name) for name in _BETWEEN}
    await _be_there_after_all(stage, elsewhere)
    await eventually(lambda: _owes_a_call(stage))
    changes = [name for name in _END if 412 in BY_NAME[name].answers()]
    unseen = {name: await stage.by_name(name, if_match=NO_VERSION) for name in changes}
    answers |= {name: await stage.by_name(name) for name in _END}
    return answers, unseen


@pytest.fixture(scope="session")
def answers(told: tuple[Answers, Answers]) -> Answers:
    """What each example was answered."""
    return told[0]


@pytest.fixture(scope="session")
def unseen(told: tuple[Answers, Answers]) -> Answers:
    """What each change was answered that named a version nobody has seen."""
    return told[1]


async def _enrol(stage: Stage, rolled: httpx.Response, elsewhere: Any) -> None:
    """Enrol the rest of the class, and let another school say that the child is one of its own."""
    [kept] = rolled.json()
    stage.is_called("enrolment_id", kept["enrolment_id"])
    stage.is_called("child_id", kept["child_id"])
    read = await stage.by_name("read_enrolment")
    stage.is_called("school_id", read.json()["school_id"])
    [line] = json.loads(BY_NAME["load_roll"].body())
    others = [
        line | {"upn": make_upn(332, 4999, 2020, place), "mis_id": f"471{place}", "contacts": []}
        for place in (2, 3)
    ]
    await stage.call("staff", "POST", "/v1/schools/100001/roll", others)
    await elsewhere.enrol({"upn": line["upn"], "date_of_birth": "2016-11-30", "mis_id": "newcomer"})
    proposals = await stage.by_name("read_proposals")
    [proposal] = [
        one for one in proposals.json()["items"]
        if one["earlier"]["enrolment_id"] == kept["enrolment_id"]
    ]  # fmt: skip
    stage.is_called("proposal_id", proposal["id"])


async def _claim(stage: Stage) -> None:
    """Let another authority claim the child, knowing nothing but the UPN."""
    await stage.platform.add_client(
        _STRANGER, sub=_STRANGER, org="authority:894", scopes=EVERY_SCOPE
    )
    [line] = json.loads(BY_NAME["load_roll"].body())
    claim = {"upn": line["upn"], "kind": "LAC", "authority_code": "894", "valid_from": "2026-09-01"}
    answer = await stage.platform.call(
        _STRANGER, "POST", "register", "/v1/care-statuses", json=[claim]
    )
    stage.is_called("claim_id", answer.json()[0]["claim_id"])


async def _be_away(stage: Stage, monday: date) -> None:
    """Let the child be away without leave on the school days before."""
    days = (monday - timedelta(days=back) for back in range(1, 2 * _SCHOOL_DAYS_AWAY))
    for day in [day for day in days if day.weekday() < 5][:_SCHOOL_DAYS_AWAY]:
        for half, present in (("AM", "/"), ("PM", "\\")):
            path = f"/v1/schools/100001/classes/5A/registers/{day}/{half}"
            codes = {"4711": "O", "4712": present, "4713": present}
            marks = [{"mis_id": pupil, "code": code} for pupil, code in codes.items()]
            await stage.call("staff", "PUT", path, {"marks": marks})


async def _be_there_after_all(stage: Stage, elsewhere: Any) -> None:
    """Let the school find out on Wednesday that the child was there on Monday."""
    path = f"/v1/schools/100001/classes/5A/registers/{elsewhere.monday}/AM"
    await elsewhere.at("09:30", day=2)
    await stage.call("staff", "PUT", path, {"marks": [{"mis_id": "4711", "code": "/"}]})


async def _owes_a_call(stage: Stage) -> bool:
    """Tell whether it is known to be too late for a correction."""
    return bool((await stage.by_name("read_calls")).json()["calls"])


async def _heard_of(stage: Stage) -> bool:
    """Tell whether all services have heard of the absence, and learn what became of it."""
    names = ("read_contacts", "read_decisions", "read_caseload", "read_today", "read_absence")
    read = {name: await stage.by_name(name) for name in names}
    if not all(answer.is_success for answer in read.values()):
        return False
    episodes = read["read_contacts"].json()["episodes"]
    decisions = read["read_decisions"].json()["decisions"]
    if not (episodes and decisions and any(one["sent_at"] for one in episodes[0]["messages"])):
        return False
    stage.is_called("episode_id", episodes[0]["id"])
    stage.is_called("decision_id", decisions[0]["id"])
    return bool(read["read_caseload"].json()["children"] and read["read_absence"].json()["schools"])
