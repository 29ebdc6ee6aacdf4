"""Recording registers: load, decide, save, announce."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime

from attendance_contracts.faults import Refusal
from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import FirstdayError, error_of
from attendance_runtime.messaging import outbox
from register_service.calendar import repository as calendars
from register_service.calendar.domain import SchoolSession, SessionAt
from register_service.registers import domain, repository
from register_service.registers.domain import Order, Recorded
from register_service.roll import repository as roll


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRegister(Order):
    """An order to record a register, by a caller whose relations are asked."""

    sender: Principal

    @property
    def weight(self) -> int:
        """How many rows it writes at most."""
        return max(1, len(self.marks) + len(self.unmarked))

    @property
    def key(self) -> tuple[SessionAt, str]:
        """Which register it writes: the same one is not written twice by one statement."""
        return self.at, self.class_code


async def record_registers(
    db: SqlSession, orders: Sequence[RecordRegister], *, now: datetime
) -> list[Recorded | FirstdayError]:
    """Record registers as sent: keep their marks and announce what they change.

    However many there are, four statements, and one each for rolls that changed, for birth dates
    and for marks taken back; each order has an outcome of its own, in the order given.
    Where marks are wrong nothing of that register is kept, and its outcome is an `Invalid` with a
    pointer to each, unless the order says that the good marks are to be kept.
    """
    today = access.today(now)
    drafts = domain.check(orders, await _find_schools(db, orders, today=today), today=today)
    drafts = domain.name_by_class(drafts, await roll.read_rolls(db, domain.class_rolls(drafts)))
    drafts = domain.name_strays(drafts, await roll.read_rolls(db, domain.school_rolls(drafts)))
    drafts = domain.accept(drafts, await roll.birth_dates(db, domain.whose_age_matters(drafts)))
    kept = domain.not_refused(drafts)
    changed = await repository.upsert_marks(db, kept, now=now)
    taken_back = await repository.take_back_marks(db, kept, now=now)
    drafts = domain.written(drafts, changed, taken_back)
    await outbox.announce_traced(db, domain.news_with_traces(drafts, now=now), now=now)
    return [error_of(one) if isinstance(one, Refusal) else domain.outcome(one) for one in drafts]


async def _find_schools(
    db: SqlSession, orders: Sequence[RecordRegister], *, today: date
) -> list[SchoolSession | None]:
    """Say which session of which school each order is for; None where its sender reaches none."""
    schools = await calendars.find_school_sessions(db, {order.at for order in orders})
    asked = {(order.sender, schools[order.at].school_id) for order in orders if order.at in schools}
    reached = await access.reached_by_each(db, asked, rights.REGISTER_WRITE, today=today)

    def school_of(order: RecordRegister) -> SchoolSession | None:
        at, sender = schools.get(order.at), order.sender
        is_open = at and (sender.organisation, sender.subject, at.school_id) in reached
        return at if is_open else None

    return [school_of(order) for order in orders]
