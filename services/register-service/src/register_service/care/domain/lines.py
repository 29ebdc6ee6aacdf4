"""One line of what an authority says, tidied and checked, and lines that contradict each other."""

from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Final, Literal
from uuid import UUID

from attendance_contracts.events import CareStatus
from attendance_contracts.faults import Fault
from attendance_contracts.identifiers import UPNError, parse_upn
from register_service.roll.domain import LONGEST_TEXT, Facts

Kind = Literal["CIN", "CP", "LAC", "EARLY_HELP"]
"""Child in need, child protection plan, looked-after child, early help."""

FACTS_A_DAY: Final = 5
"""How many dates of birth and surnames an authority may state of one UPN within 24 hours.

A ruling of ours, the same as for a school: whoever tries out the days of a year needs 365.
"""

TOO_OFTEN: Final = (
    f"At most {FACTS_A_DAY} dates of birth and surnames may be stated of one UPN in 24 hours; find "
    "out which are right, and send the line again tomorrow."
)
TWO_CHILDREN: Final = (
    "Lines of this request state different facts of this UPN; find out what is right and send that."
)


@dataclass(frozen=True, slots=True, kw_only=True)
class CareLine:
    """One status of one child, who is named by UPN or by our id.

    Kind, authority and first day are its natural key; `worker` and `team` are opaque ids. A line
    that states the child's date of birth and surname needs nobody's confirmation where they agree
    with what a school says.
    """

    kind: Kind
    authority_code: str
    valid_from: date
    valid_to: date | None = None
    worker: str | None = None
    team: str | None = None
    upn: str | None = None
    child_id: UUID | None = None
    date_of_birth: date | None = None
    surname: str | None = None

    @property
    def status(self) -> CareStatus:
        """The status that is claimed."""
        return CareStatus(
            kind=self.kind,
            authority_code=self.authority_code,
            worker=self.worker,
            team=self.team,
            valid_from=self.valid_from,
            valid_to=self.valid_to,
        )

    @property
    def facts(self) -> Facts | None:
        """What the line states of the child, as it is compared; None unless it states both."""
        if self.date_of_birth is None or self.surname is None:
            return None
        return Facts.of(self.date_of_birth, self.surname)


@dataclass(frozen=True, slots=True, kw_only=True)
class Checked:
    """A line in the register's own spelling, with what refuses it."""

    line: CareLine
    faults: tuple[Fault, ...] = ()


def check_lines(
    lines: Mapping[int, CareLine],
    lately: Mapping[str, Collection[Facts]],
    *,
    organisation: str,
) -> dict[int, Checked]:
    """Check every line, each for itself and then beside what is stated of its UPN.

    Args:
        lines: as sent.
        lately: what the authority stated of UPNs within the last 24 hours.
        organisation: who sends the lines.
    """
    checked = {number: _checked(line, organisation) for number, line in lines.items()}
    stated: dict[str, set[Facts]] = {}
    for one in checked.values():
        if one.line.upn and one.line.facts and not one.faults:
            stated.setdefault(one.line.upn, set()).add(one.line.facts)
    return {
        number: replace(one, faults=(*one.faults, *_tried_out(one.line, stated, lately)))
        for number, one in checked.items()
    }


def _checked(sent: CareLine, organisation: str) -> Checked:
    faults = list(_faults(sent, organisation))
    line = sent
    if sent.upn is not None:
        try:
            line = replace(sent, upn=parse_upn(sent.upn))
        except UPNError as error:
            faults.append(Fault(str(error), "#/upn"))
    return Checked(line=line, faults=tuple(faults))


def _faults(line: CareLine, organisation: str) -> Iterator[Fault]:
    if organisation != f"authority:{line.authority_code}":
        yield Fault("Only the responsible authority says this.", "#/authority_code")
    if (line.upn is None) == (line.child_id is None):
        yield Fault("Name the child either by `upn` or by `child_id`.", "#")
    if line.valid_to is not None and line.valid_to < line.valid_from:
        yield Fault("A status ends on or after its first day.", "#/valid_to")
    if (line.surname is None) != (line.date_of_birth is None):
        yield Fault("State date of birth and surname together, or neither.", "#/surname")
    if line.surname is not None and not 0 < len(line.surname.strip()) <= LONGEST_TEXT:
        yield Fault(f"A surname has 1 to {LONGEST_TEXT} characters.", "#/surname")


def _tried_out(
    line: CareLine, stated: Mapping[str, set[Facts]], lately: Mapping[str, Collection[Facts]]
) -> Iterator[Fault]:
    if line.upn is None or line.facts is None:
        return
    if len(stated.get(line.upn, ())) > 1:
        yield Fault(TWO_CHILDREN, "#/upn")
    before = set(lately.get(line.upn, ()))
    if line.facts not in before and len(before) >= FACTS_A_DAY:
        yield Fault(TOO_OFTEN, "#/date_of_birth")
