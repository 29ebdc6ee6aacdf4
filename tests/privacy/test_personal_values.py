"""No value of a person's leaves the places that are kept for it, whatever happens.

A recognisable family goes through the main job and through everything that can go wrong with it;
then every other place is searched, whole.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from .persons import KEPT_WITH_THE_CASE, Family, spellings
from .places import PASSING_THROUGH, logs, metrics, records, rows
from .story import Aftermath, live_through

FAMILY = Family()


@dataclass(slots=True)
class Search:
    """What was searched, and where something was found."""

    places: int = 0
    found: list[str] = field(default_factory=list)

    def look(self, place: str, content: bytes, *, without: tuple[str, ...] = ()) -> None:
        """Look for every spelling of every value in one place."""
        self.places += 1
        low = content.lower()
        for what, form in spellings(FAMILY, without=without).items():
            if form in low:
                self.found.append(f"{place}: {what}")


@pytest.fixture(scope="module")
async def aftermath(
    a_school: Callable[..., Awaitable[Any]],
    eventually: Callable[..., Awaitable[Any]],
    callback_token: str,
) -> Aftermath:
    """Everything has happened, and everybody has heard of it."""
    school = await a_school(pupils=2)
    return await live_through(school, FAMILY, eventually, callback_token)


async def test_the_family_was_really_there(aftermath: Aftermath) -> None:
    """Without this a search that finds nothing would prove nothing."""
    assert FAMILY.forename in aftermath.seen_by_those_who_may
    assert FAMILY.forename in aftermath.told
    assert len(aftermath.problems) >= 10


async def test_no_record_on_kafka_holds_a_personal_value(aftermath: Aftermath) -> None:
    search = Search()
    async for place, content in records(aftermath.stack.kafka.bootstrap_servers):
        search.look(place, content)
    assert search.places >= 10
    assert search.found == []


async def test_no_log_holds_a_personal_value(aftermath: Aftermath, stack_file: Path) -> None:
    search = Search()
    for place, content in logs(stack_file.parent):
        search.look(place, content)
    assert search.places >= 15
    assert search.found == []


async def test_no_metric_holds_a_personal_value(aftermath: Aftermath) -> None:
    search = Search()
    async for place, content in metrics(aftermath.stack.services):
        search.look(place, content)
    assert search.places >= 8
    assert search.found == []


async def test_no_problem_document_repeats_a_personal_value(aftermath: Aftermath) -> None:
    search = Search()
    for place, content in aftermath.problems:
        search.look(place, content)
    assert search.found == []


@pytest.mark.parametrize("service", ["notification", "escalation", "reporting"])
async def test_a_pseudonymous_database_holds_no_personal_value(
    aftermath: Aftermath, service: str
) -> None:
    search = Search()
    without = KEPT_WITH_THE_CASE if service == "escalation" else ()
    async for place, content in rows(aftermath.stack.services[service].database_url):
        search.look(f"{service}/{place}", content, without=without)
    assert search.places >= 5
    assert search.found == []


async def test_nothing_personal_passes_through_the_registers_outbox_and_dead_letters(
    aftermath: Aftermath,
) -> None:
    search = Search()
    url = aftermath.stack.services["register"].database_url
    async for place, content in rows(url, PASSING_THROUGH):
        search.look(f"register/{place}", content)
    assert search.places >= 1
    assert search.found == []
