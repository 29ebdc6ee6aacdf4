"""The whole line once: outbox, relay, topic, consumer."""

from .stage import Stage, running


async def test_what_is_announced_is_applied_once_and_in_order(stage: Stage) -> None:
    await stage.announce(range(200))
    async with running(stage.relay(), stage.consumer()):
        await stage.expect_exactly_once(200)
    assert await stage.count("outbox") == 0
    assert await stage.count("outbox_claim") == 0
