"""Class registers at a steady rate: how late are the views, and how late the texts?"""

import time

import authority
from bare import bare
from loaded import Figures, Loaded
from progress import Histogram, read_histogram
from traffic import send_steadily, until

from registers import marks_in

LEVELS = (1_000, 5_000, 10_000)
_SECONDS = 10
_BEHIND = 1.1  # times as long as planned: the level was not kept


async def steady(loaded: Loaded, level: int, *, reached: float) -> Figures:
    """Send class registers at so many marks a second, unless the machine reached less than that."""
    if reached < level:
        return {"skipped": f"class registers reached {reached:,.0f} marks/s"}
    day, half = await loaded.next_session()
    wanted = level * _SECONDS // authority.CLASS_SIZE
    calls = list(authority.class_registers(loaded.schools, day, half))[:wanted]
    token, per_second = await loaded.token("supplier:bench"), level / authority.CLASS_SIZE
    bare_before = await bare(loaded)
    views, texts = await _views(loaded), await _texts(loaded)
    started = time.perf_counter()
    answers = await send_steadily(calls, loaded.api("register"), token, per_second=per_second)
    seconds = time.perf_counter() - started
    await until(loaded.progress.caught_up, within_seconds=120)
    await until(loaded.all_sent, within_seconds=300)
    late = {
        "mark_to_view": (await _views(loaded)).since(views),
        "mark_to_message": (await _texts(loaded)).since(texts),
    }
    return {
        "marks": marks_in(calls),
        "kept_up": seconds <= _BEHIND * len(calls) / per_second,
        "refused": answers.refused,
        "bare_marks_per_second": (bare_before + await bare(loaded)) / 2,
        "request_p50_ms": answers.percentile_ms(0.5),
        "request_p99_ms": answers.percentile_ms(0.99),
    } | {name: _latencies(found) for name, found in late.items() if found.apart()}


async def _views(loaded: Loaded) -> Histogram:
    urls = loaded.workers("reporting")
    return await read_histogram(urls, "firstday_event_age_seconds", "register.recorded")


async def _texts(loaded: Loaded) -> Histogram:
    urls = loaded.workers("notification")
    return await read_histogram(urls, "firstday_mark_to_message_seconds")


def _latencies(found: Histogram) -> Figures:
    """Return the middle and the slow end in milliseconds, and how many fell into each bucket."""
    return {
        "p50_ms": 1000 * found.quantile(0.5),
        "p99_ms": 1000 * found.quantile(0.99),
        "p99_ms_at_most": 1000 * found.bound_of(0.99),
        "buckets_ms": {f"{1000 * bound:g}": count for bound, count in found.apart().items()},
    }
