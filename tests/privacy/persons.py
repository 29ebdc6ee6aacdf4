"""A family that does not exist, recognisable wherever a value of theirs turns up.

Numbers, addresses and UPNs are of the ranges that are kept for examples. Every value stands for one
kind that the register keeps of people.
"""

from dataclasses import dataclass, fields
from random import SystemRandom
from typing import Any, Final
from urllib.parse import quote

from attendance_contracts.identifiers import make_upn

# Children whom no earlier run has told anybody of.
_SERIAL: Final = SystemRandom().randrange(0, 998)


@dataclass(frozen=True, slots=True)
class Family:
    """Two children, those who are told of absences, and what people wrote about them."""

    upn: str = make_upn(332, 4777, 2020, _SERIAL)
    sibling_upn: str = make_upn(332, 4777, 2020, _SERIAL + 1)
    forename: str = "Zephyrine"
    sibling: str = "Isambard"
    surname: str = "Quillfeather"
    date_of_birth: str = "2013-12-31"
    mis_id: str = f"MIS-Zq-47110{_SERIAL:03}"
    mother: str = "Ottoline Quillfeather-Marsh"
    mobile: str = "07700900977"
    father: str = "Peregrine Thistlewood"
    email: str = "peregrine.thistlewood@example.org"
    reason: str = "Grandmother Wilhelmina taken to hospital"
    amender: str = "Bartholomew Inkpen"
    amender_title: str = "Keeper of the Quill"
    case_reason: str = "Sofa-surfing since the fire at the Lanterns"
    closing_note: str = "Rehoused near the Marsh by Aunt Clementine"

    def roll_lines(self) -> list[dict[str, Any]]:
        """Return the lines that enrol the children: one's mother is told, the other's father."""
        line = {
            "upn": self.upn,
            "mis_id": self.mis_id,
            "forename": self.forename,
            "surname": self.surname,
            "date_of_birth": self.date_of_birth,
            "year_group": "8",
            "class_code": "1A",
            "starts_on": "2026-09-01",
            "status": "main",
            "contacts": [_contact("m", self.mother, mobile=self.mobile)],
        }
        sibling = {
            "upn": self.sibling_upn,
            "mis_id": f"{self.mis_id}-2",
            "forename": self.sibling,
            "contacts": [_contact("f", self.father, email=self.email)],
        }
        return [line, line | sibling]


def _contact(key: str, name: str, **reached: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "relationship": "parent",
        "priority": 1,
        "parental_responsibility": True,
        "court_order": False,
        "language": "en",
        **reached,
    }


# What whoever works a case writes down stays in escalation-service, where it belongs.
KEPT_WITH_THE_CASE: Final = ("case_reason", "closing_note")


def spellings(family: Family, *, without: tuple[str, ...] = ()) -> dict[str, bytes]:
    """Return every form in which a value might turn up, in lower case, by what it is."""
    forms: dict[str, bytes] = {}
    for field in fields(family):
        if field.name in without:
            continue
        value: str = getattr(family, field.name)
        for form in (value, quote(value), value.encode().hex()):
            forms[f"{field.name} as {form}"] = form.lower().encode()
    if "mobile" not in without:
        for form in ("+447700900977", "447700900977", "07700 900977", "7700900977"):
            forms[f"mobile as {form}"] = form.encode()
    return forms
