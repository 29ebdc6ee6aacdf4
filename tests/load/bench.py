"""`make bench`: the whole stack's speed and cost on this machine, beside a bare upsert.

Every figure is printed with what it was compared to in the same run.
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from datetime import date
from pathlib import Path
from typing import Any
from uuid import uuid4

import asyncpg
import authority
import httpx
from authority import School
from progress import Progress, read_histogram
from rich.console import Console
from rich.table import Table
from traffic import Call, percentile, send_all, send_steadily, until

MONDAY = "2026-11-23"
WRITER_SCOPES = (
    "school.write school.read calendar.write roll.write roll.read care.write "
    "register.write register.read caseload.read child.read"
)
STEADY_MARKS_PER_SECOND = 5000
console = Console()
Figures = dict[str, Any]  # what build/bench.json holds


class Bench:
    """A running stack, its addresses and tokens, and the schools loaded into it."""

    def __init__(self, document: dict[str, Any], schools: Sequence[School]) -> None:
        self.document = document
        self.schools = list(schools)
        self.progress = Progress(document)
        self.figures: Figures = {}

    @property
    def register(self) -> list[str]:
        """The addresses of register-service's API processes."""
        return list(self.document["services"]["register"]["api"])

    async def token(self, organisation: str, subject: str = "bench") -> str:
        """Fetch a token for a client made for the bench."""
        client_id, issuer = f"{subject}-{organisation}".replace(":", "-"), self.document["issuer"]
        client = {"client_id": client_id, "sub": subject, "org": organisation}
        async with httpx.AsyncClient() as http:
            made = await http.post(
                issuer["clients_endpoint"], json=client | {"scopes": WRITER_SCOPES}
            )
            form = {
                "grant_type": "client_credentials",
                "client_id": client_id,
                "client_secret": made.raise_for_status().json()["secret"],
            }
            answer = await http.post(issuer["token_endpoint"], data=form)
            return str(answer.raise_for_status().json()["access_token"])

    async def load(self) -> None:
        """Load schools, calendars and rolls, and wait until every service knows them."""
        admin, supplier = await self.token("authority:332"), await self.token("supplier:bench")
        settings = [authority.settings(school, grace_minutes=0) for school in self.schools]
        await send_all(settings, self.register, admin, in_flight=4)
        calendars = [authority.calendar(school) for school in self.schools]
        await send_all(calendars, self.register, supplier, in_flight=4)
        rolls = [authority.roll(school) for school in self.schools]
        started = time.perf_counter()
        await send_all(rolls, self.register, supplier, in_flight=2)
        pupils = sum(school.pupils for school in self.schools)
        self.figures["roll_pupils_per_second"] = pupils / (time.perf_counter() - started)
        await until(self.progress.caught_up, within_seconds=120)

    async def set_clock(self, moment: str) -> None:
        """Move domain time; it runs at the real rate."""
        async with httpx.AsyncClient() as http:
            url = self.document["clock"]["control_url"]
            (await http.put(url, json={"now": moment, "rate": 1.0})).raise_for_status()

    async def end_to_end(self, name: str, calls: Sequence[Call], *, in_flight: int) -> None:
        """Send registers as fast as they are taken; count until every service is up to date."""
        token = await self.token("supplier:bench")
        marks = sum(call.body.count(b'"code"') for call in calls)
        before = self.progress.cpu_seconds()
        started = time.perf_counter()
        seconds = await send_all(calls, self.register, token, in_flight=in_flight)
        accepted = time.perf_counter() - started
        await until(self.progress.caught_up, within_seconds=300)
        done = time.perf_counter() - started
        after = self.progress.cpu_seconds()
        self.figures[name] = {
            "marks": marks,
            "accepted_marks_per_second": marks / accepted,
            "marks_per_second": marks / done,
            "of_bare": marks / done / self.figures["bare_marks_per_second"],
            "request_p99_ms": 1000 * percentile(seconds, 0.99),
            "cpu_us_a_mark": {
                process: round(1e6 * (after[process] - before[process]) / marks, 2)
                for process in after
            },
        }

    async def steady(self, calls: Sequence[Call]) -> None:
        """Send class registers at a steady rate; how late are the views and the messages?"""
        token = await self.token("supplier:bench")
        services = self.document["services"]
        views = (services["reporting"]["worker"], "firstday_event_age_seconds", "register.recorded")
        texts = (services["notification"]["worker"], "firstday_mark_to_message_seconds")
        views_before, texts_before = await read_histogram(*views), await read_histogram(*texts)
        rate = STEADY_MARKS_PER_SECOND / authority.CLASS_SIZE
        seconds = await send_steadily(calls, self.register, token, per_second=rate)
        await until(self.progress.caught_up, within_seconds=60)
        await until(self._no_message_waits, within_seconds=120)
        self.figures["steady"] = {
            "marks_per_second": STEADY_MARKS_PER_SECOND,
            "request_p99_ms": 1000 * percentile(seconds, 0.99),
            "mark_to_view_p99_ms_at_most": 1000
            * (await read_histogram(*views)).since(views_before).bound_of(0.99),
            "mark_to_message_p99_ms_at_most": 1000
            * (await read_histogram(*texts)).since(texts_before).bound_of(0.99),
        }

    async def _no_message_waits(self) -> bool:
        return await self.progress.messages_waiting() == 0

    async def bare(self, batches: int = 60, size: int = 1000) -> None:
        """Measure one connection's upsert of the same rows, 1,000 a transaction."""
        connection = await asyncpg.connect(self.document["services"]["register"]["database_url"])
        await connection.execute("SET synchronous_commit = on")
        await connection.execute("CREATE TABLE bare (LIKE marks INCLUDING ALL)")
        ids = [sorted(uuid4() for _ in range(size)) for _ in range(batches)]
        started = time.perf_counter()
        for batch in ids:
            await connection.execute(BARE, batch, date.fromisoformat(MONDAY), ["/"] * size)
        self.figures["bare_marks_per_second"] = batches * size / (time.perf_counter() - started)
        await connection.execute("DROP TABLE bare")
        await connection.close()


