"""The journal: a file of JSON lines in the state folder, only ever appended to while running.

Each line is one write to the operating system before the request is answered, without fsync:
it survives the end of the process, not of the machine.
"""

import os
from collections import deque
from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from notify_sandbox.messages import Message, Progress

FILE_NAME = "messages.jsonl"
_MODE = 0o600  # the messages name children


class Journal:
    """The open journal of a state folder."""

    def __init__(self, path: Path) -> None:
        self._encode = msgspec.json.Encoder().encode
        self._file = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, _MODE)

    @staticmethod
    def read(folder: Path, *, keep: int) -> Iterator[Message]:
        """The newest `keep` messages of the folder in order, each as its last line left it.

        The last line may be torn (the machine stopped in the middle of a write): it is left out.
        """
        path = folder / FILE_NAME
        if not path.exists():
            return
        decode = msgspec.json.Decoder(Message | Progress).decode
        newest: deque[Message] = deque(maxlen=keep)
        by_id: dict[str, Message] = {}
        with path.open("rb") as lines:
            for line in lines:
                if not line.endswith(b"\n"):
                    break
                entry = decode(line)
                if isinstance(entry, Progress):
                    _apply(entry, by_id)
                    continue
                if len(newest) == keep:
                    del by_id[newest[0].id]
                newest.append(entry)
                by_id[entry.id] = entry
        yield from newest

    @classmethod
    def rewrite(cls, folder: Path, messages: Iterable[Message]) -> "Journal":
        """Start the folder's journal anew with one line a message, and open it."""
        folder.mkdir(parents=True, exist_ok=True)
        encode = msgspec.json.Encoder().encode
        path, fresh = folder / FILE_NAME, folder / f"{FILE_NAME}.new"
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, _MODE), "wb") as file:
            file.writelines(encode(message) + b"\n" for message in messages)
        fresh.replace(path)
        return cls(path)

    def write(self, entry: Message | Progress) -> None:
        """Append one line."""
        os.write(self._file, self._encode(entry) + b"\n")

    def empty(self) -> None:
        """Forget every line."""
        os.ftruncate(self._file, 0)

    def close(self) -> None:
        """Close the file."""
        os.close(self._file)


def _apply(progress: Progress, by_id: dict[str, Message]) -> None:
    message = by_id.get(progress.id)
    if message is None:
        return
    message.status = progress.status
    message.sent_at = progress.sent_at
    message.completed_at = progress.completed_at
    message.receipt = progress.receipt
