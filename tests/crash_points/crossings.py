"""Where a process can die: the moments just before and after it speaks with the world outside.

Each is a *crossing*, named by itself: by what is crossed and, inside a transaction, by all that was
crossed in it so far. Nobody keeps a list: a statement added to a use case is a crossing as soon as
it runs. A name says whether a statement found anything, so that a worker that looks for work in
vain is not taken for one that has found some.

This half lives in the process under test; the other half, `armed.Armed`, in the one that tests it.
"""

import hashlib
import json
import mmap
import os
import struct
from collections.abc import Sequence
from pathlib import Path
from typing import Final, Literal, NoReturn

Moment = Literal["before", "sent", "after"]
"""`sent`: on its way, and nobody has answered yet. The one moment whose outcome nobody knows."""

KILLED: Final = 137
"""How a process ends at the crossing it was armed with: as after `kill -9`."""
DIGEST_BYTES: Final = 16
COUNTED: Final = ("statements", "records", "messages")
"""What leaves a process is counted, to be compared with what arrives on the other side."""
MOST_ARMED: Final = 4
SHARED: Final = struct.Struct(f"<{MOST_ARMED * DIGEST_BYTES}s{DIGEST_BYTES}sQ{len(COUNTED)}Q")
"""What both halves see: the armed digests, the one that was died at, the era, the counts."""
DIED_AT: Final = MOST_ARMED * DIGEST_BYTES
ERA_AT: Final = DIED_AT + DIGEST_BYTES
_COUNTS_AT: Final = ERA_AT + 8
SHARED_FILE, SEEN_FILE = "shared", "seen"
_COUNT: Final = struct.Struct("<Q")


def digest_of(trail: Sequence[str], moment: Moment) -> str:
    """Return the short name under which a crossing is armed."""
    words = "\n".join((*trail, moment)).encode()
    return hashlib.blake2b(words, digest_size=DIGEST_BYTES // 2).hexdigest()


class Crossings:
    """Reports each crossing of this process once, and ends the process at an armed one.

    Args:
        folder: where the other half arms, and reads what was seen.
        life: the number of this life of the process; it stands in all that is reported.
    """

    def __init__(self, folder: Path, life: int) -> None:
        self._life = life
        with (folder / SHARED_FILE).open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), SHARED.size)
        self._seen = os.open(folder / SEEN_FILE, os.O_WRONLY | os.O_APPEND)
        self._known: set[str] = set()
        self._era = -1

    def cross(self, moment: Moment, *trail: str) -> None:
        """Pass a crossing; `trail` ends with what is crossed and begins with what led to it."""
        digest = digest_of(trail, moment)
        if self._shared.find(digest.encode(), 0, DIED_AT) >= 0:
            self._die(digest)
        era = self._shared[ERA_AT]
        if era != self._era:
            self._known.clear()
            self._era = era
        if digest not in self._known:
            self._known.add(digest)
            self._report(digest=digest, moment=moment, trail=trail)

    def _report(self, **crossing: object) -> None:
        line = json.dumps({**crossing, "era": self._era, "life": self._life})
        os.write(self._seen, f"{line}\n".encode())

    def count(self, what: str, times: int = 1) -> None:
        """Count what leaves this process."""
        place = _COUNTS_AT + 8 * COUNTED.index(what)
        before: int = _COUNT.unpack_from(self._shared, place)[0]
        _COUNT.pack_into(self._shared, place, before + times)

    def _die(self, digest: str) -> NoReturn:
        self._shared[DIED_AT:ERA_AT] = digest.encode()
        os._exit(KILLED)  # no handler, no flush, no farewell: what `kill -9` leaves
