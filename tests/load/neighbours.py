"""How much a flooding supplier slows somebody else: `python tests/load/neighbours.py`.

The good caller is one school's office: class registers at a steady rate. The supplier sends those
of other schools over many connections, each as soon as the last was answered. Alone and beside are
measured in turn: a machine's speed wanders, a ratio of the same half-minute does less.
"""

import argparse
import asyncio
import statistics
import sys
from collections.abc import Sequence
from contextlib import suppress
from itertools import cycle, islice

import authority
from bench import UNLIMITED, stack
from loaded import Loaded
from traffic import Answers, Call, Connection, send_steadily

_SECONDS = 10
_A_SECOND = 25
_CONNECTIONS = 64
_SCHOOLS = 6


def main() -> None:
    """Measure with the quotas that are the default, or with none."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--without", action="store_true", help="lift the quotas")
    given = parser.parse_args()
    with stack(**(UNLIMITED if given.without else {})) as document:
        loaded = Loaded(document, authority.schools(_SCHOOLS, 1000))
        asyncio.run(_measure(loaded, given.rounds))


async def _measure(loaded: Loaded, rounds: int) -> None:
    await loaded.progress.connect()
    await loaded.load()
    day, half = await loaded.next_session()
    [mine, *others] = loaded.schools
    office = await loaded.token(f"school:{mine.urn}")
    supplier = await loaded.token("supplier:bench")
    wanted = list(islice(cycle(authority.class_registers([mine], day, half)), _SECONDS * _A_SECOND))
    theirs = list(authority.class_registers(others, day, half))
    urls, ratios = loaded.api("register"), list[float]()
    for _ in range(rounds):
        alone = await send_steadily(wanted, urls, office, per_second=_A_SECOND)
        flooding = Answers()
        flood = asyncio.create_task(_flood(theirs, urls, supplier, flooding))
        beside = await send_steadily(wanted, urls, office, per_second=_A_SECOND)
        flood.cancel()
        with suppress(asyncio.CancelledError):
            await flood
        ratios.append(beside.percentile_ms(0.99) / alone.percentile_ms(0.99))
        sys.stdout.write(
            f"alone p50 {alone.percentile_ms(0.5):.0f} p99 {alone.percentile_ms(0.99):.0f} ms, "
            f"beside p50 {beside.percentile_ms(0.5):.0f} p99 {beside.percentile_ms(0.99):.0f} ms, "
            f"{ratios[-1]:.2f} times; the supplier: {len(flooding.seconds) / _SECONDS:.0f} a "
            f"second, {flooding.refused} refused\n"
        )
    sys.stdout.write(f"In the middle {statistics.median(ratios):.2f} times.\n")
    await loaded.progress.close()


async def _flood(calls: Sequence[Call], urls: Sequence[str], token: str, seen: Answers) -> None:
    """Send calls over and over through many connections until cancelled."""
    endless = cycle(calls)

    async def loop(number: int) -> None:
        connection = Connection(urls[number % len(urls)], token)
        try:
            for call in endless:
                await connection.send(call, seen)
        finally:
            await connection.close()

    async with asyncio.TaskGroup() as group:
        for number in range(_CONNECTIONS):
            group.create_task(loop(number))


if __name__ == "__main__":
    main()
