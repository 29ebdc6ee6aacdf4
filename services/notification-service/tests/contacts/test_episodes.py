"""What batches of events do to episodes and their messages, on a real database."""

from datetime import datetime, timedelta
from typing import NamedTuple

import pytest
from sqlalchemy import text

from attendance_contracts.calendar import Session
from attendance_runtime.database import SqlSession
from attendance_testing.counting import statements
from attendance_testing.facts import a_school
from notification_service.contacts.domain import Absence
from notification_service.contacts.use_cases import apply_absences, replan_schools
from notification_service.schools.use_cases import apply_schools
from notification_testing.facts import Pupil, at

NOW = at("08:05")
SCHOOL = a_school()


@pytest.fixture
async def db(db: SqlSession) -> SqlSession:
    """Begin with the school known."""
    await apply_schools(db, [SCHOOL], now=NOW)
    return db


async def hear(db: SqlSession, *events: Absence) -> None:
    await apply_absences(db, events, now=NOW)


class Kept(NamedTuple):
    """A message as the table has it."""

    kind: str
    state: str
    due_at: datetime | None
    round: int


async def messages(db: SqlSession, pupil: Pupil) -> list[Kept]:
    found = await db.execute(
        text("""
            SELECT kind, state, due_at, messages.round FROM messages
            JOIN episodes ON episodes.id = episode_id
            WHERE enrolment_id = :enrolment ORDER BY messages.id
        """),
        {"enrolment": pupil.enrolment_id},
    )
    return [Kept(*row) for row in found]


async def sent(db: SqlSession, pupil: Pupil) -> None:
    """Let what is due count as sent to somebody."""
    await db.execute(
        text("""
            UPDATE messages SET state = 'sent', contact_id = coalesce(contact_id, gen_random_uuid())
            FROM episodes
            WHERE state = 'due' AND episodes.id = episode_id AND enrolment_id = :enrolment
        """),
        {"enrolment": pupil.enrolment_id},
    )


async def test_morning_and_afternoon_owe_one_message_due_after_the_morning_closes(
    db: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)

    await hear(db, robin.absent())
    await hear(db, robin.absent(at("12:05"), session=Session.PM))

    assert await messages(db, robin) == [("first", "due", at("08:20"), 1)]


async def test_an_absence_with_a_reason_owes_nothing(db: SqlSession) -> None:
    robin = Pupil(SCHOOL.school_id)

    await hear(db, robin.absent(state="explained"))

    assert await messages(db, robin) == []


@pytest.mark.parametrize("word", ["explained", "settled", "retracted", "withdrawn"])
async def test_a_word_before_sending_stops_the_message(db: SqlSession, word: str) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())

    await hear(db, getattr(robin, word)())

    assert await messages(db, robin) == [("first", "cancelled", at("08:20"), 1)]


@pytest.mark.parametrize("word", ["explained", "settled", "retracted"])
async def test_a_family_that_was_told_what_was_true_is_told_nothing_more(
    db: SqlSession, word: str
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())
    await sent(db, robin)

    await hear(db, getattr(robin, word)())
    await hear(db, robin.absent(at("12:05"), session=Session.PM))

    assert await messages(db, robin) == [("first", "sent", at("08:20"), 1)]


async def test_a_child_who_is_in_school_after_all_is_owed_exactly_one_correction(
    db: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())
    await sent(db, robin)

    await hear(db, robin.withdrawn())
    await hear(db, robin.withdrawn())

    assert await messages(db, robin) == [
        ("first", "sent", at("08:20"), 1),
        ("correction", "due", NOW, 1),
    ]


async def test_a_mark_taken_back_and_then_put_right_owes_one_correction(
    db: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())
    await sent(db, robin)

    await hear(db, robin.retracted())
    await hear(db, robin.withdrawn(at("08:30")))

    assert [message.kind for message in await messages(db, robin)] == ["first", "correction"]


async def test_a_reason_that_comes_before_the_correction_takes_it_back(db: SqlSession) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())
    await sent(db, robin)
    await hear(db, robin.withdrawn())

    await hear(db, robin.absent(at("08:45"), state="explained"))

    assert [message.state for message in await messages(db, robin)] == ["sent", "cancelled"]


async def test_late_in_the_morning_and_ill_in_the_afternoon_owes_the_mornings_correction(
    db: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())
    await sent(db, robin)

    await hear(db, robin.absent(at("12:05"), session=Session.PM, state="explained"))
    await hear(db, robin.withdrawn(at("12:10")))

    assert [message.kind for message in await messages(db, robin)] == ["first", "correction"]


