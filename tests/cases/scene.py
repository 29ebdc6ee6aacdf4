"""Where one of our stories happens: a school of its own, its children, their families' numbers.

What a story leaves out is as for every other: a primary school of authority 332, sessions from
08:50 and 13:00, registers open for 30 minutes and a grace of 5 (contact is due at 09:25), and
children of class 5A with the MIS ids 1, 2, 3 and so on.
"""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time
from itertools import count
from typing import Any, Final

from attendance_contracts.calendar import LONDON
from attendance_contracts.identifiers import make_upn
from attendance_testing.bodies import a_contact, roll_line, school_settings

Told = dict[str, Any]  # what YAML has read

DAY: Final = date(2026, 9, 9)
"""A Wednesday."""
# No longer than any story: later tests move the clock on, and would have these schools looked at.
TERMS: Final = [{"from": "2026-09-02", "to": "2026-10-02"}]
_CHILD: Final[Told] = {
    "forename": "Robin",
    "date_of_birth": "2016-05-04",
    "year_group": "5",
    "class_code": "5A",
    "starts_on": "2026-09-02",
}
_CONTACT: Final[Told] = {"name": "Jo Example", "relationship": "Mother"}
_FIRST_URN: Final = 920_001
_FIRST_ESTABLISHMENT: Final = 7000
# Of the numbers that nobody has, some that no other test takes. A letter stands for the last three
# digits of one that is the story's own.
_MOBILES: Final = count(500)
_LETTERS: Final = frozenset("abcd")


@dataclass
class Scene:
    """The school of the story of this number, and what it has said of each child so far."""

    number: int
    lines: dict[str, Told] = field(default_factory=dict)
    _digits: dict[str, str] = field(default_factory=dict)

    @property
    def urn(self) -> str:
        """The school's URN."""
        return str(_FIRST_URN + self.number)

    @property
    def path(self) -> str:
        """The school's path."""
        return f"/v1/schools/{self.urn}"

    @property
    def settings(self) -> Told:
        """The school's settings, where a story says nothing else."""
        return school_settings(
            self.urn, name=f"School {self.urn}", am_starts_at="08:50", attendance_lead="lead-1"
        )

    @property
    def worker(self) -> str:
        """The social worker of its looked-after children."""
        return f"worker-{self.urn}"

    def line(self, place: int, told: Told) -> Told:
        """Return a child's line of the roll: as it was before, but for what is said now.

        `child` names who it is, as in a register; `mobile` alone stands for one contact.
        """
        child = str(told.get("child", place))
        line = dict(self.lines.get(child) or self._first_line(child))
        line |= {name: value for name, value in told.items() if name not in {"child", "mobile"}}
        if "mobile" in told:
            line["contacts"] = [{"mobile": told["mobile"]}]
        line["contacts"] = list(_contacts(line.get("contacts", ())))
        self.lines[child] = self.spelt_out(line)
        return self.lines[child]

    def _first_line(self, child: str) -> Told:
        upn = make_upn(332, _FIRST_ESTABLISHMENT + self.number, 20, int(child))
        return roll_line(upn=upn, mis_id=child, **_CHILD)

    def spelt_out(self, value: Any) -> Any:
        """Replace `{urn}`, `{upn1}` and, of telephone numbers, `{a}` to `{d}` in what is told."""
        match value:
            case str():
                return self._text(value)
            case dict():
                return {key: self.spelt_out(inner) for key, inner in value.items()}
            case list():
                return [self.spelt_out(inner) for inner in value]
        return value

    def recipient(self, told: str) -> str:
        """Return a number by its letter; an address as it is."""
        return f"07700900{self._digits_of(told)}" if told in _LETTERS else told

    def _text(self, told: str) -> str:
        for letter in _LETTERS:
            if f"{{{letter}}}" in told:
                told = told.replace(f"{{{letter}}}", self._digits_of(letter))
        for child, line in self.lines.items():
            told = told.replace(f"{{upn{child}}}", line["upn"])
        return told.replace("{urn}", self.urn)

    def _digits_of(self, letter: str) -> str:
        if letter not in self._digits:
            self._digits[letter] = f"{next(_MOBILES) % 1000:03}"
        return self._digits[letter]


def _contacts(told: list[Told]) -> Iterator[Told]:
    for place, contact in enumerate(told, 1):
        yield a_contact(**{"key": f"c{place}", "priority": place} | _CONTACT | contact)


def moment(told: str) -> datetime:
    """Read a local time of the stories' day, or of another: `09:25:05`, `2026-09-10 09:00`."""
    *days, at = told.split()
    day = date.fromisoformat(days[0]) if days else DAY
    return datetime.combine(day, time.fromisoformat(at), tzinfo=LONDON)
