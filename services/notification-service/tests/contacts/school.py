"""The school of the small world: what its register says, and what is told of it on the way."""

from dataclasses import dataclass, field
from uuid import uuid4

from attendance_contracts.calendar import Session
from notification_service.contacts.facts import Absence, State
from notification_service.testing import Pupil

ROBIN = Pupil(uuid4())


@dataclass
class School:
    """What the register says of each session, and the events that nobody has heard yet."""

    truth: dict[Session, State] = field(default_factory=dict)
    under_way: list[Absence] = field(default_factory=list)

    def mark_absent(self, session: Session) -> None:
        if self.truth.get(session) != "unexplained":
            self.truth[session] = "unexplained"
            self.under_way.append(ROBIN.absent(session=session))

    def explain(self, session: Session) -> None:
        if self.truth.get(session) == "unexplained":
            self.truth[session] = "explained"
            self.under_way.append(ROBIN.explained(session=session))

    def settle_by_name(self, session: Session) -> None:
        if self.truth.get(session) == "unexplained":
            self.truth[session] = "settled"
            self.under_way.append(ROBIN.settled(session=session))

    def take_back(self, session: Session) -> None:
        if self.truth.get(session) in {"unexplained", "explained", "settled"}:
            self.truth[session] = "retracted"
            self.under_way.append(ROBIN.retracted(session=session))

    def expect_nobody(self) -> None:
        """The child has left the roll, or the day is shut: no session expects anybody."""
        for session in self.truth:
            self.withdraw(session)

    def withdraw(self, session: Session) -> None:
        if self.truth.get(session, "withdrawn") != "withdrawn":
            self.truth[session] = "withdrawn"
            self.under_way.append(ROBIN.withdrawn(session=session))

    @property
    def is_open(self) -> bool:
        return "unexplained" in self.truth.values()

    @property
    def is_here(self) -> bool:
        return set(self.truth.values()) == {"withdrawn"}
