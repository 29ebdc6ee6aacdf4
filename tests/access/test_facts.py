"""Attackers with an ordinary token of a school, who make facts instead of asking for them.

Each knows the UPN of a child at another school, and writes it into its own roll. What they are told
is compared, whole, with what they are told of a UPN that nobody has.
"""

import itertools
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import httpx
import pytest

from attendance_contracts.identifiers import make_upn, upn_check_letter

BORN = date(2017, 5, 4)
NAME = "Secretforename"
_unknown = itertools.count(1)


@dataclass(frozen=True)
class Story:
    """The school that a child goes to, the child's enrolment, and the attacker's school."""

    school: Any
    attacker: Any
    upn: str
    enrolment_id: str

    async def send(self, *lines: dict[str, Any], by: Any = None) -> list[dict[str, Any]]:
        """Send lines of a roll, as the attacker unless told otherwise; the answers."""
        sender = by or self.attacker
        answer = await sender.platform.call(
            sender.office, "POST", "register", f"/v1/schools/{sender.urn}/roll", json=list(lines)
        )
        answers: list[dict[str, Any]] = answer.json()
        return answers

    async def read(self, by: Any, enrolment_id: str) -> httpx.Response:
        """Read an enrolment as a school's office."""
        answer: httpx.Response = await by.platform.send(
            by.office, "GET", "register", f"/v1/enrolments/{enrolment_id}"
        )
        return answer


def line(upn: str, born: date = BORN, **other: Any) -> dict[str, Any]:
    """Return a line of the attacker's roll: the surname is known, as a neighbour would know it."""
    return {
        "upn": upn,
        "forename": "Guess",
        "surname": "Secretsurname",
        "date_of_birth": str(born),
        "year_group": "4",
        "class_code": "1A",
        "starts_on": "2026-09-01",
        "status": "main",
        **other,
    }


def temporary_upn() -> str:
    """Return a temporary UPN that is on no roll."""
    body = f"332499820{next(_unknown):02}A"
    return upn_check_letter(body) + body


def nobodys() -> str:
    """Return a UPN that is on no roll."""
    return make_upn(332, 4998, 2020, next(_unknown))


@pytest.fixture
async def story(a_school: Callable[..., Awaitable[Any]]) -> Story:
    """A child with a confidential address, on the one school's roll and not on the other's."""
    school, attacker = await a_school(pupils=1), await a_school(pupils=1)
    upn = school.upns[0]
    told = {"forename": NAME, "surname": "Secretsurname", "confidential_address": True}
    contacts = [
        {
            "key": "1",
            "name": "Parent Example",
            "relationship": "parent",
            "mobile": school.mobiles[0],
            "priority": 1,
            "parental_responsibility": True,
            "court_order": False,
            "language": "en",
        }
    ]
    whole = line(upn, mis_id="0", contacts=contacts) | told
    answer = await school.platform.call(
        school.office, "POST", "register", f"/v1/schools/{school.urn}/roll", json=[whole]
    )
    assert answer.json()[0]["state"] == "changed"
    return Story(school, attacker, upn, school.pupils[0]["enrolment_id"])


