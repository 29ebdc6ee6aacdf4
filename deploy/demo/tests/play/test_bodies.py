"""What is sent says what was generated, in the platform's own words."""

import json
from datetime import date, timedelta
from itertools import chain

from attendance_contracts.calendar import SATURDAY, Session
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.model import Register
from demo_authority.play import bodies


def days_of(body: bodies.Body) -> set[date]:
    days: set[date] = set()
    for term in body["terms"]:
        first, last = date.fromisoformat(term["from"]), date.fromisoformat(term["to"])
        days |= {first + timedelta(days=n) for n in range((last - first).days + 1)}
    closed = {date.fromisoformat(closure["date"]) for closure in body["closures"]}
    assert closed <= days
    return {day for day in days - closed if day.weekday() < SATURDAY}


def test_a_calendars_terms_and_closures_leave_the_schools_own_days(
    authority: DemoAuthority,
) -> None:
    for school in authority.roll.schools:
        assert days_of(bodies.calendar_body(school.calendar)) == set(school.calendar.school_days)


def test_a_register_names_each_pupil_once_and_minutes_only_where_there_are_any() -> None:
    register = Register(
        "900001", "1A", date(2026, 11, 23), Session.AM, (7, 9), (1, 2), ("/", "L"), (None, 12)
    )
    assert json.loads(bodies.register_body(register, {7: "a", 9: "b"})) == {
        "marks": [{"mis_id": "a", "code": "/"}, {"mis_id": "b", "code": "L", "minutes_late": 12}]
    }


def test_a_roll_is_a_line_an_enrolment(authority: DemoAuthority) -> None:
    roll = authority.roll
    lines = [bodies.roll_line(one, roll.children[one.child], ()) for one in roll.enrolments]
    sent = bodies.ndjson(lines).splitlines()
    assert len(sent) == len(roll.enrolments)
    assert json.loads(sent[0])["upn"] == roll.children[roll.enrolments[0].child].upn


def test_each_care_status_is_sent_by_the_authority_that_is_responsible(
    authority: DemoAuthority,
) -> None:
    sent = list(bodies.care_lines(authority.roll.children))
    statuses = list(chain.from_iterable(child.care for child in authority.roll.children))
    assert len(sent) == len(statuses) > 0
    assert all(code == line["authority_code"] for code, line in sent)
