"""How a dead letter is settled here: by what the register says now, never by what was not heard.

A letter about absences names a school. Asked about are the days on which a family may have been
told something, and for every child the day of the letter and today; what differs is taken in as if
it were heard now.
"""

from collections.abc import Iterator, Sequence
from datetime import date
from uuid import UUID

from attendance_contracts.calendar import london_date
from attendance_contracts.events import EnrolmentChanged
from attendance_contracts.topics import ABSENCES
from attendance_runtime.database import SqlSession
from attendance_runtime.dead_letters import Letter, Resync
from attendance_runtime.register_reads import reads_as
from attendance_runtime.resyncing import ByTopic, copies
from attendance_runtime.runtime import Runtime
from notification_service.consumer import ROUTES
from notification_service.contacts import repository as contacts
from notification_service.contacts.facts import Day, EnrolmentDay, as_it_stands
from notification_service.contacts.use_cases import apply_absences
from notification_service.schools import repository as schools
from notification_service.sending.register import register_of
from notification_service.settings import settings_of


def resync(runtime: Runtime) -> Resync:
    """Return the way to settle this service's letters."""
    settings = settings_of(runtime)
    reads = reads_as(settings)

    async def absences_at_school(session: SqlSession, letter: Letter, school_id: UUID) -> None:
        places = await reads.enrolments(school_id=school_id)
        # Nobody else takes in absences of this school until the end: what the worker applies
        # after this is newer than what the register says here, or known to it already.
        await schools.take_turn(session, [school_id])
        known = await contacts.lock_episodes_at(session, school_id)
        now = runtime.clock.now()
        # Letters are dated by the real clock, which a driven one may be behind: no day is to come.
        today = london_date(now)
        dates = {today, min(today, london_date(letter.created_at))}
        days = dict(_days(places, dates)) | known
        async with register_of(settings) as register:
            stands = await register.open_sessions(days)
        news = [
            event
            for key, is_open in stands.items()
            for event in as_it_stands(days[key], is_open, now=now)
        ]
        if news:
            await apply_absences(session, news, now=now)

    return ByTopic(copies(reads, ROUTES, runtime.clock) | {ABSENCES.name: absences_at_school})


def _days(
    places: Sequence[EnrolmentChanged], dates: set[date]
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
