"""A small world in memory, in which every order of things can be tried.

The register and its events on their way, the episode as it is known here, senders that claim, ask,
hand over and die, a provider, and a family that reads its messages, by day and at night. The rules
are the service's own; only the tables are played.
"""

from dataclasses import dataclass, field, replace
from datetime import datetime, time
from uuid import UUID, uuid4

from notification_service.contacts.domain import (
    Decision,
    Episode,
    Message,
    NewState,
    Step,
    decide,
    exhausted_in,
    fold,
    look_again,
    opened,
    owed,
    passes_on,
    standing,
)
from notification_service.messages.domain import (
    Accepted,
    Addressed,
    Attempt,
    Claimed,
    Failed,
    Held,
    MessageState,
    NotOpen,
    PutOff,
    Settled,
    TryLater,
    as_of_now,
    state_after,
)
from notification_service.purposes import rules_of
from notification_service.receipts.domain import Receipt, Receipted, states_passed
from notification_service.recipients.domain import Answer, Channel
from notification_service.schools.domain import Hours
from notification_service.sending.domain import answered
from notification_testing.facts import MONDAY, at

from .family import Family
from .hands import Hand, Row
from .school import BY_DAY, OF_MONDAY, ROBIN, TIMES, TOO_LATE, School

HOURS = Hours(time(8, 45), time(13), register_open_minutes=30, contact_grace_minutes=5)
KEY = b"a key"


