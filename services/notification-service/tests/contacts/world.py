"""A small world in memory, in which every order of things can be tried.

The register and its events on their way, the episode as it is known here, senders that claim, ask,
hand over and die, a provider, and a family that reads its messages. The rules are the service's
own; only the tables are played.
"""

from dataclasses import dataclass, field, replace
from datetime import time
from uuid import UUID, uuid4

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import Kind, Message, MessageState, decide
from notification_service.contacts.facts import Absence, Episode, State, fold, opened
from notification_service.receipts.domain import Receipt, Receipted, progress
from notification_service.schools.domain import Hours
from notification_service.sending.domain import is_true
from notification_service.sending.fates import (
    Accepted,
    Fate,
    Held,
    NotOpen,
    Outcome,
    TryLater,
    change,
)
from notification_service.sending.messages import Answer, Channel, Claimed
from notification_service.testing import MONDAY, Pupil, at

HOURS = Hours(time(8, 45), time(13), register_open_minutes=30, contact_grace_minutes=5)
PARENT = UUID(int=3)
ROBIN = Pupil(uuid4())


@dataclass
class Row:
    """A message as the table keeps it."""

    message: Message
    round: int
    attempt: int = 0
    reference: UUID | None = None


@dataclass
class Hand:
    """A sender with one message in hand; one whose lease ran out must not hand it over."""

    claimed: Claimed
    has_lease: bool = True
    answer: Answer | None = None
    reference: UUID | None = None
    is_posted: bool = False
    is_answered: bool = False

    @property
    def is_true(self) -> bool:
        return self.answer is not None and is_true(self.claimed, self.answer)


