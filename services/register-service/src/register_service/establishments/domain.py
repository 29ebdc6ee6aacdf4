"""The rules of the list of establishments: what a line may say, and what the list opens.

Source: the register of schools in England (Get Information about Schools), which gives each
establishment its URN and names its authority. Which types keep no attendance register, and what
closing means here, are readings of ours.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Final, Literal

from attendance_contracts.faults import Fault
from attendance_contracts.identifiers import URNError, parse_urn
from attendance_contracts.words import check_text
from register_service.lines.domain import State, state_of

Phase = Literal[
    "nursery", "primary", "middle", "secondary", "all-through", "special",
    "alternative-provision", "sixth-form",
]  # fmt: skip

KEEP_NO_REGISTER: Final = frozenset({
    "British schools overseas",
    "Children's centre",
    "Children's centre linked site",
    "Further education",
    "Higher education institutions",
    "Institution funded by other government department",
    "Miscellaneous",
    "Offshore schools",
    "Online provider",
    "Service children's education",
    "Special post 16 institution",
    "Welsh establishment",
})  # fmt: skip
"""Types, as the register of schools names them, outside England's rules on school attendance.

Types are named that are not schools, not those that are: a type new next year is a school.
"""

WORDS_AT_MOST: Final = 200

_AUTHORITY = re.compile(r"[0-9]{3}")
_NUMBER = re.compile(r"[0-9]{4}")


class Status(StrEnum):
    """Where an establishment stands between being proposed and being closed."""

    PROPOSED_TO_OPEN = "proposed-to-open"
    OPEN = "open"
    PROPOSED_TO_CLOSE = "proposed-to-close"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Establishment:
    """One establishment, as the register of schools has it.

    Attributes:
        urn: six digits, the natural key; a school that becomes an academy gets another.
        authority_code: three digits; in whose area it lies.
        number: four digits, which after the authority's make the LAESTAB; not all have one.
        kind: the type's name in the register of schools; None where whoever lists it named none.
        phase: None where the register of schools tells none, as for most independent schools.
        closed_on: its last day, which may be to come.
    """

    urn: str
    authority_code: str
    number: str | None = None
    name: str
    kind: str | None = None
    phase: Phase | None = None
    status: Status = Status.OPEN
    opened_on: date | None = None
    closed_on: date | None = None

    @property
    def keeps_registers(self) -> bool:
        """Whether it is a school whose attendance is kept here."""
        return self.kind not in KEEP_NO_REGISTER

    def is_closed(self, today: date) -> bool:
        """Whether it has closed, by its status or because the day proposed for it has passed."""
        proposed = self.status is Status.PROPOSED_TO_CLOSE
        passed = self.closed_on is not None and self.closed_on < today
        return self.status is Status.CLOSED or (proposed and passed)


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one line of the list; `establishment` is None where it is refused."""

    line: int
    urn: str
    state: State
    establishment: Establishment | None = None
    faults: tuple[Fault, ...] = ()


def check_establishment(sent: Establishment) -> list[Fault]:
    """Return what is wrong with a line, each fault with a pointer to its field."""
    return [
        Fault(detail, f"#/{field}")
        for field, detail in (
            ("urn", _urn_refusal(sent.urn)),
            ("authority_code", _authority_refusal(sent.authority_code)),
            ("number", _number_refusal(sent.number)),
            ("name", check_text(sent.name, at_most=WORDS_AT_MOST)),
            ("kind", None if sent.kind is None else check_text(sent.kind, at_most=WORDS_AT_MOST)),
        )
        if detail is not None
    ]


def decide(
    lines: Mapping[int, Establishment], known: Mapping[str, Establishment]
) -> list[Decision]:
    """Decide each line in order: created, changed, unchanged; refused where one came before it."""
    decisions = []
    seen: set[str] = set()
    for line, sent in lines.items():
        if sent.urn in seen:
            twice = Fault("An earlier line of this list names the same school.", "#/urn")
            decisions.append(Decision(line, sent.urn, State.REFUSED, faults=(twice,)))
            continue
        seen.add(sent.urn)
        decisions.append(Decision(line, sent.urn, state_of(known.get(sent.urn), sent), sent))
    return decisions


def changes_in(decisions: Sequence[Decision]) -> list[Establishment]:
    """Return what the list says now and did not say before."""
    return [
        decision.establishment
        for decision in decisions
        if decision.establishment is not None and decision.state is not State.UNCHANGED
    ]


def _urn_refusal(urn: str) -> str | None:
    try:
        return None if parse_urn(urn) == urn else "A URN stands without spaces around it."
    except URNError as error:
        return str(error)


def _authority_refusal(code: str) -> str | None:
    return None if _AUTHORITY.fullmatch(code) else "An authority's code has three digits."


def _number_refusal(number: str | None) -> str | None:
    if number is None or _NUMBER.fullmatch(number):
        return None
    return "An establishment's number has four digits, or is left out."
