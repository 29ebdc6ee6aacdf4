"""Every right there is: what a token's scope allows, and which relations open an object to it.

A right is named once and asked twice: `Allowed(right)` looks at the token before a request's body
is read, `access.require(…, right, …)` at the relations of the object in question. `docs/access.md`
shows the same table. What is not listed is refused.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Right:
    """What somebody may do.

    Attributes:
        scope: what a token must carry.
        opened_by: any of these relations to a school or child, valid today, opens it.
        only: the one kind of organisation that has it, where no relation opens it: the platform's
            own services (`service`) rebuild what they keep from whole tables, its administrator
            (`platform`) says which schools are whose.
    """

    scope: str
    opened_by: frozenset[str] = frozenset()
    only: str | None = None


SCHOOL_WRITE: Final = Right("school.write", frozenset({"area"}))
SCHOOL_READ: Final = Right("school.read", frozenset({"staff", "supplier", "area"}))
CALENDAR_WRITE: Final = Right("calendar.write", frozenset({"staff", "supplier", "area"}))
ROLL_WRITE: Final = Right("roll.write", frozenset({"staff", "supplier"}))
ROLL_READ: Final = Right("roll.read", frozenset({"staff", "area"}))
LINK_READ: Final = Right("link.read", frozenset({"staff", "area"}))
LINK_DECIDE: Final = Right("link.decide", frozenset({"area"}))
CARE_WRITE: Final = Right("care.write", frozenset({"responsible"}))
CARE_READ: Final = Right("care.read", frozenset({"responsible", "worker"}))
CARE_CONFIRM: Final = Right("care.confirm", frozenset({"area", "responsible"}))
REGISTER_WRITE: Final = Right("register.write", frozenset({"staff", "supplier"}))
REGISTER_READ: Final = Right("register.read", frozenset({"staff", "supplier", "area"}))
MARK_AMEND: Final = Right("mark.amend", frozenset({"staff"}))
CHILD_READ: Final = Right("child.read", frozenset({"staff", "area", "responsible", "worker"}))
CASELOAD_READ: Final = Right("caseload.read", frozenset({"worker"}))
CASE_READ: Final = Right("case.read", frozenset({"staff", "area", "responsible", "worker"}))
CASE_WRITE: Final = Right("case.write", frozenset({"staff", "area"}))
CONTACT_READ: Final = Right("contact.read", frozenset({"staff", "area"}))
CONTACT_WRITE: Final = Right("contact.write", frozenset({"staff"}))
ABSENCE_READ: Final = Right("absence.read", frozenset({"area"}))
PLATFORM_ADMINISTER: Final = Right("platform.administer", only="platform")
BULK_READ: Final = Right("bulk.read", only="service")
CONTACTS_ELIGIBLE: Final = Right("contacts.eligible", only="service")

EVERY: Final[Mapping[str, Right]] = {
    right.scope: right for right in tuple(vars().values()) if isinstance(right, Right)
}
"""All of them, by scope."""
