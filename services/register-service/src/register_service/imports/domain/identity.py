"""What a line says of who the child is, beside what the same school said before."""

from collections.abc import Collection, Iterator
from dataclasses import replace
from typing import Final

from attendance_contracts.faults import Fault
from register_service.imports.domain.lines import RollLine
from register_service.roll.domain import Facts, Identity

CHANGES_A_DAY: Final = 5
"""How many other dates of birth and surnames a school may give one UPN within 24 hours.

A ruling of ours: whoever corrects a typing error needs one or two, whoever tries out the days of a
year 365.
"""

TOO_OFTEN: Final = (
    f"Date of birth and surname of one UPN change at most {CHANGES_A_DAY} times in 24 hours; "
    "see the birth certificate, and send the line again tomorrow."
)


def said_by(
    line: RollLine, kept: Identity | None, before: Identity | None, *, organisation: str
) -> Identity:
    """Return who the child is by a line's word; what is left out stays as the school had it.

    Args:
        line: as checked.
        kept: the school's word on this enrolment until now.
        before: its word on the child until now, on this enrolment or on another one.
        organisation: who sends the line.
    """
    said = Identity(
        forename=line.forename,
        surname=line.surname,
        date_of_birth=line.date_of_birth,
        sex=line.sex or (None if before is None else before.sex),
        confidential_by=_confidential_by(line, kept, before, organisation=organisation),
        revision=1 if kept is None else kept.revision,
    )
    if kept is None or said == kept:
        return said
    return replace(said, revision=kept.revision + 1)


def _confidential_by(
    line: RollLine, kept: Identity | None, before: Identity | None, *, organisation: str
) -> str | None:
    flagged_by = None if before is None else before.confidential_by
    if line.confidential_address:
        return flagged_by or organisation
    if any(flag_warnings(line, kept, before, organisation=organisation)):
        return flagged_by
    return None if line.confidential_address is False else flagged_by


def flag_warnings(
    line: RollLine, kept: Identity | None, before: Identity | None, *, organisation: str
) -> Iterator[Fault]:
    """Say why an address stays hidden that a line would show: the flag is lifted by who set it.

    The reason is kept with the words that it takes back, so there must be some on this enrolment.
    """
    if line.confidential_address is not False or before is None or not before.confidential_address:
        return
    if before.confidential_by != organisation:
        detail = "Kept: whoever asked for it at this school lifts it; ask them."
        yield Fault(detail, "#/confidential_address")
    elif line.confidential_address_reason is None:
        detail = "Kept: say with `confidential_address_reason` why the address may be shown again."
        yield Fault(detail, "#/confidential_address")
    elif kept is None:
        detail = "Kept: a new enrolment takes the flag over; send the line again to lift it."
        yield Fault(detail, "#/confidential_address")


def changes_too_often(
    line: RollLine, now: Collection[Identity], lately: Collection[Facts]
) -> Iterator[Fault]:
    """Refuse yet another date of birth or surname of a UPN.

    Args:
        line: as checked.
        now: what the school's enrolments of this UPN say.
        lately: what they said within the last 24 hours, and no longer do.
    """
    said = {identity.facts for identity in now} | set(lately)
    facts = Facts.of(line.date_of_birth, line.surname)
    if facts not in said and len(said) > CHANGES_A_DAY:
        same_day = any(one.date_of_birth == facts.date_of_birth for one in said)
        yield Fault(TOO_OFTEN, "#/surname" if same_day else "#/date_of_birth")
