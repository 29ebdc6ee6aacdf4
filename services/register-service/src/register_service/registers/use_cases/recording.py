"""Recording registers: load, decide, save, announce."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import TypeAlias, TypeVar

from attendance_runtime import access
from attendance_runtime.access import rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import FirstdayError
from attendance_runtime.messaging import outbox
from register_service.calendar import repository as calendars
from register_service.registers import domain, repository
from register_service.registers.domain import ChangedMark
from register_service.registers.news import news_of
from register_service.registers.use_cases.deciding import accept, check, outcome
from register_service.registers.use_cases.orders import (
    Accepted,
    Checked,
    Named,
    Recorded,
    RecordRegister,
)
from register_service.roll import memory
from register_service.roll import repository as roll
from register_service.roll.domain import Pupil, Roll, RollName, on_roll


async def record_registers(
    db: SqlSession, orders: Sequence[RecordRegister], *, now: datetime
) -> list[Recorded | FirstdayError]:
    """Record registers as sent: keep their marks and announce what they change.

    However many there are, four statements, and one each for rolls that changed, for birth dates
    and for marks taken back; each order has an outcome of its own, in the order given.
    Where marks are wrong nothing of that register is kept, and its outcome is an `Invalid` with a
    pointer to each, unless the order says that the good marks are to be kept.
    """
    schools = await calendars.find_school_sessions(db, {order.at for order in orders})
    today = access.today(now)
    reached = await access.reached_by_each(
        db,
        {(order.sender, schools[order.at].school_id) for order in orders if order.at in schools},
        rights.REGISTER_WRITE,
        today=today,
    )
    checked = [_or_refusal(partial(check, one, schools, reached, today=today)) for one in orders]
    judged = iter(await _judge(db, [one for one in checked if isinstance(one, Checked)]))
    answered = [one if isinstance(one, FirstdayError) else next(judged) for one in checked]
    accepted = [one for one in answered if isinstance(one, Accepted)]
    written = iter(await _write(db, accepted, now=now))
    return [one if isinstance(one, FirstdayError) else next(written) for one in answered]


async def _judge(db: SqlSession, checked: Sequence[Checked]) -> list[Accepted | FirstdayError]:
    """Find whom the marks name, and decide what may be written."""
    named = await _name_pupils(db, checked)
    wanted = {pupil for one in named for pupil in one.whose_age_matters().values()}
    born = await roll.birth_dates(db, wanted) if wanted else {}
    return [_or_refusal(partial(accept, one, born)) for one in named]


async def _write(db: SqlSession, accepted: Sequence[Accepted], *, now: datetime) -> list[Recorded]:
    """Keep the marks, announce what they change, and say what became of each submission."""
    submissions = [one.submission for one in accepted]
    changed = await repository.upsert_marks(db, submissions, now=now)
    taken_back = await repository.take_back_marks(db, submissions, now=now)
    news = [
        (event, one.order.traceparent)
        for one, marks, gone in zip(accepted, changed, taken_back, strict=True)
        for event in _news(one, [*marks, *gone.changed], now)
    ]
    await outbox.announce_traced(db, news, now=now)
    return list(map(outcome, accepted, changed, taken_back))


Done = TypeVar("Done")


def _or_refusal(work: Callable[[], Done]) -> Done | FirstdayError:
    """Return what the work returns, or its refusal as a value: its neighbours go on."""
    try:
        return work()
    except FirstdayError as refusal:
        return refusal


async def _name_pupils(db: SqlSession, orders: Sequence[Checked]) -> list[Named]:
    """Find each mark's pupil on the roll of its class; who sits elsewhere, on the school's."""
    wanted = {name for one in orders for name in one.rolls(one.order.class_code)}
    known = await memory.read_rolls(db, wanted)
    answers: list[Named] = []
    for one in orders:
        rolls = [_on_roll(one, {name: known[name] for name in one.rolls(one.order.class_code)})]
        found = _found_on(rolls, one)
        if one.order.class_code and any(None in pupils for pupils in found):
            rolls.append(_on_roll(one, await memory.read_rolls(db, one.rolls(""))))
            found = _found_on(rolls, one)
        expected = next(iter(rolls[0].values()))
        answers.append(Named(one, *found, expected))
    return answers


_RollToday: TypeAlias = Mapping[str, Sequence[Pupil]]
"""The pupils on roll that day, by the scheme of their keys."""


def _found_on(
    rolls: Sequence[_RollToday], one: Checked
) -> tuple[list[Pupil | None], list[Pupil | None]]:
    """Find the pupils with a mark, and those without one."""
    return (
        domain.name_pupils(one.good, rolls),
        domain.name_pupils(one.order.unmarked, rolls),
    )


def _on_roll(one: Checked, rolls: Mapping[RollName, Roll]) -> _RollToday:
    return {name.scheme: on_roll(roll, one.order.at.day) for name, roll in rolls.items()}


def _news(accepted: Accepted, changed: Sequence[ChangedMark], now: datetime) -> Sequence[object]:
    at = accepted.order.at
    return news_of(changed, at=accepted.school, day=at.day, session=at.session, now=now)
