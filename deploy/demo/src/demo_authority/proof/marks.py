"""Marks accepted are marks stored: the register's bulk read against the generator's own rows."""

from collections.abc import AsyncIterator
from typing import Final

import msgspec

from attendance_contracts.codes import NO_MARK, NUMBER_OF
from attendance_testing.platform import Platform
from demo_authority.authority.generator import DemoAuthority
from demo_authority.play.loading import Loaded
from demo_authority.play.participants import BULK_CLIENT
from demo_authority.proof.checks import Check

_PAGE: Final = 200  # enrolments

Row = tuple[str, str, str, str]
"""Enrolment id, day, session and code, as the bulk read gives them."""


class _Page(msgspec.Struct):
    marks: list[Row]
    next: str | None


async def prove_marks(platform: Platform, authority: DemoAuthority, loaded: Loaded) -> Check:
    """Compare every stored mark with the one the generated days end in."""
    marks = authority.marks
    school_of = {one.key: one.school_urn for one in authority.roll.enrolments}
    key_of = {str(enrolment_id): key for key, enrolment_id in loaded.enrolments.items()}
    places = {
        urn: {(str(day), str(half)): place for place, (day, half) in enumerate(sessions)}
        for urn, sessions in marks.sessions.items()
    }
    stored = 0
    faults: list[str] = []
    async for page in _pages(platform):
        for enrolment_id, day, half, code in page:
            key = key_of.get(enrolment_id)
            place = None if key is None else places[school_of[key]].get((day, half))
            expected = NO_MARK if key is None or place is None else marks.rows[key][place]
            if NUMBER_OF[code] != expected:
                faults.append(f"{enrolment_id} {day} {half} should have another code.")
        stored += len(page)
    if stored != marks.total:
        faults.append(f"{stored} marks are stored; {marks.total} were sent.")
    return Check("every mark accepted is stored, and no other", stored, faults)


async def _pages(platform: Platform) -> AsyncIterator[list[Row]]:
    after: str | None = None
    while True:
        query = {"limit": str(_PAGE)} | ({"after": after} if after else {})
        answer = await platform.call(BULK_CLIENT, "GET", "register", "/v1/bulk/marks", params=query)
        page = msgspec.json.decode(answer.content, type=_Page)
        yield page.marks
        if page.next is None:
            return
        after = page.next
