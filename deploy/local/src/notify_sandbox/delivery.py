"""What becomes of an accepted message: created → sending → its final status, then the receipt."""

import asyncio
from collections.abc import Callable

from notify_sandbox.callbacks import Callbacks
from notify_sandbox.messages import Message
from notify_sandbox.recipients import outcome_for
from notify_sandbox.store import Store
from notify_sandbox.switches import Switches


class Delivery:
    """Plays the provider: moves every message on after the configured delay."""

    def __init__(self, store: Store, switches: Switches, callbacks: Callbacks) -> None:
        self._store = store
        self._switches = switches
        self._callbacks = callbacks

    async def begin(self, message: Message) -> None:
        """Start a message on its way; returns at once unless its receipt is to come early."""
        if self._switches.receipts.mode == "early":
            self._switches.take_receipts()
            self._hand_over(message)
            self._close(message)
            await self._callbacks.post_now(message)
        else:
            self._later(self._half_the_delay, self._hand_over_and_go_on, message)

    def resume(self) -> None:
        """Go on, after a restart, with every message that was still under way."""
        for message in self._store.unfinished():
            if message.completed_at is None:
                self._later(self._half_the_delay, self._hand_over_and_go_on, message)
            else:
                self._callbacks.post_soon(message)

    @property
    def _half_the_delay(self) -> float:
        return self._switches.delivery.delay_seconds / 2

    def _hand_over_and_go_on(self, message: Message) -> None:
        if message not in self._store:
            return
        self._hand_over(message)
        self._later(self._half_the_delay, self._finish, message)

    def _hand_over(self, message: Message) -> None:
        self._store.hand_over(message, at=self._switches.clock.now())

    def _close(self, message: Message) -> None:
        outcome = outcome_for(message.recipient, message.key_type)
        self._store.finish(message, outcome, at=self._switches.clock.now())

    def _finish(self, message: Message) -> None:
        if message not in self._store:
            return
        self._close(message)
        receipts = self._switches.take_receipts()
        if receipts.mode == "never":
            self._store.settle(message, "withheld")
        elif receipts.mode == "late":
            self._later(receipts.seconds, self._callbacks.post_soon, message)
        else:
            self._callbacks.post_soon(message)
        if receipts.mode == "twice":
            self._callbacks.post_soon(message)

    def _later(self, seconds: float, step: Callable[[Message], None], message: Message) -> None:
        asyncio.get_running_loop().call_later(seconds, step, message)
