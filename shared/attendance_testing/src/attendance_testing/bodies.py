"""What a school, its MIS and its authority send: settings, a year, a line of the roll.

What a test leaves out is as for every other; what it names replaces that. A primary school of
authority 332 begins at 08:45 and 13:00; its registers close after half an hour, so contact with a
grace of five minutes is due at 09:20.
"""

from typing import Any

Json = dict[str, Any]


def school_settings(urn: str, **changes: object) -> Json:
    """Return a school's settings, as its authority sends them."""
    return {
        "name": f"Example School {urn}",
        "phase": "primary",
        "authority_code": "332",
        "am_starts_at": "08:45",
        "pm_starts_at": "13:00",
        "register_open_minutes": 30,
        "contact_grace_minutes": 5,
        "attendance_lead": f"lead-{urn}",
    } | changes


def school_year(first: object = "2026-09-01", last: object = "2027-07-20") -> Json:
    """Return a year of one term, without holidays, between two days."""
    return {"terms": [{"from": str(first), "to": str(last)}], "closures": []}


def a_contact(**changes: object) -> Json:
    """Return a person who may be told; how they are reached, a test says itself."""
    return {
        "key": "1",
        "name": "Parent Example",
        "relationship": "parent",
        "priority": 1,
        "parental_responsibility": True,
        "court_order": False,
        "language": "en",
    } | changes


def roll_line(*, upn: str, mis_id: str, **changes: object) -> Json:
    """Return a line of a school's roll: a child of class 4A since the first of September."""
    return {
        "upn": upn,
        "mis_id": mis_id,
        "forename": "Avery",
        "surname": "Example",
        "date_of_birth": "2017-05-04",
        "year_group": "4",
        "class_code": "4A",
        "starts_on": "2026-09-01",
        "status": "main",
    } | changes
