"""A roll as JSON: one object a line, or an array of the same objects."""

from dataclasses import dataclass
from datetime import date
from functools import partial
from typing import Final

import msgspec

from register_service.imports import domain
from register_service.lines.api import by_msgspec, fields_passed_over, read
from register_service.roll.domain import Sex, Status


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """A person whom an enrolment's school may know, under the school's own key for them.

    A court order bars contact: this person must be told nothing. Priority 1 is told first.

    Attributes:
        is_carer: whether this person looks after a looked-after child; None: their relationship
            to the child says so or not.
        mobile: a number as somebody wrote it, whatever it is a number of.
    """

    key: str
    name: str
    relationship: str
    priority: int
    parental_responsibility: bool
    court_order: bool
    language: str
    is_carer: bool | None = None
    mobile: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class RollLine:
    """One child's place at the school as its MIS holds it; `ends_on` is the last day on roll.

    What is left out stays as it was: sex, MIS id, contacts, confidential flag. An empty list of
    contacts takes them all away. A flag is lifted by `false` with a reason. `former_upn` is what
    the child went by before, most often a temporary UPN (FORMER_UPN of the common basic data set).
    """

    upn: str
    forename: str
    surname: str
    date_of_birth: date
    year_group: str
    class_code: str
    starts_on: date
    status: Status
    ends_on: date | None = None
    sex: Sex | None = None
    mis_id: str | None = None
    former_upn: str | None = None
    confidential_address: bool | None = None
    confidential_address_reason: str | None = None
    contacts: tuple[Contact, ...] | None = None


_decode_sent: Final = by_msgspec(RollLine)


def _decode(line: bytes) -> domain.RollLine:
    return msgspec.convert(_decode_sent(line), domain.RollLine, from_attributes=True)


_read: Final = partial(read, decode=_decode, look=fields_passed_over(RollLine))

read_ndjson: Final = partial(_read, ndjson=True)
read_array: Final = partial(_read, ndjson=False)
