"""Who knocks: those who hold a relation to the school or the child, and all kinds of strangers."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any, Final

from attendance_runtime.documents.access import SCOPES

from .calls import Place, care_status

EVERY_SCOPE: Final = " ".join(sorted(SCOPES))


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody with a token that carries every scope: only relations keep them out.

    Attributes:
        name: who they are, in a test's name.
        relation: the one relation they hold to the place; None for a stranger.
        subject: the `sub` of their token, with the place's ids filled in.
        organisation: its `org`, likewise.
    """

    name: str
    relation: str | None
    subject: str
    organisation: str

    def token_claims(self, place: Place) -> dict[str, str]:
        """Return what the issuer is told of them."""
        ids = {"urn": place.urn, "authority": place.authority, "supplier": place.supplier}
        ids |= {"responsible": place.responsible, "worker": place.worker, "trust": place.trust}
        return {
            "sub": self.subject.format_map(ids),
            "org": self.organisation.format_map(ids),
            "scopes": EVERY_SCOPE,
        }


FAR_OFF: Final = "2030-09-01"  # later than any day that a test plays
ENDED, LATER, ELSEWHERE = "worker-ended", "worker-later", "worker-elsewhere"

PEOPLE: Final = (
    Person("the school's office", "staff", "office-1", "school:{urn}"),
    Person("the school's MIS", "supplier", "mis-1", "supplier:{supplier}"),
    Person("the area's authority", "area", "officer-1", "authority:{authority}"),
    Person("the responsible authority", "responsible", "officer-2", "authority:{responsible}"),
    Person("the allocated worker", "worker", "{worker}", "social-care:{responsible}"),
    Person("the platform itself", "service", "service-1", "service:firstday"),
    Person("the platform's administrator", "administrator", "admin-1", "platform:firstday"),
    Person("another school", None, "office-2", "school:999998"),
    Person("another MIS", None, "mis-2", "supplier:another-mis"),
    Person("another authority", None, "officer-3", "authority:894"),
    Person("the school's trust", None, "officer-4", "trust:{trust}"),
    Person("a worker without the child", None, ELSEWHERE, "social-care:{responsible}"),
    Person("a worker whose allocation has ended", None, ENDED, "social-care:{responsible}"),
    Person("a worker whose allocation is to come", None, LATER, "social-care:{responsible}"),
    Person("somebody whose id is spelt like the school", None, "school:{urn}", "school:999998"),
    Person("somebody whose id is spelt like the area", None, "authority:{authority}", "nobody"),
    Person("an organisation spelt like the worker", None, "somebody-1", "{worker}"),
    Person("somebody whose id is spelt like the platform", None, "platform:firstday", "nobody"),
    Person("somebody of no organisation", None, "somebody-2", "-"),
)


def allocations(place: Place, today: date) -> list[dict[str, Any]]:
    """Return the care statuses beside the worker's own: one that has ended, one that is to come."""
    common = care_status(place) | {"kind": "CP"}
    yesterday = today - timedelta(days=1)
    ended = {"worker": ENDED, "valid_from": "2026-09-01", "valid_to": str(yesterday)}
    return [common | ended, common | {"worker": LATER, "valid_from": FAR_OFF}]
