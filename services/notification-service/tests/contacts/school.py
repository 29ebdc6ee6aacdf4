"""The school of the small world: its hours, what its register says, what is told of it."""

from dataclasses import dataclass, field
from datetime import date, time
from uuid import uuid4

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import Absence
from notification_service.recipients.domain import CorrectionHours, State
from notification_testing.facts import Pupil, at

ROBIN = Pupil(uuid4())
TUESDAY = date(2026, 9, 8)
OF_MONDAY = CorrectionHours(time(20), time(8), last_day=TUESDAY)
BY_DAY, AT_NIGHT, NEXT_DAY, TOO_LATE = TIMES = (
    at("09:00"),
    at("20:00"),
    at("08:00", TUESDAY),
    at("20:00", TUESDAY),
)
"""When anything happens: Monday is the episode's day, Tuesday the next school day."""


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
