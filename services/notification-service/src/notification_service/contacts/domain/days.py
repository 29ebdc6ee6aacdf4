"""A day as readers see it: the episode, all its messages, and the office's call."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from notification_service.contacts.domain.facts import Episode
from notification_service.contacts.domain.owed import Step, owed
from notification_service.contacts.domain.purposes import Kind
from notification_service.contacts.domain.standing import Message, Standing, standing
from notification_service.messages.domain import Kept


class CallOutcome(StrEnum):
    """What became of a call that the office owed a family."""

    TOLD = "told"
    NOT_NEEDED = "not-needed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """What somebody of the office, by an opaque subject id, said of the call that was owed."""

    outcome: CallOutcome
    made_at: datetime
    made_by: str


@dataclass(frozen=True, slots=True)
class ContactedDay:
    """An episode with all its messages, first round first, and the current round's call."""

    episode: Episode
    messages: Sequence[Kept]
    call: Call | None

    @property
    def not_corrected(self) -> Kept | None:
        """The correction that did not go, where the office is still to ring in its stead."""
        if self.call or owed(self.standing, self.episode.stands) is not Step.RING:
            return None
        return next(sent for sent in reversed(self.messages) if sent.kind == Kind.CORRECTION)

    @property
    def standing(self) -> Standing:
        """Where the episode's current round stands with the family."""
        return standing(
            [
                Message.of(sent, day=self.episode.date)
                for sent in self.messages
                if sent.round == self.episode.round
            ]
        )
