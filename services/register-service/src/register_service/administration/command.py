"""`python -m register_service establishments < edubasealldata.csv`: load the list from its file."""

import asyncio
import sys
from collections import Counter

from attendance_runtime.errors import Invalid
from attendance_runtime.runtime import Runtime
from register_service.administration import use_cases
from register_service.establishments.api import read_file
from register_service.establishments.domain import Establishment
from register_service.lines.api import Body
from register_service.lines.domain import State


async def establishments(runtime: Runtime) -> int:
    """Load the file of the register of schools from standard input, however large.

    Prints each refused line and the sums; 1 if any line was refused, 2 if it is no such file.
    """
    raw = await asyncio.to_thread(sys.stdin.buffer.read)
    try:
        body = read_file(raw)
    except Invalid as error:
        sys.stderr.write("".join(f"{fault.detail}\n" for fault in error.faults))
        sys.stderr.write(f"{error}\n")
        return 2
    return await _load(runtime, body)


async def _load(runtime: Runtime, body: Body[Establishment]) -> int:
    async with runtime.database.transaction() as db:
        decisions = await use_cases.load_list(db, body.lines, now=runtime.clock.now())
    refused = dict(body.unreadable)
    refused |= {one.line: one.faults for one in decisions if one.state is State.REFUSED}
    for line, faults in sorted(refused.items()):
        sentences = (f"{body.where(line, fault)}: {fault.detail}\n" for fault in faults)
        sys.stdout.write("".join(sentences))
    states = Counter(one.state for one in decisions if one.state is not State.REFUSED)
    sums = [f"{states[state]} {state}" for state in State if state is not State.REFUSED]
    sys.stdout.write(f"establishments: {', '.join(sums)}, {len(refused)} refused\n")
    return 1 if refused else 0
