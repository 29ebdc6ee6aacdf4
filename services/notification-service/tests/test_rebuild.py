"""`rebuild` takes in what was missed and tells nobody twice, whatever of the record was lost."""

from collections.abc import AsyncIterator
from dataclasses import replace
from functools import partial

import pytest
from sqlalchemy import text

from attendance_contracts.events import (
    ContactDelivered,
    ContactFailed,
    ContactSent,
    SchoolChanged,
)
from attendance_runtime.clock import FixedClock
from attendance_runtime.copies.rebuilding import Rebuild
from attendance_runtime.messaging import codec
from attendance_runtime.process import rebuild
from attendance_runtime.runtime import Runtime
from attendance_runtime.settings import KafkaSettings
from attendance_testing.tokens import TokenIssuer
from notification_service.main import SERVICE
from notification_service.rebuild import rebuild_contacts, told_days
from notification_service.sending.use_cases import Desk, send_due
from notification_service.settings import settings_of
from notification_testing.facts import MONDAY, Pupil, at, hear, states
from notification_testing.stand_ins import Sandbox, StandInRegister

DAMAGE = {
    "messages and episodes are gone": "TRUNCATE messages, calls, episodes",
    "messages are gone": "TRUNCATE messages",
    "the day is gone": "UPDATE episodes SET am_state = NULL, am_recorded_at = NULL",
    "a day is thought to be settled": "UPDATE episodes SET am_state = 'withdrawn'",
    "schools are gone": "TRUNCATE schools",
    "everything is gone": "TRUNCATE messages, calls, episodes, schools",
    "nothing is lost": "SELECT 1",
}


@pytest.fixture
def runtime(desk: Desk, clock: FixedClock) -> Runtime:
    kafka = KafkaSettings(bootstrap_servers="127.0.0.1:1")
    return Runtime(desk.settings, kafka, clock, desk.database, TokenIssuer().verifier)


@pytest.fixture
def service(desk: Desk) -> object:
    """The service, with what it announced as it stands in its outbox: no broker is here to ask."""

    async def announced(_: Runtime) -> AsyncIterator[object]:
        async with desk.database.transaction() as db:
            rows = await db.execute(text("SELECT type, payload FROM outbox ORDER BY id"))
        for row in rows:
            yield codec.decode(row.type, row.payload)

    project = partial(rebuild_contacts, announced=announced)
    return replace(SERVICE, rebuild=Rebuild(settings_of, project))


@pytest.fixture
def enrolled(robin: Pupil, school: SchoolChanged, register: StandInRegister) -> Pupil:
    """A pupil whose school and enrolment the register gives out in bulk."""
    register.copies["schools"] = [school]
    register.copies["enrolments"] = [robin.enrolled()]
    return robin


@pytest.mark.parametrize("damage", DAMAGE.values(), ids=DAMAGE)
async def test_a_family_that_was_told_is_not_told_again(
    runtime: Runtime,
    service: object,
    desk: Desk,
    *,
    clock: FixedClock,
    enrolled: Pupil,
    sandbox: Sandbox,
    damage: str,
) -> None:
    await hear(desk, enrolled.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    assert len(sandbox.texts()) == 1
    async with desk.database.transaction() as db:
        await db.execute(text(damage))

    for _ in range(2):
        assert await rebuild(service, runtime) == 0  # type: ignore[arg-type] # a fixture's type
        clock.set(at("12:00"))
        await send_due(desk)

    assert len(sandbox.texts()) == 1


async def test_an_absence_that_was_never_heard_is_told_once(
    runtime: Runtime,
    service: object,
    desk: Desk,
    *,
    clock: FixedClock,
    enrolled: Pupil,
    sandbox: Sandbox,
) -> None:
    """The event was gone from the topic before the service came back: a child nobody looked for."""
    async with desk.database.transaction() as db:
        await db.execute(text("TRUNCATE messages, calls, episodes, schools"))
    clock.set(at("08:20"))

    for _ in range(2):
        assert await rebuild(service, runtime) == 0  # type: ignore[arg-type] # a fixture's type
        await send_due(desk)

    assert await states(desk, enrolled) == ["first sent"]
    assert len(sandbox.texts()) == 1


async def test_an_arrival_that_was_never_heard_is_put_right(
    runtime: Runtime,
    service: object,
    desk: Desk,
    *,
    clock: FixedClock,
    enrolled: Pupil,
    register: StandInRegister,
) -> None:
    await hear(desk, enrolled.absent())
    clock.set(at("08:20"))
    await send_due(desk)
    register.families[enrolled.enrolment_id].is_open = False

    assert await rebuild(service, runtime) == 0  # type: ignore[arg-type] # a fixture's type

    assert await states(desk, enrolled) == ["first sent", "correction due"]


async def test_without_the_brokers_nothing_is_taken_in(
    runtime: Runtime, desk: Desk, enrolled: Pupil, capsys: pytest.CaptureFixture[str]
) -> None:
    """They alone remember whom a lost message told."""
    assert await rebuild(SERVICE, runtime) == 2

    assert await states(desk, enrolled) == []
    assert "KafkaConnectionError" in capsys.readouterr().err


async def test_who_was_told_is_whom_the_last_word_says(robin: Pupil) -> None:
    other = Pupil(robin.school_id)
    first, second = other.enrolment_id, other.child_id  # any two ids do for messages

    def news(kind: type, message: object, of: str = "first") -> object:
        return kind(
            school_id=robin.school_id,
            date=MONDAY,
            kind=of,
            channel="sms",
            recorded_at=at("08:20"),
            messages=(message,),
            enrolments=(robin.enrolment_id,),
            children=(robin.child_id,),
        )

    async def told(*events: object) -> list[object]:
        async def announced() -> AsyncIterator[object]:
            for event in events:
                yield event

        return list((await told_days(announced())).values())

    assert await told(news(ContactSent, first)) == [first]
    assert await told(news(ContactSent, first), news(ContactDelivered, first)) == [first]
    assert await told(news(ContactSent, first), news(ContactFailed, first)) == []
    assert await told(news(ContactSent, second, "correction")) == []
    assert await told(
        news(ContactSent, first), news(ContactFailed, first), news(ContactSent, second)
    ) == [second]
