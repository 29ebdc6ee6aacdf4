"""How a dead letter is settled here: by what the register says now, never by what was not heard.

A letter about absences names a school. Asked about are the days on which a family may have been
told something, and for every child the day of the letter and today; what differs is taken in as if
it were heard now.
"""

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from attendance_contracts.calendar import london_date
from attendance_contracts.events import EnrolmentChanged
from attendance_contracts.topics import ABSENCES
from attendance_runtime.copies.register_reads import RegisterReads, reads_as
from attendance_runtime.copies.resyncing import ByTopic, copies
from attendance_runtime.database import SqlSession
from attendance_runtime.messaging.dead_letters import Letter, Resync
from attendance_runtime.runtime import Runtime
from notification_service.clients import register_of
from notification_service.consumer import ROUTES
from notification_service.contacts import repository as contacts
from notification_service.contacts.domain import Day, as_it_stands
from notification_service.contacts.use_cases import apply_absences
from notification_service.recipients.domain import EnrolmentDay
from notification_service.recipients.repository import RegisterClient
from notification_service.schools import repository as schools
from notification_service.settings import settings_of


def resync(runtime: Runtime) -> Resync:
    """Return the way to settle this service's letters."""
    settings = settings_of(runtime)
    reads = reads_as(settings)

    async def absences_at_school(db: SqlSession, letter: Letter, school_id: UUID) -> None:
        now = runtime.clock.now()
        # Letters are dated by the real clock, which a driven one may be behind: no day is to come.
        today = london_date(now)
        dates = {today, min(today, london_date(letter.created_at))}
        async with register_of(settings) as register:
            await renew_absences(db, reads, register, AtSchool(school_id, dates), now=now)

    return ByTopic(copies(reads, ROUTES, runtime.clock) | {ABSENCES.name: absences_at_school})


@dataclass(frozen=True, slots=True)
class AtSchool:
    """Whose absences are asked about.

    Attributes:
        dates: asked about for every child, beside the days of which something is known.
        left_alone: enrolments' days of which nothing is taken in.
    """

    school_id: UUID
    dates: Collection[date]
    left_alone: Collection[EnrolmentDay] = frozenset()


async def renew_absences(
    db: SqlSession,
    reads: RegisterReads,
    register: RegisterClient,
    whose: AtSchool,
    *,
    now: datetime,
) -> None:
    """Take in what the register says now of a school's days, where it is not what is known here."""
    places = await reads.enrolments(school_id=whose.school_id)
    # Nobody else takes in absences of this school until the end: what the worker applies
    # after this is newer than what the register says here, or known to it already.
    await schools.take_turn(db, [whose.school_id])
    known = await contacts.lock_episodes_at(db, whose.school_id)
    days = dict(_days(places, whose.dates)) | known
    said = await register.stands(days)
    news = [
        event
        for key, stands in said.items()
        if key not in whose.left_alone
        for event in as_it_stands(days[key], stands, now=now)
    ]
    if news:
        await apply_absences(db, news, now=now)


def _days(
    places: Sequence[EnrolmentChanged], dates: Collection[date]
) -> Iterator[tuple[EnrolmentDay, Day]]:
    """Name days of which nothing is known yet."""
    for place in places:
        for day in dates:
            yield (
                (place.enrolment_id, day),
                Day(
                    enrolment_id=place.enrolment_id,
                    child_id=place.child_id,
                    school_id=place.school_id,
                    date=day,
                    facts={},
                ),
            )