BARE = """
    INSERT INTO bare AS mark (enrolment_id, date, session, code, source_code, revision, recorded_at)
    SELECT id, $2, 'AM', code, code, 1, now() FROM unnest($1::uuid[], $3::text[]) AS sent (id, code)
    ON CONFLICT (enrolment_id, date, session) DO UPDATE SET code = excluded.code
    WHERE mark.source_code IS DISTINCT FROM excluded.source_code
"""


async def run(document: dict[str, Any], schools: int, pupils: int) -> Figures:
    """Measure everything in turn."""
    bench = Bench(document, authority.schools(schools, pupils))
    await bench.progress.connect()
    bench.figures["memory_at_rest_mb"] = bench.progress.memory_megabytes()
    with console.status("Loading schools and rolls…"):
        await bench.set_clock(f"{MONDAY}T07:00:00+00:00")
        await bench.load()
    with console.status("Bare upsert…"):
        await bench.bare()
    with console.status("Whole-school registers…"):
        await bench.set_clock(f"{MONDAY}T09:30:00+00:00")
        whole = list(authority.whole_registers(bench.schools, MONDAY, "AM"))
        await bench.end_to_end("whole_school", whole, in_flight=4)
    with console.status("Class registers…"):
        await bench.set_clock(f"{MONDAY}T14:00:00+00:00")
        classes = list(authority.class_registers(bench.schools, MONDAY, "PM"))
        await bench.end_to_end("class", classes, in_flight=24)
    await until(bench._no_message_waits, within_seconds=300)  # noqa: SLF001 - the next needs quiet
    with console.status("A steady morning…"):
        await bench.set_clock("2026-11-24T09:30:00+00:00")
        await bench.steady(
            list(authority.class_registers(bench.schools, "2026-11-24", "AM"))[:1700]
        )
    bench.figures["memory_under_load_mb"] = bench.progress.memory_megabytes()
    await bench.progress.close()
    return bench.figures


def show(figures: Figures) -> None:
    """Print the table of design figures: measured, and the least that is wanted."""
    table = Table("work", "measured", "must", title="Speed, all on one machine")
    bare = figures["bare_marks_per_second"]
    table.add_row("bare upsert, one connection", f"{bare:,.0f} marks/s", "")
    for name, must, share in (("whole_school", 40_000, 0.30), ("class", 20_000, 0.15)):
        found = figures[name]
        measured = f"{found['marks_per_second']:,.0f} marks/s, {found['of_bare']:.2f} of bare"
        table.add_row(f"{name} registers, end to end", measured, f"{must:,}; {share:.2f}")
    steady = figures["steady"]
    for name in ("mark_to_view_p99_ms_at_most", "mark_to_message_p99_ms_at_most"):
        table.add_row(f"steady 5,000 marks/s: {name}", f"{steady[name]:,.0f} ms", "200 ms")
    resting = figures["memory_at_rest_mb"]
    ours = [size for part, size in resting.items() if part not in {"kafka", "postgres"}]
    table.add_row("memory per process at rest", f"{max(ours):,.0f} MB at most", "120 MB")
    console.print(table)
    for name in ("whole_school", "class"):
        costs = figures[name]["cpu_us_a_mark"]
        console.print(f"{name}: CPU µs a mark:", {k: v for k, v in costs.items() if v >= 0.05})


def main() -> None:
    """Start a stack of its own, measure, print, and write build/bench.json."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--schools", type=int, default=60)
    parser.add_argument("--pupils", type=int, default=1000)
    arguments = parser.parse_args()
    name = f"bench-{os.getpid()}"
    command = [sys.executable, "-m", "local_stack", "--help"]
    command[3:] = ["up", "--name", name, "--clock", "driven", "--detach"]
    try:
        subprocess.run(command, check=True)  # noqa: S603 - our own command
        document = json.loads((Path(".stack") / name / "stack.json").read_text())
        figures = asyncio.run(run(document, arguments.schools, arguments.pupils))
    finally:
        command[3:] = ["down", "--name", name]
        subprocess.run(command, check=False)  # noqa: S603 - our own command
    show(figures)
    Path("build").mkdir(exist_ok=True)
    Path("build/bench.json").write_text(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
