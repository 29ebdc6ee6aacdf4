"""What batches of events do to episodes and their messages, on a real database."""

from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.counting import statements
from attendance_runtime.database import SqlSession
from notification_service.contacts.facts import Absence
from notification_service.contacts.use_cases import apply_absences, replan_schools
from notification_service.schools.use_cases import apply_schools
from notification_service.testing import Pupil, a_school, at

NOW = at("08:05")
SCHOOL = a_school()


@pytest.fixture
async def session(session: SqlSession) -> SqlSession:
    """Begin with the school known."""
    await apply_schools(session, [SCHOOL], now=NOW)
    return session


async def hear(session: SqlSession, *events: Absence) -> None:
    await apply_absences(session, events, now=NOW)


class Kept(NamedTuple):
    """A message as the table has it."""

    kind: str
    state: str
    due_at: datetime | None
    round: int


async def messages(session: SqlSession, pupil: Pupil) -> list[Kept]:
    found = await session.execute(
        text("""
            SELECT kind, state, due_at, messages.round FROM messages
            JOIN episodes ON episodes.id = episode_id
            WHERE enrolment_id = :enrolment ORDER BY messages.id
        """),
        {"enrolment": pupil.enrolment_id},
    )
    return [Kept(*row) for row in found]


async def sent(session: SqlSession, pupil: Pupil) -> None:
    """Let what is due count as sent to somebody."""
    await session.execute(
        text("""
            UPDATE messages SET state = 'sent', contact_id = coalesce(contact_id, gen_random_uuid())
            FROM episodes
            WHERE state = 'due' AND episodes.id = episode_id AND enrolment_id = :enrolment
        """),
        {"enrolment": pupil.enrolment_id},
    )


async def test_morning_and_afternoon_owe_one_message_due_after_the_morning_closes(
    session: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)

    await hear(session, robin.absent())
    await hear(session, robin.absent(at("12:05"), session=Session.PM))

    assert await messages(session, robin) == [("first", "due", at("08:20"), 1)]


async def test_an_absence_with_a_reason_owes_nothing(session: SqlSession) -> None:
    robin = Pupil(SCHOOL.school_id)

    await hear(session, robin.absent(state="explained"))

    assert await messages(session, robin) == []


@pytest.mark.parametrize("word", ["explained", "settled", "retracted", "withdrawn"])
async def test_a_word_before_sending_stops_the_message(session: SqlSession, word: str) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())

    await hear(session, getattr(robin, word)())

    assert await messages(session, robin) == [("first", "cancelled", at("08:20"), 1)]


@pytest.mark.parametrize("word", ["explained", "settled", "retracted"])
async def test_a_family_that_was_told_what_was_true_is_told_nothing_more(
    session: SqlSession, word: str
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())
    await sent(session, robin)

    await hear(session, getattr(robin, word)())
    await hear(session, robin.absent(at("12:05"), session=Session.PM))

    assert await messages(session, robin) == [("first", "sent", at("08:20"), 1)]


async def test_a_child_who_is_in_school_after_all_is_owed_exactly_one_correction(
    session: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())
    await sent(session, robin)

    await hear(session, robin.withdrawn())
    await hear(session, robin.withdrawn())

    assert await messages(session, robin) == [
        ("first", "sent", at("08:20"), 1),
        ("correction", "due", NOW, 1),
    ]


async def test_a_mark_taken_back_and_then_put_right_owes_one_correction(
    session: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())
    await sent(session, robin)

    await hear(session, robin.retracted())
    await hear(session, robin.withdrawn(at("08:30")))

    assert [message.kind for message in await messages(session, robin)] == ["first", "correction"]


async def test_a_reason_that_comes_before_the_correction_takes_it_back(session: SqlSession) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())
    await sent(session, robin)
    await hear(session, robin.withdrawn())

    await hear(session, robin.absent(at("08:45"), state="explained"))

    assert [message.state for message in await messages(session, robin)] == ["sent", "cancelled"]


async def test_late_in_the_morning_and_ill_in_the_afternoon_owes_the_mornings_correction(
    session: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())
    await sent(session, robin)

    await hear(session, robin.absent(at("12:05"), session=Session.PM, state="explained"))
    await hear(session, robin.withdrawn(at("12:10")))

    assert [message.kind for message in await messages(session, robin)] == ["first", "correction"]