async def test_recorded_withdrawn_and_recorded_before_sending_owes_one_message(
    db: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    for event_ in (robin.absent(), robin.withdrawn(), robin.absent(at("08:12"))):
        await hear(db, event_)

    assert await messages(db, robin) == [("first", "due", at("08:20"), 1)]


async def test_recorded_again_while_the_correction_is_due_owes_nothing_more(
    db: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())
    await sent(db, robin)

    await hear(db, robin.withdrawn())
    await hear(db, robin.absent(at("08:45")))

    assert [message.state for message in await messages(db, robin)] == ["sent", "cancelled"]


async def test_recorded_again_after_the_correction_begins_a_round_with_one_message(
    db: SqlSession,
) -> None:
    robin = Pupil(SCHOOL.school_id)
    await hear(db, robin.absent())
    await sent(db, robin)
    await hear(db, robin.withdrawn())
    await sent(db, robin)

    await hear(db, robin.absent(at("09:10")))

    assert (await messages(db, robin))[2:] == [("first", "due", at("09:10"), 2)]


async def test_a_dual_registered_child_has_an_episode_at_each_school(
    db: SqlSession,
) -> None:
    other = a_school(urn="100001")
    await apply_schools(db, [other], now=NOW)
    main = Pupil(SCHOOL.school_id)
    subsidiary = Pupil(other.school_id, child_id=main.child_id)

    await hear(db, main.absent(), subsidiary.absent())

    assert len(await messages(db, main)) == 1
    assert len(await messages(db, subsidiary)) == 1


async def test_an_absence_waits_for_its_schools_settings(db: SqlSession) -> None:
    unheard_of = a_school(urn="100001")
    robin = Pupil(unheard_of.school_id)

    await hear(db, robin.absent())
    before = await messages(db, robin)
    await apply_schools(db, [unheard_of], now=NOW)
    await replan_schools(db, [unheard_of], now=NOW)

    assert [message.due_at for message in before] == [None]
    assert [message.due_at for message in await messages(db, robin)] == [at("08:20")]


async def test_a_reason_while_the_school_is_unknown_leaves_nothing_owed(
    db: SqlSession,
) -> None:
    unheard_of = a_school(urn="100001")
    robin = Pupil(unheard_of.school_id)

    await hear(db, robin.absent())
    await hear(db, robin.explained())
    await apply_schools(db, [unheard_of], now=NOW)
    await replan_schools(db, [unheard_of], now=NOW)

    assert [message.state for message in await messages(db, robin)] == ["cancelled"]


async def test_a_changed_setting_moves_what_has_not_been_sent(db: SqlSession) -> None:
    robin, alex = Pupil(SCHOOL.school_id), Pupil(SCHOOL.school_id)
    await hear(db, robin.absent(), alex.absent())
    await sent(db, alex)

    patient = a_school(school_id=SCHOOL.school_id, contact_grace_minutes=20, version=2)
    await apply_schools(db, [patient], now=NOW)
    await replan_schools(db, [patient], now=NOW)

    assert [message.due_at for message in await messages(db, robin)] == [at("08:35")]
    assert [message.due_at for message in await messages(db, alex)] == [at("08:20")]


async def test_an_older_version_of_a_school_changes_nothing(db: SqlSession) -> None:
    newer = a_school(school_id=SCHOOL.school_id, contact_grace_minutes=20, version=3)
    older = a_school(school_id=SCHOOL.school_id, contact_grace_minutes=1, version=2)
    robin = Pupil(SCHOOL.school_id)
    for settings in (newer, older):
        await apply_schools(db, [settings], now=NOW)

    await hear(db, robin.absent())

    assert [message.due_at for message in await messages(db, robin)] == [at("08:35")]


async def test_a_term_brought_in_at_once_owes_nobody_a_text(db: SqlSession) -> None:
    robin = Pupil(SCHOOL.school_id)

    await hear(db, robin.absent(at("08:00") + timedelta(days=14)))

    assert await messages(db, robin) == []


async def test_a_batch_of_five_hundred_absences_takes_a_handful_of_statements(
    db: SqlSession,
) -> None:
    pupils = [Pupil(SCHOOL.school_id) for _ in range(500)]
    with statements() as sent:
        await hear(db, *(pupil.absent() for pupil in pupils))

    assert len(sent) <= 7
    planned = await db.execute(text("SELECT count(*) FROM messages WHERE state = 'due'"))
    assert planned.scalar_one() == 500
