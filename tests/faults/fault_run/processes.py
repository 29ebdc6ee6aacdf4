"""Processes that are killed or frozen: every kind of them, alone and all at once."""

import asyncio

from fault_run.faults import fault
from fault_run.stage import SERVICES, Stage, until

_TAKEN_OVER_SECONDS = 8.0
"""Longer than a consumer's session, after which its partitions are given to others."""


def _kill_in_turn(role: str, service: str) -> None:
    short = (role, service) in {("api", "register"), ("worker", "notification")}

    @fault("processes", f"each {role} of {service} is killed", short=short)
    async def kill_in_turn(stage: Stage) -> None:
        """Kill one at once, the other when contact is due and the first is up again."""
        first, second = stage.process_names(f"{service}-{role}")
        stage.kill(first)
        await stage.contact_is_due()

        async def up_again() -> bool:
            return bool((await stage.readiness())[first])

        await until(up_again)
        stage.kill(second)


for _service in SERVICES:
    _kill_in_turn("api", _service)
for _service in SERVICES:
    _kill_in_turn("worker", _service)


@fault("processes", "the owner of the relay is killed", short=True)
async def kill_relay_owner(stage: Stage) -> None:
    """Kill the worker that publishes the register's outbox."""
    stage.kill(await stage.relay_owner("register"))


@fault("processes", "the broker is killed")
async def kill_broker(stage: Stage) -> None:
    """Kill the one broker; the supervisor starts it again."""
    stage.kill("kafka")


@fault("processes", "PostgreSQL is killed")
async def kill_postgres(stage: Stage) -> None:
    """Kill the server and every one of its backends, as a machine that loses its power does."""
    stage.kill("postgres", with_children=True)


@fault("processes", "the provider's sandbox is killed")
async def kill_sandbox(stage: Stage) -> None:
    """Kill it just when the texts go out."""
    await stage.contact_is_due()
    stage.kill("sandbox")


def _freeze_worker(service: str) -> None:
    @fault("processes", f"a worker of {service} is frozen until another has its partitions")
    async def freeze_worker(stage: Stage) -> None:
        name = stage.chance.choice(stage.process_names(f"{service}-worker"))
        with stage.frozen(name):
            await asyncio.sleep(_TAKEN_OVER_SECONDS)


for _service in SERVICES:
    _freeze_worker(_service)


@fault("processes", "everything is killed at once")
async def kill_everything(stage: Stage) -> None:
    """Stores, services, issuer and sandbox, all in the same moment."""
    stage.kill(*stage.process_names(""))
