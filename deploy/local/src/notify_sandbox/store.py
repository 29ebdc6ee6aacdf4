"""What the sandbox has accepted: the newest messages in memory, each also a line in a journal."""

from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from notify_sandbox.journal import Journal
from notify_sandbox.messages import Message, Progress, Receipt

_TRIMMED_AT_ONCE = 10_000


class Store:
    """Messages in order of acceptance, found by id, reference and recipient.

    At most `keep` messages (and a little more between two trims) stay; the oldest go first.
    """

    def __init__(self, folder: Path, *, keep: int) -> None:
        self.keep = keep
        self._clear()
        kept = list(Journal.read(folder, keep=keep))
        self._journal = Journal.rewrite(folder, kept)
        for message in kept:
            self._index(message)

    def _clear(self) -> None:
        self._messages: list[Message] = []
        self._by_id: dict[str, Message] = {}
        self._by_reference: dict[str, list[Message]] = {}
        # Ordered by each recipient's newest message: the page's list of conversations.
        self._by_recipient: dict[str, list[Message]] = {}
        self._counts: Counter[tuple[str, str]] = Counter()
        self.repeated_references = 0
        self.refused = 0  # since the start or the last forgetting; not in the journal
        self.next_number = 1

    def __len__(self) -> int:
        return len(self._messages)

    def __contains__(self, message: Message) -> bool:
        return self._by_id.get(message.id) is message

    def add(self, message: Message) -> None:
        """Keep a message. It is in the journal when this returns, so it survives a kill."""
        message.number = self.next_number
        self._journal.write(message)
        self._index(message)
        if len(self._messages) >= self.keep + min(self.keep, _TRIMMED_AT_ONCE):
            self._trim()

    def hand_over(self, message: Message, *, at: float) -> None:
        """The provider has it: `sending`. Not journalled; a restart hands over again."""
        self._move(message, "sending")
        message.sent_at = at

    def finish(self, message: Message, status: str, *, at: float) -> None:
        """The provider's last word on a message."""
        self._move(message, status)
        message.completed_at = at
        if message in self:
            self._journal.write(Progress.of(message))

    def settle(self, message: Message, receipt: Receipt) -> None:
        """The delivery receipt is done with, in one way or another."""
        message.receipt = receipt
        if message in self:
            self._journal.write(Progress.of(message))

    def _move(self, message: Message, status: str) -> None:
        if message in self:
            self._counts["status", message.status] -= 1
            self._counts["status", status] += 1
        message.status = status

    def get(self, message_id: str) -> Message | None:
        """The message with this id, or None."""
        return self._by_id.get(message_id)

    def with_reference(self, reference: str) -> list[Message]:
        """The messages sent with a reference, oldest first."""
        return self._by_reference.get(reference, [])

    def to_recipient(self, recipient: str) -> list[Message]:
        """The messages to a normalised number or address, oldest first."""
        return self._by_recipient.get(recipient, [])

    def newest_first(self, *, before: int | None = None) -> Iterator[Message]:
        """Every message, newest first, from the one just older than number `before` on."""
        end = len(self._messages)
        if before is not None:
            end = bisect_left(self._messages, before, key=lambda message: message.number)
        return (self._messages[at] for at in range(end - 1, -1, -1))

    def conversations(self, start: int, count: int) -> list[tuple[str, list[Message]]]:
        """A page of recipients with their messages, the most recently written-to first."""
        return list(islice(reversed(self._by_recipient.items()), start, start + count))

    @property
    def recipients(self) -> int:
        """How many numbers and addresses have been written to."""
        return len(self._by_recipient)

    def counts(self, what: str) -> dict[str, int]:
        """How many messages per `status`, `type` or `template`."""
        return {name: n for (group, name), n in sorted(self._counts.items()) if group == what and n}

    def unfinished(self) -> list[Message]:
        """The messages that still have a status or a receipt to come, oldest first."""
        return [message for message in self._messages if message.receipt is None]

    def forget_all(self) -> None:
        """Drop every message, from memory and from the journal."""
        self._journal.empty()
        self._clear()

    def close(self) -> None:
        """Close the journal."""
        self._journal.close()

    def _index(self, message: Message) -> None:
        self.next_number = message.number + 1
        self._messages.append(message)
        self._by_id[message.id] = message
        if message.reference is not None:
            same = self._by_reference.setdefault(message.reference, [])
            same.append(message)
            self.repeated_references += len(same) == 2  # noqa: PLR2004 - the second makes it so
        thread = self._by_recipient.pop(message.recipient, [])
        thread.append(message)
        self._by_recipient[message.recipient] = thread
        self._count(message, 1)

    def _count(self, message: Message, by: int) -> None:
        self._counts["status", message.status] += by
        self._counts["type", message.type] += by
        self._counts["template", message.template] += by

    def _trim(self) -> None:
        surplus = len(self._messages) - self.keep
        for message in self._messages[:surplus]:
            del self._by_id[message.id]
            if message.reference is not None:
                _drop_oldest(self._by_reference, message.reference)
            _drop_oldest(self._by_recipient, message.recipient)
            self._count(message, -1)
        del self._messages[:surplus]


def _drop_oldest(index: dict[str, list[Message]], key: str) -> None:
    del index[key][0]
    if not index[key]:
        del index[key]