async def test_recorded_withdrawn_and_recorded_before_sending_owes_one_message(
    session: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    for event_ in (robin.absent(), robin.withdrawn(), robin.absent(at("08:12"))):
        await hear(session, event_)

    assert await messages(session, robin) == [("first", "due", at("08:20"), 1)]


async def test_recorded_again_while_the_correction_is_due_owes_nothing_more(
    session: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())
    await sent(session, robin)

    await hear(session, robin.withdrawn())
    await hear(session, robin.absent(at("08:45")))

    assert [message.state for message in await messages(session, robin)] == ["sent", "cancelled"]


async def test_recorded_again_after_the_correction_begins_a_round_with_one_message(
    session: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(session, robin.absent())
    await sent(session, robin)
    await hear(session, robin.withdrawn())
    await sent(session, robin)

    await hear(session, robin.absent(at("09:10")))

    assert (await messages(session, robin))[2:] == [("first", "due", at("09:10"), 2)]


async def test_a_dual_registered_child_has_an_episode_at_each_school(
    session: SqlSession,
) -> None:
    other = a_school(urn="100001")
    await apply_schools(session, [other], now=NOW)
    main = Pupil(SCHOOL.school_id)
    subsidiary = Pupil(other.school_id, child_id=main.child_id)

    await hear(session, main.absent(), subsidiary.absent())

    assert len(await messages(session, main)) == 1
    assert len(await messages(session, subsidiary)) == 1


async def test_an_absence_waits_for_its_schools_settings(session: SqlSession) -> None:
    unheard_of = a_school(urn="100001")
    robin = Pupil(unheard_of.school_id)

    await hear(session, robin.absent())
    before = await messages(session, robin)
    await apply_schools(session, [unheard_of], now=NOW)
    await replan_schools(session, [unheard_of], now=NOW)

    assert [message.due_at for message in before] == [None]
    assert [message.due_at for message in await messages(session, robin)] == [at("08:20")]


async def test_a_reason_while_the_school_is_unknown_leaves_nothing_owed(
    session: SqlSession,
) -> None:
    unheard_of = a_school(urn="100001")
    robin = Pupil(unheard_of.school_id)

    await hear(session, robin.absent())
    await hear(session, robin.explained())
    await apply_schools(session, [unheard_of], now=NOW)
    await replan_schools(session, [unheard_of], now=NOW)

    assert [message.state for message in await messages(session, robin)] == ["cancelled"]


async def test_a_changed_setting_moves_what_has_not_been_sent(session: SqlSession) -> None:
    robin, alex = Pupil(SCHOOL.school_id), Pupil(SCHOOL.school_id)
    await hear(session, robin.absent(), alex.absent())
    await sent(session, alex)

    patient = a_school(school_id=SCHOOL.school_id, contact_grace_minutes=20, version=2)
    await apply_schools(session, [patient], now=NOW)
    await replan_schools(session, [patient], now=NOW)

    assert [message.due_at for message in await messages(session, robin)] == [at("08:35")]
    assert [message.due_at for message in await messages(session, alex)] == [at("08:20")]


async def test_an_older_version_of_a_school_changes_nothing(session: SqlSession) -> None:
    newer = a_school(school_id=SCHOOL.school_id, contact_grace_minutes=20, version=3)
    older = a_school(school_id=SCHOOL.school_id, contact_grace_minutes=1, version=2)
    robin = Pupil(SCHOOL.school_id)
    for settings in (newer, older):
        await apply_schools(session, [settings], now=NOW)

    await hear(session, robin.absent())

    assert [message.due_at for message in await messages(session, robin)] == [at("08:35")]


async def test_a_term_brought_in_at_once_owes_nobody_a_text(session: SqlSession) -> None:
    robin = Pupil(SCHOOL.school_id)

    await hear(session, robin.absent(at("08:00") + timedelta(days=14)))

    assert await messages(session, robin) == []


async def test_a_batch_of_five_hundred_absences_takes_a_handful_of_statements(
    session: SqlSession,
) -> None:
    pupils = [Pupil(SCHOOL.school_id) for _ in range(500)]
    with statements() as sent:
        await hear(session, *(pupil.absent() for pupil in pupils))

    assert len(sent) <= 7
    planned = await session.execute(text("SELECT count(*) FROM messages WHERE state = 'due'"))
    assert planned.scalar_one() == 500
