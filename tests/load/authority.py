"""A plain authority to load: schools of equal size, one pupil in fourteen absent."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from traffic import Call

from attendance_contracts.identifiers import make_upn
from attendance_testing.bodies import school_year

CLASS_SIZE = 30
# Of a hundred marks: the national shares roughly, with N for what nobody knows yet at nine o'clock.
_ABSENT = {0: "N", 14: "I", 28: "I", 42: "I", 56: "O", 70: "M", 84: "G"}


@dataclass(frozen=True, slots=True)
class School:
    """A school by its URN, with the number of its pupils; MIS ids are unique over all schools."""

    urn: str
    number: int
    pupils: int

    def mis_ids(self) -> range:
        """Return the ids by which its MIS names its pupils."""
        first = self.number * self.pupils
        return range(first, first + self.pupils)


def schools(count: int, pupils: int) -> list[School]:
    """Return schools of equal size."""
    return [School(str(200_000 + number), number, pupils) for number in range(count)]


def given(schools: Sequence[School]) -> Call:
    """List the schools as the authority's, as the platform's administrator does."""
    lines = [
        {"urn": school.urn, "authority_code": "332", "name": f"Bench School {school.number}"}
        for school in schools
    ]
    return _call("POST", "/v1/establishments", lines)


def settings(school: School, *, grace_minutes: int) -> Call:
    """Create or replace a school."""
    body = {
        "name": f"Bench School {school.number}",
        "phase": "secondary",
        "authority_code": "332",
        "mis_supplier": "bench",
        "am_starts_at": "08:45",
        "pm_starts_at": "13:00",
        "register_open_minutes": 30,
        "contact_grace_minutes": grace_minutes,
        "attendance_lead": f"lead-{school.number}",
    }
    return _call("PUT", f"/v1/schools/{school.urn}", body)


def calendar(school: School) -> Call:
    """Give a school its year."""
    body = school_year()
    return _call("PUT", f"/v1/schools/{school.urn}/calendars/2026", body)


def roll(school: School) -> Call:
    """Enrol a school's pupils, a contact each."""
    lines = [_pupil(school, place, mis_id) for place, mis_id in enumerate(school.mis_ids())]
    return _call("POST", f"/v1/schools/{school.urn}/roll", lines)


def _pupil(school: School, place: int, mis_id: int) -> dict[str, object]:
    contact = {
        "key": "1",
        "name": "Contact Bench",
        "relationship": "parent",
        "mobile": f"07700{900_000 + mis_id % 1000}",
        "priority": 1,
        "parental_responsibility": True,
        "court_order": False,
        "language": "en",
    }
    return {
        "upn": make_upn(332, 1000 + school.number, 2000 + mis_id % 24, mis_id // 24 % 1000),
        "mis_id": str(mis_id),
        "forename": "Pupil",
        "surname": "Bench",
        "date_of_birth": "2013-05-04",
        "year_group": "8",
        "class_code": class_code(place),
        "starts_on": "2026-09-01",
        "status": "main",
        "contacts": [contact],
    }


def class_code(place: int) -> str:
    """Return the class of a pupil by their place in the school."""
    return f"C{place // CLASS_SIZE:02}"


def whole_registers(of: list[School], day: str, session: str) -> Iterator[Call]:
    """Send each school's register in one request."""
    for school in of:
        marks = [_mark(mis_id, day, session) for mis_id in school.mis_ids()]
        yield _call("PUT", f"/v1/schools/{school.urn}/registers/{day}/{session}", {"marks": marks})


def class_registers(of: list[School], day: str, session: str) -> Iterator[Call]:
    """Send each class's register in a request of its own, school after school."""
    for school in of:
        ids = school.mis_ids()
        for first in range(0, school.pupils, CLASS_SIZE):
            marks = [_mark(mis_id, day, session) for mis_id in ids[first : first + CLASS_SIZE]]
            path = f"/v1/schools/{school.urn}/classes/{class_code(first)}"
            yield _call("PUT", f"{path}/registers/{day}/{session}", {"marks": marks})


def _mark(mis_id: int, day: str, session: str) -> dict[str, str]:
    # Others than in the morning: a family that has been told once that day is not told again.
    moved = 0 if session == "AM" else 50
    place = (mis_id + int(day[-2:]) * 7 + moved) % 100
    return {"mis_id": str(mis_id), "code": _ABSENT.get(place, "/" if session == "AM" else "\\")}


def _call(method: str, path: str, body: object) -> Call:
    return Call(method, path, json.dumps(body, separators=(",", ":")).encode())
