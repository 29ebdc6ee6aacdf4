"""Dead letters: leave one for a service, and see which are left."""

from sqlalchemy import text

from attendance_contracts.events import TYPE_OF, compaction_key, partition_key
from attendance_runtime.database import Database
from attendance_runtime.messaging.dead_letters import unresolved
from attendance_runtime.messaging.lanes import lane_of
from attendance_runtime.process import Service


async def park(database: Database, service: Service, event: object) -> None:
    """Leave the dead letter of an event that a service could not apply."""
    kind = TYPE_OF[type(event)]
    lane = lane_of(kind.topic.name, str(partition_key(event)), kind.topic.partitions)
    async with database.transaction() as db:
        await db.execute(
            _PARK,
            {
                "group": service.name,
                "topic": lane.topic,
                "partition": lane.partition,
                "type": kind.type,
                "key": compaction_key(event),
            },
        )


_PARK = text("""
    INSERT INTO dead_letter
           (consumer_group, topic, partition, "offset", route, part, type, key, kind, error)
    SELECT :group, :topic, :partition, count(*), 'use_case', -1, :type, :key, 'parked', 'Bug'
    FROM dead_letter
""")


async def letters_left(database: Database, service: Service) -> list[str]:
    """Return the keys of a service's dead letters that nothing has settled yet."""
    async with database.transaction() as db:
        return [letter.key for letter in await unresolved(db, service.name)]
