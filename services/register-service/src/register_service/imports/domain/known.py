"""What the register holds of a school's roll when a load comes, and what the load brings along."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from register_service.contacts.domain import Contact
from register_service.links.domain import FirstWord
from register_service.roll.domain import Enrolled, Enrolment, Facts, Identity, Sent


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """Whose roll is loaded, by whom and when, and new ids for enrolments and children."""

    school_id: UUID
    organisation: str
    today: date
    enrolment_ids: Iterator[UUID]
    child_ids: Iterator[UUID]


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """An enrolment at the school itself, with all that the school has said of it.

    Attributes:
        former_upns: what the pupil went by before; registers still find it by these.
        contacts: in the order of their keys; read only where a line brings some.
        sent: what the source sent last where the office has changed it since; None elsewhere.
        lately: facts that the school gave within the last 24 hours and has taken back.
    """

    enrolment: Enrolment
    identity: Identity
    upn: str
    former_upns: frozenset[str] = frozenset()
    mis_id: str | None = None
    contacts: tuple[Contact, ...] = ()
    sent: Sent | None = None
    lately: frozenset[Facts] = frozenset()

    @property
    def child_id(self) -> UUID:
        """The child whose place it is."""
        return self.enrolment.child_id

    def has_ended(self, today: date) -> bool:
        """Whether its last day has passed."""
        return self.enrolment.ends_on is not None and self.enrolment.ends_on < today


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What the register already holds of the children in a load.

    Attributes:
        here: the school's own places of whomever a line may mean, by UPN or MIS id, old or new.
        elsewhere: where each UPN is on roll at other schools, the first entered before others.
        first_words: what other schools said first of each UPN.
    """

    here: Sequence[Place] = ()
    elsewhere: Mapping[str, Sequence[Enrolled]] = field(default_factory=dict)
    first_words: Mapping[str, Sequence[FirstWord]] = field(default_factory=dict)
