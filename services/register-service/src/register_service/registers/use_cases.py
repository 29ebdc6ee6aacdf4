"""What can be done with a register: load, decide, save, announce."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import TypeVar
from uuid import UUID

from attendance_runtime import access, outbox
from attendance_runtime.auth import Principal
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Fault, FirstdayError, Invalid, NotFound
from register_service.calendar import repository as calendars
from register_service.registers import domain, repository
from register_service.registers.domain import (
    ChangedMark,
    SchoolSession,
    SentMark,
    SessionAt,
    WrongMark,
)
from register_service.registers.news import news_of
from register_service.registers.repository import RegisterKey, Submission
from register_service.roll import memory
from register_service.roll.domain import Pupil, Roll, RollName, on_roll


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRegister:
    """An order to record a submission: the register, its marks, and who sent it.

    `keep_good` decides what happens when some marks are wrong: keep the others, or nothing at all.
    """

    at: SessionAt
    class_code: str
    marks: Sequence[SentMark]
    sender: Principal
    keep_good: bool
    traceparent: str | None = None

    @property
    def weight(self) -> int:
        """How many rows it writes at most."""
        return max(1, len(self.marks))

    @property
    def key(self) -> tuple[SessionAt, str]:
        """Which register it writes: the same one is not written twice by one statement."""
        return self.at, self.class_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a submission."""

    new: int
    changed: int
    unchanged: int
    refused: Sequence[WrongMark]
    warnings: Sequence[WrongMark]
    missing: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class _Checked:
    """An order that may be written as far as its marks alone can tell."""

    order: RecordRegister
    school: SchoolSession
    wrong: Sequence[WrongMark]
    good: Sequence[SentMark]

    def rolls(self, class_code: str) -> list[RollName]:
        """Name the rolls of a class, or (empty code) the school, on which its keys are found."""
        schemes = {mark.scheme for mark in self.good} or {"ENROLMENT_ID"}
        at = self.school
        return [RollName(at.roll_version, at.school_id, class_code, one) for one in schemes]


@dataclass(frozen=True, slots=True)
class _Named:
    """An order that may be written: whom its marks name, and who is on roll without one."""

    checked: _Checked
    wrong: Sequence[WrongMark]
    submission: Submission
    missing: Sequence[UUID]


async def record_registers(
    session: SqlSession, orders: Sequence[RecordRegister], *, now: datetime
) -> list[Recorded | FirstdayError]:
    """Record registers as sent: keep their marks and announce what they change.

    However many there are, four statements, and one for rolls that changed; each has an outcome of
    its own, in the order given.
    Where marks are wrong nothing of that register is kept, and its outcome is an `Invalid` with a
    pointer to each, unless the order says that the good marks are to be kept.
    """
    schools = await calendars.find_school_sessions(session, {order.at for order in orders})
    reached = await access.reached_by_each(
        session,
        {(order.sender, schools[order.at].school_id) for order in orders if order.at in schools},
        "register.write",
        today=access.today(now),
    )
    checked = [_or_refusal(partial(_check, order, schools, reached)) for order in orders]
    named = iter(await _name_pupils(session, [one for one in checked if isinstance(one, _Checked)]))
    answered = [one if isinstance(one, FirstdayError) else next(named) for one in checked]
    accepted = [one for one in answered if isinstance(one, _Named)]
    submissions = [one.submission for one in accepted]
    changed = await repository.upsert_marks(session, submissions, now=now)
    news = [
        (event, one.checked.order.traceparent)
        for one, marks in zip(accepted, changed, strict=True)
        for event in _news(one.checked, marks, now)
    ]
    await outbox.announce_traced(session, news, now=now)
    outcomes = iter(changed)
    return [
        one if isinstance(one, FirstdayError) else _outcome(one, next(outcomes)) for one in answered
    ]


Done = TypeVar("Done")


def _or_refusal(work: Callable[[], Done]) -> Done | FirstdayError:
    """Return what the work returns, or its refusal as a value: its neighbours go on."""
    try:
        return work()
    except FirstdayError as refusal:
        return refusal


