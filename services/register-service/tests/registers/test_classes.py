"""Classes in paths, and the class that a child was in on the day."""

from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import datetime
from typing import Any

import httpx
import pytest
from sqlalchemy import text

from attendance_runtime.access import Principal
from attendance_runtime.clock import FixedClock
from attendance_runtime.database import Database
from attendance_testing.serving import client_for
from attendance_testing.tokens import TokenIssuer
from register_service.main import SERVICE
from register_service.roll import repository as roll
from register_service.roll.domain import Enrolment

SCOPES = "register.write register.read"
MONDAY, WEDNESDAY, FRIDAY = "2026-09-07", "2026-09-09", "2026-09-11"
OFFICE = Principal("office-1", "school:100001", frozenset())
SchoolBuilder = Callable[..., Awaitable[Any]]


class School:
    """Three pupils of class 4A, and requests about the class that a path names."""

    def __init__(self, database: Database, http: httpx.AsyncClient, built: Any) -> None:
        self.database, self.http, self.built = database, http, built

    async def moves(self, *pupils: int, to: str, on: str) -> None:
        """Let pupils, counted from 1, sit in another class from a day on."""
        async with self.database.transaction() as db:
            kept = [await self._kept(db, pupil) for pupil in pupils]
            moved = [
                Enrolment(
                    **{name: getattr(one, name) for name in Enrolment.__slots__}
                    | {"class_code": to, "version": one.version + 1}
                )
                for one in kept
            ]
            morning = datetime.fromisoformat(f"{on}T08:00:00+00:00")
            await roll.save_enrolments(db, moved, OFFICE, now=morning)

    async def _kept(self, db: Any, pupil: int) -> Enrolment:
        kept = await roll.find_enrolment(db, self.built.enrolments[pupil - 1])
        assert kept is not None
        return kept

    async def send(self, of: str, codes: dict[int, str], *, day: str = MONDAY) -> Any:
        """Send marks as the register of a class."""
        marks = [{"mis_id": str(pupil), "code": code} for pupil, code in codes.items()]
        return (
            (await self.http.put(_path(of, day), json={"marks": marks})).raise_for_status().json()
        )

    async def reads(self, of: str, *, day: str = MONDAY) -> tuple[str, int] | int:
        """Return the state of a class's register and its number of pupils, or a refusal."""
        answer = await self.http.get(_path(of, day))
        if answer.is_success:
            return answer.json()["state"], len(answer.json()["entries"])
        return answer.status_code


def _path(of: str, day: str) -> str:
    return f"/v1/schools/100001/classes/{of}/registers/{day}/AM"


@pytest.fixture
async def school(
    database: Database, issuer: TokenIssuer, clean_tables: None, a_school: SchoolBuilder
) -> AsyncIterator[School]:
    async with database.transaction() as db:
        built = await a_school(db)
        await db.execute(
            text("INSERT INTO reach VALUES ('school:100001', 'staff', :id, '-infinity', NULL)"),
            {"id": built.id},
        )
    headers = issuer.headers(subject="office-1", organisation="school:100001", scopes=SCOPES)
    clock = FixedClock("2026-09-11T08:00:00+00:00")
    async with client_for(SERVICE, database, clock, issuer) as http:
        http.headers.update(headers)
        yield School(database, http, built)


@pytest.mark.parametrize(
    ("name", "in_path"),
    [
        ("1/2", "1%2F2"),
        ("1/2", "1%2f2"),
        ("R/1/2", "R%2F1%2F2"),
        ("/", "%2F"),
        ("1%2F2", "1%252F2"),
    ],
)
async def test_a_class_is_called_what_its_path_says_once_decoded(
    school: School, name: str, in_path: str
) -> None:
    await school.moves(1, 2, to=name, on=MONDAY)
    sent = await school.send(in_path, {1: "/"})
    assert (sent["new"], len(sent["missing"]), sent["warnings"]) == (1, 1, [])
    assert await school.reads(in_path) == ("partly-taken", 2)


async def test_twice_encoded_is_another_class(school: School) -> None:
    await school.moves(1, 2, to="1/2", on=MONDAY)
    assert await school.reads("1%2F2") == ("not-taken", 2)
    assert await school.reads("1%252F2") == 404


@pytest.mark.parametrize("of", ["9Z", "4a", "4%20A", "1%2F2"])
async def test_a_class_that_nobody_is_in_is_told(school: School, of: str) -> None:
    sent = await school.send(of, {1: "/"})
    assert [fault["pointer"] for fault in sent["warnings"]] == ["path:class_code"]
    assert sent["new"] == 1
    assert await school.reads(of) == 404


async def test_a_renamed_class_keeps_its_registers(school: School) -> None:
    await school.send("4A", {1: "/", 2: "N", 3: "/"})
    await school.moves(1, 2, 3, to="4 Ash", on=WEDNESDAY)
    assert await school.reads("4A") == ("taken", 3)
    again = await school.send("4A", {1: "/", 2: "I", 3: "/"})
    assert (again["changed"], again["missing"], again["warnings"]) == (1, [], [])
    assert await school.reads("4A", day=WEDNESDAY) == 404
    assert await school.reads("4%20Ash", day=WEDNESDAY) == ("not-taken", 3)


async def test_a_class_is_found_by_its_new_name_too(school: School) -> None:
    await school.send("4A", {1: "/", 2: "N", 3: "/"})
    await school.moves(1, 2, 3, to="4 Ash", on=WEDNESDAY)
    assert await school.reads("4%20Ash") == ("taken", 3)


async def test_a_child_who_changes_classes_was_in_the_former_one(school: School) -> None:
    await school.moves(2, 3, to="4B", on="2026-09-01")
    await school.moves(1, to="4B", on=WEDNESDAY)
    await school.moves(1, to="4C", on=FRIDAY)
    places = {day: [await school.reads(of, day=day) for of in ("4A", "4B", "4C")] for day in
              (MONDAY, WEDNESDAY, FRIDAY)}  # fmt: skip
    assert places == {
        MONDAY: [("not-taken", 1), ("not-taken", 2), ("not-taken", 1)],
        WEDNESDAY: [404, ("not-taken", 3), ("not-taken", 1)],
        FRIDAY: [404, ("not-taken", 2), ("not-taken", 1)],
    }
    assert len((await school.send("4B", {2: "/"}, day=WEDNESDAY))["missing"]) == 2
    assert len((await school.send("4B", {2: "/"}, day=FRIDAY))["missing"]) == 1


async def test_a_class_that_changes_twice_in_a_day_was_the_first_until_then(
    school: School,
) -> None:
    await school.moves(1, 2, 3, to="4B", on=WEDNESDAY)
    await school.moves(1, 2, 3, to="4C", on=WEDNESDAY)
    assert await school.reads("4A") == ("not-taken", 3)
    assert await school.reads("4B") == 404
    assert await school.reads("4C", day=WEDNESDAY) == ("not-taken", 3)


async def test_what_was_entered_beforehand_is_planned_and_takes_no_register(school: School) -> None:
    afternoon = _path("4A", FRIDAY).replace("AM", "PM")  # the clock stands in the morning
    states = []
    for pupil, code in (("1", "M"), ("2", "\\")):
        marks = [{"mis_id": pupil, "code": code}]
        (await school.http.put(afternoon, json={"marks": marks})).raise_for_status()
        read = (await school.http.get(afternoon)).json()
        states.append(read["state"])
        assert [one["code"] for one in read["entries"] if one["planned"]] == ["M"]
    assert states == ["not-taken", "partly-taken"]
