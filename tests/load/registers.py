"""Registers as fast as they are taken, end to end: what a mark costs, and whom."""

import time
from collections.abc import Callable, Iterable, Mapping

import authority
from authority import School
from bare import bare
from loaded import Figures, Loaded
from traffic import Call, send_all, until

Registers = Callable[[list[School], str, str], Iterable[Call]]
WHOLE: Registers = authority.whole_registers
CLASSES: Registers = authority.class_registers


async def end_to_end(loaded: Loaded, registers: Registers, *, in_flight: int) -> Figures:
    """Send a session's registers; count until every service is up to date, and all texts gone.

    The rate counts to the moment when totals, ledger and planned messages have every mark; the
    other one until the gateway has every text.
    """
    calls = list(registers(loaded.schools, *await loaded.next_session()))
    token = await loaded.token("supplier:bench")
    marks = marks_in(calls)
    bare_before = await bare(loaded)
    before, own = loaded.progress.cpu_seconds(), time.process_time()
    started = time.perf_counter()
    answers = await send_all(calls, loaded.api("register"), token, in_flight=in_flight)
    accepted = time.perf_counter() - started
    await until(loaded.progress.caught_up, within_seconds=300)
    done = time.perf_counter() - started
    await until(loaded.all_sent, within_seconds=300)
    sent = time.perf_counter() - started
    costs = cost_a_mark(before, loaded.progress.cpu_seconds(), marks)
    own = 1e6 * (time.process_time() - own) / marks
    bare_rate = (bare_before + await bare(loaded)) / 2
    return {
        "marks": marks,
        "accepted_marks_per_second": marks / accepted,
        "marks_per_second": marks / done,
        "texts_sent_marks_per_second": marks / sent,
        "bare_marks_per_second": bare_rate,
        "of_bare": marks / done / bare_rate,
        "request_p50_ms": answers.percentile_ms(0.5),
        "request_p99_ms": answers.percentile_ms(0.99),
        "refused": answers.refused,
        "cpu_us_a_mark": costs,
        "cpu_us_a_mark_all": sum(costs.values()),
        "cpu_us_a_mark_client": own,
    }


def marks_in(calls: Iterable[Call]) -> int:
    """Count the marks that calls carry."""
    return sum(call.body.count(b'"code"') for call in calls)


def cost_a_mark(
    before: Mapping[str, float], after: Mapping[str, float], marks: int
) -> dict[str, float]:
    """Return what each process spent between two readings, in CPU µs a mark."""
    return {
        process: round(1e6 * (used - before.get(process, 0.0)) / marks, 2)
        for process, used in after.items()
    }
