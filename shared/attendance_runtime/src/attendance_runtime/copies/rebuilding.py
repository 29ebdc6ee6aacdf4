"""`python -m <service> rebuild`: what a service keeps, made anew from what the register says now.

| step | why in this order |
|---|---|
| note where the lanes to be restarted end | what comes later is heard, what came before is read |
| copies: schools, calendars, roll, care | figures and decisions stand on them |
| what the service itself makes of the marks | its own part, `Rebuild.project` |
| begin the named lanes at the noted ends | only now is nothing missed by it |

It runs beside the service's workers, and may be run again: what is true already stays as it is.
"""

import sys
from collections.abc import Awaitable, Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final
from uuid import UUID

from aiokafka.errors import KafkaError

from attendance_contracts.events import CalendarChanged, CareChanged, EnrolmentChanged
from attendance_runtime.command_line import Option
from attendance_runtime.copies.register_reads import ReadsTheRegister, RegisterReads, reads_as
from attendance_runtime.copies.resyncing import apply, renew
from attendance_runtime.errors import Unavailable
from attendance_runtime.messaging import kafka, offsets
from attendance_runtime.messaging.consumer import Route
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.messaging.routes import RoutingTable
from attendance_runtime.runtime import Runtime

EVERY_LANE: Final = "all"
"""What to restart when none of a service's lanes can go on: the cluster is another one."""

RESTART: Final = Option(
    "rebuild",
    "--restart",
    "TOPIC/PARTITION",
    "let a lane that was stopped go on after what it misses, or `all` of them; more may be named",
)

_CARE_A_TRANSACTION: Final = 1_000


class NoSuchLane(Unavailable):
    """A lane was named that the service does not read."""


@dataclass(frozen=True, slots=True)
class Rebuild:
    """How a service rebuilds what it keeps.

    Attributes:
        settings: those that its register is read with.
        project: makes its own part anew, given the reads and every school; True if it is true now.
        rereads: events of its own that it reads again for it, as the memory of what it has done.
    """

    settings: Callable[[Runtime], ReadsTheRegister]
    project: Callable[[Runtime, RegisterReads, Sequence[UUID]], Awaitable[bool]]
    rereads: Collection[type] = ()


async def rebuild(
    runtime: Runtime,
    how: Rebuild,
    routes: Sequence[Route],
    *,
    group: str,
    restart: Collection[str] = (),
) -> int:
    """Rebuild; return 0, 1 where something is still not true, 2 where register or Kafka is away.

    `restart` names the lanes that begin anew, `topic/partition` as the log names a stopped one.
    """
    try:
        reads = reads_as(how.settings(runtime))
        noted = await _ends(runtime, routes, restart)
        schools = [school.school_id for school in await reads.schools()]
        await _renew_copies(runtime, reads, routes, schools)
        is_true = await how.project(runtime, reads, schools)
        await _begin_at(runtime, group, noted)
    except (Unavailable, KafkaError) as error:
        words = str(error) if isinstance(error, Unavailable) else type(error).__name__
        sys.stderr.write(f"Nothing was restarted: {words}\n")
        return 2
    for lane in noted:
        sys.stdout.write(f"rebuild: {lane} goes on at {noted[lane]}\n")
    return 0 if is_true else 1


async def _ends(
    runtime: Runtime, routes: Sequence[Route], restart: Collection[str]
) -> Mapping[Lane, int]:
    """Note where the lanes named end now."""
    if not restart:
        return {}
    async with kafka.reading(runtime.kafka) as client:
        ends = await kafka.ends_of(client, RoutingTable(routes).topics)
    named = {str(lane): lane for lane in ends}
    if unknown := set(restart) - {EVERY_LANE, *named}:
        raise NoSuchLane(f"{', '.join(sorted(unknown))} is read by no worker of this service.")
    return {
        lane: ends[lane] for name, lane in named.items() if name in restart or EVERY_LANE in restart
    }


async def _begin_at(runtime: Runtime, group: str, noted: Mapping[Lane, int]) -> None:
    if noted:
        cluster_id = await kafka.cluster_id(runtime.kafka)
        async with runtime.database.transaction() as db:
            await offsets.restart_at(db, group, noted, cluster_id=cluster_id)


async def _renew_copies(
    runtime: Runtime, reads: RegisterReads, routes: Sequence[Route], schools: Sequence[UUID]
) -> None:
    """Make the copies that the service keeps what the register says, a school a transaction."""
    kept = {kind for route in routes for kind in route.events}

    async def of_school(school_id: UUID) -> list[object]:
        found: list[object] = [*await reads.schools(school_id)]
        if CalendarChanged in kept:
            found += await reads.calendars(school_id)
        if EnrolmentChanged in kept:
            found += await reads.enrolments(school_id=school_id)
        return found

    for school_id in schools:
        async with runtime.database.transaction() as db:
            await renew(db, routes, partial(of_school, school_id), runtime.clock)
    care = await reads.care() if CareChanged in kept else []
    for start in range(0, len(care), _CARE_A_TRANSACTION):
        # Read once: each has a version, and what a worker applied since is the newer one.
        async with runtime.database.transaction() as db:
            part = care[start : start + _CARE_A_TRANSACTION]
            await apply(db, routes, part, now=runtime.clock.now())
    sys.stdout.write(f"rebuild: {len(schools)} schools, {len(care)} children's care\n")
