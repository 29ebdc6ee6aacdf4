"""The consumer: every event applied exactly once, because its offset is stored with its effects.

To check it against the rules, read `Consumer._turn` and follow the calls; each rule stands where
it is kept, with the fault that taught it.

| rule | kept in |
|---|---|
| the listener does no I/O and nothing relies on it | `assignment.Assignment` |
| records of a lane not sought to its stored offset are dropped | `Assignment.accept` |
| a hole in the offsets: drop, seek, stop the lane if it stays | `Assignment.accept` |
| reset policy `none`; an offset that is gone stops its lane, with alarm | `_offset_is_gone` |
| an offset of another Kafka cluster stops its lane, with alarm | `_seek_to_stored` |
| offset rows are locked first, in lane order | `offsets.lock` |
| compare-and-set on the offset, row count checked | `offsets.advance` |
| time limits on the connection and on the transaction | `offsets.check_connection`, `_store` |
| second copies dropped, a missing number stops its lane | `sequences.take_next` |
| unreadable: a dead letter in the same transaction | `_store` |
| a bug: only the culprit is parked | `_save`, `dispatch.apply_in_pieces` |
| after any error memory is not believed | `_consume`, `Assignment.doubt` |
| transient trouble has a budget, then the process ends | `patience.Patience` |
| Kafka's own commit is for the lag display only | `watch.Watch` |
| liveness looks at lag, not at the client's tasks | `watch.Watch` |
"""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager, suppress

import structlog
from aiokafka import AIOKafkaConsumer
from aiokafka.errors import (
    IllegalStateError,
    KafkaError,
    NoOffsetForPartitionError,
    OffsetOutOfRangeError,
)

from attendance_runtime.clock import Clock
from attendance_runtime.database import Database
from attendance_runtime.messaging import dead_letters, dispatch, kafka, offsets
from attendance_runtime.messaging.assignment import Assignment, Fetched
from attendance_runtime.messaging.budgets import ConsumerSettings
from attendance_runtime.messaging.dead_letters import NewLetter
from attendance_runtime.messaging.deliveries import Delivery, read_record
from attendance_runtime.messaging.dispatch import UseCaseFailed, Work
from attendance_runtime.messaging.lanes import Lane
from attendance_runtime.messaging.metrics import Saved, count_stale, report_saved, show_stopped
from attendance_runtime.messaging.offsets import StaleOffsets
from attendance_runtime.messaging.patience import Patience
from attendance_runtime.messaging.routes import Route, RoutingTable
from attendance_runtime.messaging.sequences import take_next
from attendance_runtime.messaging.watch import Watch
from attendance_runtime.settings import KafkaSettings
from attendance_runtime.trouble import describe, is_transient

__all__ = ["Consumer", "ConsumerSettings", "Route"]

_log = structlog.get_logger()

Apply = Callable[[Work, Sequence[Delivery]], Awaitable[list[NewLetter]]]


