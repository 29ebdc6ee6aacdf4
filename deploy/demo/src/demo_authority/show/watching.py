"""What is known of the platform while it plays: counts for whoever watches, read now and then."""

import asyncio
from dataclasses import dataclass
from typing import Final

from attendance_testing.platform import Platform
from demo_authority.authority.generator import DemoAuthority
from demo_authority.proof.cases import read_cases

_EVERY_SECONDS: Final = 2.0


@dataclass
class Watched:
    """The latest counts; cases include those that the term so far had opened."""

    messages: int = 0
    delivered: int = 0
    corrections: int = 0
    cases: int = 0
    withdrawn: int = 0


async def watch(platform: Platform, authority: DemoAuthority, watched: Watched) -> None:
    """Keep the counts fresh until cancelled."""
    while True:
        await look(platform, authority, watched)
        await asyncio.sleep(_EVERY_SECONDS)


async def look(platform: Platform, authority: DemoAuthority, watched: Watched) -> None:
    """Read the counts as they are now."""
    answer = await platform.http.get(f"{platform.stack.sandbox.url}/sandbox/counts")
    counts = answer.raise_for_status().json()
    watched.messages = counts["messages"]
    watched.delivered = counts["status"].get("delivered", 0)
    watched.corrections = sum(
        count for name, count in counts["template"].items() if name.startswith("correction")
    )
    cases = await read_cases(platform, authority)
    watched.cases = len(cases)
    watched.withdrawn = sum(case.threshold_withdrawn_at is not None for case in cases)