def _check(
    order: RecordRegister,
    schools: Mapping[SessionAt, SchoolSession],
    reached: Collection[tuple[str, str, UUID]],
) -> _Checked:
    """Check an order as far as is possible without the roll; raise what refuses it."""
    school = schools.get(order.at)
    sender = order.sender
    if school is None or (sender.organisation, sender.subject, school.school_id) not in reached:
        raise NotFound("There is nothing here that this token may see.")
    _require_taught(school)
    wrong = domain.check_marks(order.marks, order.at.day, order.at.session)
    _refuse(wrong, order)
    positions = {mark.position for mark in wrong}
    good = [mark for mark in order.marks if mark.position not in positions]
    return _Checked(order, school, wrong, good)


async def _name_pupils(
    session: SqlSession, orders: Sequence[_Checked]
) -> list[_Named | FirstdayError]:
    """Find each mark's pupil on the roll of its class; who sits elsewhere, on the school's."""
    wanted = {name for one in orders for name in one.rolls(one.order.class_code)}
    known = await memory.read_rolls(session, wanted)
    answers: list[_Named | FirstdayError] = []
    for one in orders:
        rolls = [_on_roll(one, {name: known[name] for name in one.rolls(one.order.class_code)})]
        pupils = domain.name_pupils(one.good, rolls)
        if None in pupils and one.order.class_code:
            rolls.append(_on_roll(one, await memory.read_rolls(session, one.rolls(""))))
            pupils = domain.name_pupils(one.good, rolls)
        expected = next(iter(rolls[0].values()))
        answers.append(_or_refusal(partial(_accept, one, pupils, expected)))
    return answers


def _on_roll(one: _Checked, rolls: Mapping[RollName, Roll]) -> dict[str, list[Pupil]]:
    return {name.scheme: on_roll(roll, one.order.at.day) for name, roll in rolls.items()}


def _accept(checked: _Checked, pupils: Sequence[Pupil | None], expected: Sequence[Pupil]) -> _Named:
    """Say what is to be written of an order; raise what refuses it."""
    order = checked.order
    wrong = [*checked.wrong, *domain.unnamed_marks(checked.good, pupils)]
    _refuse(wrong, order)
    register = RegisterKey(
        checked.school.school_id, order.at.day, order.at.session, order.class_code
    )
    pairs = zip(checked.good, pupils, strict=True)
    named = [(mark, pupil) for mark, pupil in pairs if pupil is not None]
    submission = Submission(register=register, marks=named, taken_by=order.sender.subject)
    return _Named(
        checked, wrong, submission, domain.missing_pupils(expected, [one[1] for one in named])
    )


def _outcome(named: _Named, changed: Sequence[ChangedMark]) -> Recorded:
    """Say what became of a submission."""
    order = named.checked.order
    new = [mark.previous for mark in changed].count(None)
    return Recorded(
        new=new,
        changed=len(changed) - new,
        unchanged=len(named.submission.marks) - len(changed),
        refused=named.wrong,
        warnings=domain.warnings_for(order.marks, order.at.day, order.at.session),
        missing=named.missing,
    )


def _news(checked: _Checked, changed: Sequence[ChangedMark], now: datetime) -> Sequence[object]:
    at = checked.order.at
    return news_of(changed, at=checked.school, day=at.day, session=at.session, now=now)


def _require_taught(at: SchoolSession) -> None:
    if at.taught is None:
        raise Invalid(
            "The school has no calendar for this school year; send it first.",
            [Fault("No calendar covers this date.", "path:day")],
        )
    if not at.taught:
        raise Invalid(
            "The school's calendar has no such session.",
            [Fault("No session is held then; correct the calendar or the date.", "path:day")],
        )


def _refuse(wrong: Sequence[WrongMark], order: RecordRegister) -> None:
    if wrong and not order.keep_good:
        raise Invalid(
            "Nothing was kept. Correct the marks pointed at, or send `?partial=accept`.",
            faults(wrong),
        )


def faults(wrong: Sequence[WrongMark]) -> list[Fault]:
    """Point at each wrong mark in the body."""
    return [
        Fault(mark.detail, f"#/marks/{mark.position}" + (f"/{mark.field}" if mark.field else ""))
        for mark in wrong
    ]