class Consumer:
    """Reads a service's topics and applies their events through its routes.

    Args:
        database: the service's own, with time limits on its connections.
        kafka_settings: how to reach the brokers.
        group: the consumer group; its members share the lanes among them.
        routes: event types and their use cases, in the order they run within a batch.
        clock: domain time, given to the use cases.
        settings: budgets and sizes.
        on_committed: called after each stored batch, to wake a sender for instance.
    """

    def __init__(
        self,
        database: Database,
        kafka_settings: KafkaSettings,
        *,
        group: str,
        routes: Sequence[Route],
        clock: Clock,
        settings: ConsumerSettings | None = None,
        on_committed: Callable[[], None] | None = None,
    ) -> None:
        self._database = database
        self._kafka = kafka_settings
        self._group = group
        self._table = RoutingTable(routes)
        self._clock = clock
        self._settings = settings or ConsumerSettings()
        self._on_committed = on_committed
        self._patience = Patience(self._settings.retry_budget_seconds)
        self._assignment = Assignment(compacted=self._table.compacted)
        self._watch = Watch(self._settings)
        self._cluster_id = ""

    @property
    def stopped(self) -> dict[Lane, str]:
        """The lanes that are not read until somebody has looked, and why."""
        return dict(self._assignment.stopped)

    def is_live(self) -> bool:
        """Tell whether events are being applied, or there are none; for `/livez`."""
        return self._watch.is_live()

    async def run(self, stopping: asyncio.Event) -> None:
        """Consume until told to stop; the batch in hand is finished first.

        Raises:
            patience.GaveUp: transient trouble outlasted its budget.
            offsets.UnsafeConnection: the database's connections lack a needed setting.
            Exception: a bug of the runtime itself; the process should end.
        """
        while not stopping.is_set():
            try:
                async with self._database.transaction() as db:
                    await offsets.check_connection(db)
                async with self._client() as client:
                    await self._consume(client, stopping)
            except Exception as error:
                if not is_transient(error):
                    raise
                # A broken client object is never mended: a new one is made.
                await self._patience.wait(error, stopping)

    @asynccontextmanager
    async def _client(self) -> AsyncIterator[AIOKafkaConsumer]:
        """Open a Kafka client of our group and watch its lag while it is in use."""
        self._cluster_id = await kafka.cluster_id(self._kafka)
        self._assignment = Assignment(compacted=self._table.compacted)
        client = kafka.make_consumer(self._kafka, group=self._group, settings=self._settings)
        try:
            await client.start()
            client.subscribe(topics=sorted(self._table.topics), listener=self._assignment)
            async with self._watch.over(client, self._assignment):
                yield client
        finally:
            await kafka.close_consumer(client)

    async def _consume(self, client: AIOKafkaConsumer, stopping: asyncio.Event) -> None:
        """Take turns until told to stop; a database in trouble is tried again with this client."""
        while not stopping.is_set():
            try:
                await self._turn(client, stopping)
            except StaleOffsets:
                # A rebalance gave the lanes to somebody else while this batch was in hand.
                count_stale(self._group)
                self._assignment.doubt(list(self._assignment.positions))
            except KafkaError:
                raise  # this client is done for; `run` makes a new one
            except Exception as error:
                # PostgreSQL may have committed although we saw an error: only it knows.
                self._assignment.doubt(list(self._assignment.positions))
                if not is_transient(error):
                    raise
                await self._patience.wait(error, stopping)

    async def _turn(self, client: AIOKafkaConsumer, stopping: asyncio.Event) -> None:
        """Seek what needs it, fetch a batch, save it: the whole of consuming."""
        await self._seek_to_stored(client)
        fetched = await _unless_stopped(self._fetch(client), stopping)
        for lane in self._assignment.persistent_holes():
            self._stop_lane(client, lane, "records are missing between two that are there")
        if fetched is not None and fetched.records:
            await self._save(client, fetched)
            await asyncio.sleep(self._settings.gather_after(len(fetched.records)))

    async def _seek_to_stored(self, client: AIOKafkaConsumer) -> None:
        """Bring each doubtful lane to the offset that PostgreSQL holds."""
        while wanted := self._assignment.to_seek & _assigned(client):
            epoch = self._assignment.epoch
            async with self._database.transaction() as db:
                stored = await offsets.find_or_begin(
                    db, self._group, sorted(wanted), cluster_id=self._cluster_id
                )
            if self._assignment.epoch != epoch:
                continue  # a rebalance came in between: these lanes may not be ours any more
            for lane, place in stored.items():
                if place.cluster_id not in {None, self._cluster_id}:
                    # The same number means another event, or none, in another cluster.
                    self._stop_lane(client, lane, "its offset belongs to another Kafka cluster")
                    continue
                with suppress(IllegalStateError):  # revoked this instant: the listener will say so
                    client.seek(kafka.partition_of(lane), place.next_offset)
                    self._assignment.found(lane, place.next_offset)

    async def _fetch(self, client: AIOKafkaConsumer) -> Fetched | None:
        """Fetch records and keep those that follow what is stored."""
        try:
            records = await client.getmany(
                timeout_ms=self._settings.poll_ms, max_records=self._settings.batch_records
            )
        except NoOffsetForPartitionError:
            # Reading began before we had sought: nothing is lost, seek all.
            self._assignment.doubt(_assigned(client))
            return None
        except OffsetOutOfRangeError as error:
            self._offset_is_gone(client, {Lane(*lane): at for lane, at in error.args[0].items()})
            return None
        return self._assignment.accept(records)

    def _offset_is_gone(self, client: AIOKafkaConsumer, asked: dict[Lane, int]) -> None:
        """Stop lanes whose stored offset the brokers no longer hold.

        `earliest` or `latest` would skip or repeat events here without a word.
        """
        for lane, offset in asked.items():
            if self._assignment.positions.get(lane) != offset:
                self._assignment.doubt([lane])  # it was Kafka's idea of a place, not ours
                continue
            self._stop_lane(client, lane, f"offset {offset} is no longer on the topic")

    def _stop_lane(self, client: AIOKafkaConsumer, lane: Lane, reason: str) -> None:
        """Read no more of a lane, and say so until somebody has rebuilt what it feeds."""
        self._assignment.stop(lane, reason)
        with suppress(IllegalStateError):
            client.pause(kafka.partition_of(lane))
        show_stopped(self._group, self._assignment.stopped)
        _log.critical(
            "consumer.lane_stopped",
            group=self._group,
            topic=lane.topic,
            partition=lane.partition,
            reason=reason,
            remedy=f"run `{self._settings.rebuild_command} --restart {lane}`, "
            "then start the worker again",
        )

    async def _save(self, client: AIOKafkaConsumer, fetched: Fetched) -> None:
        """Store a batch: all at once as a rule, in pieces when a use case fails by a bug."""
        deliveries = [read_record(record, self._table.types) for record in fetched.records]
        try:
            saved = await self._store(fetched, deliveries, dispatch.apply_at_once)
        except UseCaseFailed as failed:
            error = describe(failed.error)
            _log.error("consumer.use_case_failed", route=failed.route.name, error=error)
            saved = await self._store(fetched, deliveries, dispatch.apply_in_pieces)
        self._assignment.saved(fetched)
        for lane, gap in saved.taken.gaps.items():
            missing = f"events are missing: expected {gap.expected}, found {gap.found}"
            self._stop_lane(client, lane, missing)
        self._patience.renew()
        self._watch.progressed()
        report_saved(saved, self._clock)
        if self._on_committed is not None:
            self._on_committed()

    async def _store(self, fetched: Fetched, deliveries: Sequence[Delivery], apply: Apply) -> Saved:
        """Store effects, dead letters, watermarks and offsets in one transaction, or none."""
        limit = asyncio.timeout(self._settings.transaction_seconds)
        async with limit, self._database.transaction() as db:
            # First of all, so that consumers which meet in a rebalance queue here and not inside
            # each other's effects, where they would deadlock.
            await offsets.lock(db, self._group, fetched.positions)
            watermarks = await offsets.read_watermarks(db, self._group, list(fetched.positions))
            taken = take_next(deliveries, watermarks, compacted=self._table.compacted)
            letters = [
                NewLetter(delivery, "unreadable", delivery.unreadable)
                for delivery in taken.deliveries
                if delivery.unreadable is not None
            ]
            work = Work(db, self._table, self._clock.now())
            letters += await apply(work, taken.deliveries)
            await dead_letters.store(db, self._group, letters)
            await offsets.save_watermarks(db, self._group, taken.watermarks)
            # Last of all the offsets, compared and set: an owner that was frozen through a
            # rebalance finds them moved and takes all of the above back.
            following = fetched.following | {at: gap.offset for at, gap in taken.gaps.items()}
            await offsets.advance(db, self._group, expected=fetched.positions, following=following)
        return Saved(self._group, taken, letters)


def _assigned(client: AIOKafkaConsumer) -> set[Lane]:
    return {Lane(*lane) for lane in client.assignment()}


async def _unless_stopped(
    fetching: Awaitable[Fetched | None], stopping: asyncio.Event
) -> Fetched | None:
    """Await a fetch, but not beyond the wish to stop: it may take long in a rebalance or outage."""
    task = asyncio.ensure_future(fetching)
    stop = asyncio.create_task(stopping.wait())
    try:
        await asyncio.wait({task, stop}, return_when=asyncio.FIRST_COMPLETED)
        return task.result() if task.done() else None
    finally:
        stop.cancel()
        task.cancel()  # cancelling a fetch loses nothing: what it took is fetched again
