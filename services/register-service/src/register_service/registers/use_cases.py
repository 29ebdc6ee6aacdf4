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
from register_service.registers.domain import SchoolSession, SentMark, SessionAt, WrongMark
from register_service.registers.news import news_of
from register_service.registers.repository import RegisterKey, Submission, Written


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
    submission: Submission


async def record_registers(
    session: SqlSession, orders: Sequence[RecordRegister], *, now: datetime
) -> list[Recorded | FirstdayError]:
    """Record registers as sent: keep their marks and announce what they change.

    However many there are, four statements; each has an outcome of its own, in the order given.
    Where marks are wrong nothing of that register is kept, and its outcome is an `Invalid` with a
    pointer to each, unless the order says that the good marks are to be kept.
    """
    schools = await calendars.find_school_sessions(session, {order.at for order in orders})
    reached = await access.reached_by_each(
        session,
        {(order.sender, schools[order.at].school_id) for order in orders if order.at in schools},
        "register.write",
        today=now.date(),
    )
    checked = [_or_refusal(partial(_check, order, schools, reached)) for order in orders]
    submissions = [one.submission for one in checked if isinstance(one, _Checked)]
    written = iter(await repository.upsert_marks(session, submissions, now=now))
    outcomes: list[Recorded | FirstdayError] = []
    news: list[tuple[object, str | None]] = []
    for one in checked:
        if isinstance(one, FirstdayError):
            outcomes.append(one)
            continue
        marks = next(written)
        outcome = _or_refusal(partial(_outcome, one, marks))
        outcomes.append(outcome)
        if isinstance(outcome, Recorded):
            news += [(event, one.order.traceparent) for event in _news(one, marks, now)]
    await outbox.announce_traced(session, news, now=now)
    return outcomes


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
    day, session = order.at.day, order.at.session
    wrong = domain.check_marks(order.marks, day, session)
    _refuse(wrong, order)
    positions = {mark.position for mark in wrong}
    submission = Submission(
        register=RegisterKey(school.school_id, day, session, order.class_code),
        marks=[mark for mark in order.marks if mark.position not in positions],
        taken_by=sender.subject,
        keep_good=order.keep_good,
    )
    return _Checked(order, school, wrong, submission)


def _outcome(checked: _Checked, written: Written) -> Recorded:
    """Say what became of a submission; raise `Invalid` where the roll refused all of it."""
    order = checked.order
    wrong = [*checked.wrong, *domain.unresolved_marks(checked.submission.marks, written.marks)]
    _refuse(wrong, order)
    return Recorded(
        new=sum(mark.changed and mark.previous is None for mark in written.marks),
        changed=sum(mark.changed and mark.previous is not None for mark in written.marks),
        unchanged=sum(not mark.changed for mark in written.marks),
        refused=wrong,
        warnings=domain.warnings_for(order.marks, order.at.day, order.at.session),
        missing=written.missing,
    )


def _news(checked: _Checked, written: Written, now: datetime) -> Sequence[object]:
    at = checked.order.at
    return news_of(written.marks, at=checked.school, day=at.day, session=at.session, now=now)


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