@dataclass
class World(School):
    """Everything at once."""

    episode: Episode | None = None
    rows: dict[UUID, Row] = field(default_factory=dict)
    hands: list[Hand] = field(default_factory=list)
    family: Family = field(default_factory=Family)
    exhausted: list[int] = field(default_factory=list)
    now: datetime = BY_DAY

    def let_hours_pass(self) -> None:
        """It becomes night, or day again; no lease lasts as long."""
        self.expire()
        self.now = next((time for time in TIMES if time > self.now), TOO_LATE)

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

    def hear_of_contacts(self) -> None:
        if self.family.is_news and self.episode is not None:
            self.episode = replace(self.episode, version=self.episode.version + 1)
            self.carry_out(look_again(self.episode, self.round, now=self.now))
            self.family.is_news = False

    def settle(self) -> None:
        if self.episode is not None:
            self.carry_out(decide(self.episode, self.round, HOURS, now=self.now))

    @property
    def round(self) -> list[Message]:
        assert self.episode is not None
        return [row.message for row in self.rows.values() if row.round == self.episode.round]

    def carry_out(self, decision: Decision) -> None:
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

    def become(self, message_id: UUID, state: MessageState, reason: str | None = None) -> None:
        row = self.rows[message_id]
        passes = passes_on(row.message.kind, reason, settled_at=self.now, day=MONDAY)
        row.message = replace(row.message, state=state, passes_on=passes)

    def tell(self, row: Row, state: MessageState, reason: str | None, whose: Episode) -> None:
        message = row.message
        one = NewState(state, message.id, message.kind, Channel.SMS, whose, self.now, reason)
        self.exhausted += [whose.round] if one.exhausts else []
        for round_ in exhausted_in([one]).values():
            assert self.episode is not None
            self.episode = replace(self.episode, exhausted_in=round_)

    # The senders ------------------------------------------------------------------------------

    def claim(self) -> None:
        for message_id, row in self.rows.items():
            if row.message.state is MessageState.DUE and not row.is_put_off(self.now):
                row.attempt += 1
                row.reference = row.fingerprint = None
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
            sessions=tuple(self.episode.facts),
            kind=row.message.kind,
            contact_id=row.message.contact_id,
            due_at=at("08:20"),
            version=self.episode.version,
            attempt=row.attempt,
            tried_seconds=0,
            failed_at={
                one.fingerprint
                for one in self.rows.values()
                if one.message.passes_on and one.round == row.round and one.fingerprint
            },
        )

    def ask(self) -> None:
        for hand in self.hands:
            if hand.found is None:
                answer = Answer(
                    child_name="Robin",
                    school_name="Amber School",
                    missed=tuple(
                        half for half, state in self.truth.items() if state == "unexplained"
                    ),
                    stands=dict(self.truth),
                    hours=OF_MONDAY,
                    recipients=self.family.recipients,
                )
                hand.found = answered(
                    rules_of(hand.claimed), hand.claimed, answer, KEY, now=self.now
                )

    def address(self) -> None:
        for hand in self.hands:
            row, found = self.rows[hand.claimed.id], hand.found
            if hand.has_lease and isinstance(found, Addressed) and not hand.reference:
                hand.reference = row.reference = uuid4()
                row.fingerprint = found.fingerprint
                row.message = replace(row.message, contact_id=found.contact_id)

    def post(self, *, is_answered: bool) -> None:
        for hand in self.hands:
            found, reference = hand.found, hand.reference
            if hand.has_lease and reference and not hand.is_posted and isinstance(found, Addressed):
                hand.is_posted, hand.is_answered = True, is_answered
                round_ = self.rows[hand.claimed.id].round
                hand.is_refused = not self.family.takes(found, reference, round_, self.now)

    def record(self) -> None:
        for hand in list(self.hands):
            if hand.is_answered and hand.is_refused:
                self.record_one(hand, Failed("refused"))
            elif hand.is_answered and hand.reference:
                self.record_one(hand, Accepted(hand.reference, uuid4()))
            elif hand.found is not None and not isinstance(hand.found, Addressed):
                self.record_one(hand, hand.found)

    def give_up_for_now(self) -> None:
        for hand in list(self.hands):
            if not hand.is_posted:
                self.record_one(hand, TryLater(0))

    def record_one(self, hand: Hand, fate: Settled) -> None:
        self.hands.remove(hand)
        self.apply(hand.claimed, fate)

    def apply(self, claimed: Claimed, fate: Settled) -> None:
        row = self.rows[claimed.id]
        held = Held(
            id=claimed.id,
            episode_id=claimed.episode_id,
            kind=row.message.kind,
            state=row.message.state,
            attempt=row.attempt,
            channel=None,
        )
        assert self.episode is not None
        whose = self.episode
        attempt = as_of_now(Attempt(claimed=claimed, fate=fate), version=whose.version)
        made = state_after(held, attempt)
        if made:
            self.become(claimed.id, made.state, made.reason)
        if made and isinstance(fate, PutOff):
            row.message = replace(row.message, due_at=fate.until)
        if not (isinstance(fate, NotOpen) and whose.version == claimed.version):
            self.settle()
        if made:
            self.tell(row, made.state, made.reason, whose)

    def expire(self) -> None:
        for hand in self.hands:
            hand.has_lease = False

    def crash(self) -> None:
        self.hands.clear()

    def reconcile(self) -> None:
        in_hand = {hand.claimed.id for hand in self.hands if hand.has_lease}
        for message_id, row in list(self.rows.items()):
            if row.message.state is MessageState.SENDING and message_id not in in_hand:
                known = row.reference in self.family.accepted
                fate = Accepted(row.reference, uuid4()) if row.reference and known else TryLater(0)
                self.apply(self.claimed(row), fate)

    def receive(self, *, is_final: bool) -> None:
        for row in list(self.rows.values()):
            if row.reference is not None and row.reference in self.family.accepted:
                arrives = self.family.accepted[row.reference].arrives
                final = "delivered" if arrives else "permanent-failure"
                status = final if is_final else "sending"
                receipted = Receipted(
                    id=row.message.id,
                    episode_id=uuid4(),
                    reference=row.reference,
                    kind=row.message.kind,
                    channel=Channel.SMS,
                    state=row.message.state,
                )
                made = states_passed(receipted, [Receipt(1, row.reference, uuid4(), status)])
                if made:
                    assert self.episode is not None
                    whose = self.episode
                    self.become(row.message.id, made.state, made.reason)
                    self.settle()
                    for state in made.states:
                        self.tell(row, state, made.reason, whose)

    # Everybody --------------------------------------------------------------------------------

    def come_to_rest(self) -> None:
        """Let everything that is under way arrive, with nothing failing any more."""
        for _ in range(12):
            self.hear(100)
            self.hear_of_contacts()
            self.claim()
            self.hand_over()
            self.record()
            self.receive(is_final=True)
            self.expire()
            self.reconcile()
            if any(row.is_put_off(self.now) for row in self.rows.values() if row.is_due):
                self.let_hours_pass()

    @property
    def owes_a_call(self) -> bool:
        """Whether a person of the office is to ring: no message will go any more."""
        return self.episode is not None and (
            owed(standing(self.round), self.episode.stands) is Step.RING
        )

    def hand_over(self) -> None:
        self.ask()
        self.address()
        self.post(is_answered=True)