def without_ids(answers: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return answers with each id by when it first came, and by its version."""
    names: dict[str, str] = {}
    return [
        {
            name: names.setdefault(value, f"{len(names)} v{value[14]}")
            if name.endswith("_id") and value
            else value
            for name, value in answer.items()
        }
        for answer in answers
    ]


def dates(number: int) -> list[date]:
    """Return so many dates, the true one among them, not first."""
    return [BORN + timedelta(days=number // 2 - place) for place in range(number)]


async def test_ten_thousand_dates_of_birth_in_one_request_tell_nothing(story: Story) -> None:
    told = []
    for upn in (story.upn, nobodys()):
        guesses = [
            line(upn, born, starts_on=f"{2027 + place // 300}-01-{1 + place % 28:02}")
            for place, born in enumerate(dates(9_999))
        ]
        told.append(await story.send(*guesses))
    assert without_ids(told[0]) == without_ids(told[1])
    assert {answer["state"] for answer in told[0]} == {"refused"}
    assert str(BORN) not in json.dumps(told[0])


@pytest.mark.parametrize("begins_again", [False, True], ids=["corrected", "begun again"])
async def test_dates_of_birth_tried_one_after_the_other_tell_nothing_and_come_to_an_end(
    story: Story, *, begins_again: bool
) -> None:
    told = []
    for upn in (story.upn, nobodys()):
        answers = []
        for place, born in enumerate(dates(9)):
            day = f"2026-10-{place + 1:02}"
            days = {"starts_on": day, "ends_on": day} if begins_again else {}
            answers += await story.send(line(upn, born, **days))
        told.append(answers)
    assert without_ids(told[0]) == without_ids(told[1])
    states = [answer["state"] for answer in told[0]]
    assert states.count("refused") == 3
    assert states[-1] == "refused"


@pytest.mark.parametrize("born", [BORN, BORN + timedelta(days=1)], ids=["true date", "another"])
async def test_an_enrolment_of_ones_own_tells_ones_own_words_alone(
    story: Story, born: date
) -> None:
    """Linked or standing alone: neither the true name nor the other school's flag is shown."""
    read = []
    for upn in (story.upn, nobodys()):
        [entered] = await story.send(line(upn, born))
        answer = await story.read(story.attacker, entered["enrolment_id"])
        body = answer.json()
        assert (body["forename"], body["confidential_address"]) == ("Guess", False)
        read.append({"etag": answer.headers["etag"]} | body)
        assert (await story.read(story.attacker, story.enrolment_id)).status_code == 404
    ours, unknown = (without_ids([one]) for one in read)
    assert ours == unknown


@pytest.mark.parametrize("born", [BORN, BORN + timedelta(days=1)], ids=["true date", "another"])
@pytest.mark.parametrize("names_it_as", ["upn", "former_upn"])
async def test_a_pupil_of_ones_own_who_is_given_the_childs_upn_stays_who_it_was(
    story: Story, born: date, names_it_as: str
) -> None:
    """A temporary UPN is replaced by the child's, or the child's is named as a former one."""
    told, ids = [], []
    for upn in (story.upn, nobodys()):
        temporary = line(temporary_upn(), born, mis_id="77", forename=NAME)
        permanent = temporary | {"upn": nobodys(), names_it_as: upn}
        answers = [*await story.send(temporary), *await story.send(permanent)]
        answers += await story.send(permanent | {"class_code": "1B"})
        assert [answer["state"] for answer in answers] == ["created", "changed", "changed"]
        told.append(without_ids(answers))
        ids.append({answer["child_id"] for answer in answers})
        await story.send(permanent | {"class_code": "1B", "mis_id": "78", "ends_on": "2026-09-01"})
    assert told[0] == told[1]
    assert len(ids[0]) == 1
    whose = await story.read(story.school, story.enrolment_id)
    assert whose.json()["child_id"] not in ids[0]
    assert (whose.json()["forename"], whose.json()["confidential_address"]) == (NAME, True)
    assert (await story.read(story.attacker, story.enrolment_id)).status_code == 404


async def test_the_attackers_words_reach_no_family_of_another_school(
    story: Story, eventually: Callable[..., Awaitable[Any]]
) -> None:
    await story.send(line(story.upn, forename="Call-our-hotline", status="main"))
    await story.school.at("09:30")
    await story.school.send("N")
    await eventually(lambda: story.school.told(0))
    url = f"{story.school.platform.stack.sandbox.url}/sandbox/messages"
    async with httpx.AsyncClient() as http:
        sent = await http.get(url, params={"recipient": story.school.mobiles[0]})
    assert NAME in sent.text
    assert "hotline" not in sent.text


@pytest.mark.parametrize("born", [BORN, BORN + timedelta(days=1)], ids=["true date", "another"])
async def test_when_a_child_has_left_nobody_rewrites_what_its_school_has_said(
    story: Story, born: date
) -> None:
    left = line(story.upn, forename=NAME, mis_id="0", ends_on="2026-12-18")
    await story.send(left, by=story.school)
    before = await story.read(story.school, story.enrolment_id)
    for words in (
        {"forename": "Rewritten", "confidential_address": False},
        {"surname": "Rewritten", "confidential_address": False},
        {"confidential_address": False, "confidential_address_reason": "No longer needed"},
    ):
        await story.send(line(story.upn, born, starts_on="2027-01-04") | words)
    after = await story.read(story.school, story.enrolment_id)
    assert (after.json(), after.headers["etag"]) == (before.json(), before.headers["etag"])
    assert after.json()["confidential_address"] is True