@dataclass
class World:
    """Everything at once."""

    truth: dict[Session, State] = field(default_factory=dict)
    under_way: list[Absence] = field(default_factory=list)
    episode: Episode | None = None
    rows: dict[UUID, Row] = field(default_factory=dict)
    hands: list[Hand] = field(default_factory=list)
    accepted: dict[UUID, tuple[int, Kind]] = field(default_factory=dict)

    # The school -------------------------------------------------------------------------------

    def mark_absent(self, session: Session) -> None:
        if self.truth.get(session) != "unexplained":
            self.truth[session] = "unexplained"
            self.under_way.append(ROBIN.absent(session=session))

    def explain(self, session: Session) -> None:
        if self.truth.get(session) == "unexplained":
            self.truth[session] = "explained"
            self.under_way.append(ROBIN.explained(session=session))

    def withdraw(self, session: Session) -> None:
        if self.truth.get(session) in {"unexplained", "explained"}:
            self.truth[session] = "withdrawn"
            self.under_way.append(ROBIN.withdrawn(session=session))

    @property
    def is_open(self) -> bool:
        return "unexplained" in self.truth.values()

    @property
    def is_here(self) -> bool:
        return set(self.truth.values()) == {"withdrawn"}

    # The service's consumer -------------------------------------------------------------------

    def hear(self, number: int) -> None:
        batch, self.under_way = self.under_way[:number], self.under_way[number:]
        for news in fold(batch).values():
            if self.episode is None:
                self.episode = opened(news, uuid4())
            else:
                after = self.episode.after(news)
                self.episode = replace(after, version=after.version + 1)
        if batch:
            self.settle()

    def settle(self) -> None:
        if self.episode is None:
            return
        round_ = [row.message for row in self.rows.values() if row.round == self.episode.round]
        decision = decide(self.episode, round_, HOURS, now=at("09:00"))
        self.episode = decision.episode
        for message_id in decision.cancel:
            self.become(message_id, MessageState.CANCELLED)
        for plan in decision.plan:
            message_id = plan.message_id or uuid4()
            message = Message(message_id, plan.kind, MessageState.DUE, plan.contact_id, plan.due_at)
            if message_id in self.rows:
                self.rows[message_id].message = message
            else:
                self.rows[message_id] = Row(message, decision.episode.round)

    def become(self, message_id: UUID, state: MessageState) -> None:
        row = self.rows[message_id]
        row.message = replace(row.message, state=state)

    # The senders ------------------------------------------------------------------------------

    def claim(self) -> None:
        for message_id, row in self.rows.items():
            if row.message.state is MessageState.DUE:
                row.attempt += 1
                row.reference = None
                self.become(message_id, MessageState.SENDING)
                self.hands.append(Hand(self.claimed(row)))

    def claimed(self, row: Row) -> Claimed:
        assert self.episode is not None
        return Claimed(
            id=row.message.id,
            episode_id=self.episode.id,
            enrolment_id=ROBIN.enrolment_id,
            child_id=ROBIN.child_id,
            school_id=ROBIN.school_id,
            date=MONDAY,
            sessions=tuple(self.episode.unexplained),
            missed=tuple(self.episode.facts),
            kind=row.message.kind,
            contact_id=row.message.contact_id,
            due_at=at("08:20"),
            version=self.episode.version,
            attempt=row.attempt,
            tried_seconds=0,
        )

    def ask(self) -> None:
        for hand in self.hands:
            if hand.answer is None:
                hand.answer = Answer(
                    child_name="Robin",
                    school_name="Amber School",
                    stands=dict(self.truth),
                    recipients=(),
                )

    def address(self) -> None:
        for hand in self.hands:
            row = self.rows[hand.claimed.id]
            if hand.has_lease and hand.is_true and not hand.reference:
                hand.reference = row.reference = uuid4()
                row.message = replace(row.message, contact_id=PARENT)

    def post(self, *, is_answered: bool) -> None:
        for hand in self.hands:
            if hand.has_lease and hand.reference and not hand.is_posted:
                hand.is_posted, hand.is_answered = True, is_answered
                row = self.rows[hand.claimed.id]
                self.accepted[hand.reference] = (row.round, hand.claimed.kind)

    def record(self) -> None:
        for hand in list(self.hands):
            if hand.is_answered and hand.reference:
                self.record_one(hand, Accepted(hand.reference, uuid4()))
            elif hand.answer is not None and not hand.is_true:
                self.record_one(hand, NotOpen())

    def give_up_for_now(self) -> None:
        for hand in list(self.hands):
            if not hand.is_posted:
                self.record_one(hand, TryLater(0))

    def record_one(self, hand: Hand, fate: Fate) -> None:
        self.hands.remove(hand)
        self.apply(hand.claimed, fate)

    def apply(self, claimed: Claimed, fate: Fate) -> None:
        row = self.rows[claimed.id]
        held = Held(
            id=claimed.id,
            episode_id=claimed.episode_id,
            kind=row.message.kind,
            state=row.message.state,
            attempt=row.attempt,
            channel=None,
        )
        made = change(held, Outcome(claimed=claimed, fate=fate))
        if made:
            self.become(claimed.id, made.state)
        assert self.episode is not None
        if not (isinstance(fate, NotOpen) and self.episode.version == claimed.version):
            self.settle()

    def expire(self) -> None:
        for hand in self.hands:
            hand.has_lease = False

    def crash(self) -> None:
        self.hands.clear()

    def reconcile(self) -> None:
        in_hand = {hand.claimed.id for hand in self.hands if hand.has_lease}
        for message_id, row in list(self.rows.items()):
            if row.message.state is MessageState.SENDING and message_id not in in_hand:
                known = row.reference in self.accepted
                fate = Accepted(row.reference, uuid4()) if row.reference and known else TryLater(0)
                self.apply(self.claimed(row), fate)

    def receive(self, status: str) -> None:
        for row in list(self.rows.values()):
            if row.reference is not None and row.reference in self.accepted:
                receipted = Receipted(
                    id=row.message.id,
                    episode_id=uuid4(),
                    reference=row.reference,
                    kind=row.message.kind,
                    channel=Channel.SMS,
                    state=row.message.state,
                )
                made = progress(receipted, [Receipt(1, row.reference, uuid4(), status)])
                if made:
                    self.become(row.message.id, made.state)
                    self.settle()

    # The family -------------------------------------------------------------------------------

    @property
    def believes_absent(self) -> bool:
        heard = list(self.accepted.values())
        return bool(heard) and heard[-1][1] is Kind.FIRST

    def come_to_rest(self) -> None:
        """Let everything that is under way arrive, with nothing failing any more."""
        for _ in range(6):
            self.hear(100)
            self.claim()
            self.hand_over()
            self.record()
            self.expire()
            self.reconcile()

    def hand_over(self) -> None:
        self.ask()
        self.address()
        self.post(is_answered=True)
