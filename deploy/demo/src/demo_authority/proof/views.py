"""What social workers, schools and the authority are shown, against the recount."""

import asyncio
import os
import re
import sys
from collections.abc import AsyncIterator, Iterator, Mapping
from typing import Any, Final

from attendance_testing.platform import Platform
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.model import Enrolment
from demo_authority.play.loading import Loaded
from demo_authority.play.participants import authority_client, school_client, workers_of
from demo_authority.proof.checks import Check
from demo_authority.proof.recount import Figures, Recount

_PAGE: Final = 100
_SUMMARY: Final = re.compile(r"recount: (\d+) enrolment years, (\d+) marks, (\d+) differences")

Body = dict[str, Any]
"""A JSON object of a view."""


async def prove_caseloads(platform: Platform, authority: DemoAuthority, loaded: Loaded) -> Check:
    """Compare every social worker's caseload with the recount, figure by figure."""
    recount = Recount(authority)
    enrolments = {str(loaded.enrolments[one.key]): one for one in authority.roll.enrolments}
    expected = {
        worker: {
            str(loaded.children[child.key])
            for child in authority.roll.children
            if any(status.worker == worker for status in child.care)
        }
        for worker in workers_of(authority.roll)
    }
    faults: list[str] = []
    compared = 0
    for worker, children in expected.items():
        shown = [child async for child in _caseload(platform, worker)]
        if {child["child_id"] for child in shown} != children:
            faults.append(
                f"{worker} is shown {len(shown)} children; {len(children)} are allocated."
            )
        for child in shown:
            for view in child["enrolments"]:
                compared += 1
                faults += _enrolment_faults(view, enrolments[view["enrolment_id"]], recount)
    return Check("caseloads show what the marks add up to", compared, faults)


async def prove_todays(platform: Platform, authority: DemoAuthority) -> Check:
    """Compare every school's day with the recount."""
    recount = Recount(authority)
    faults: list[str] = []
    for school in authority.roll.schools:
        answer = await platform.call(
            school_client(school.urn), "GET", "reporting", f"/v1/schools/{school.urn}/today"
        )
        view: Body = answer.json()
        for session, figures in recount.school_today(school).items():
            where = f"{school.urn} {session}"
            faults += _differences(where, view["total"][session], figures)
    return Check("schools' days show what the marks add up to", len(authority.roll.schools), faults)


async def prove_absence(platform: Platform, authority: DemoAuthority) -> Check:
    """Compare the year of every school, as the authority is shown it, with the recount."""
    recount, code = Recount(authority), authority.roll.figures.code
    answer = await platform.call(
        authority_client(code), "GET", "reporting", f"/v1/authorities/{code}/absence"
    )
    shown: dict[str, Body] = {one["urn"]: one["absence"] for one in answer.json()["schools"]}
    area = authority.roll.school_by_urn
    faults = [f"{urn} is shown or in the area, not both." for urn in shown.keys() ^ area.keys()]
    for urn in shown.keys() & area.keys():
        faults += _differences(urn, shown[urn], recount.school_year(area[urn]))
    return Check("the authority's schools show what the marks add up to", len(area), faults)


async def prove_projection(platform: Platform, authority: DemoAuthority) -> Check:
    """Run reporting-service's own recount of every figure it keeps."""
    marks = authority.marks.total
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "reporting_service",
        "recount",
        env={**os.environ, **platform.environment("reporting")},
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output = (await process.communicate())[0].decode()
    found = _SUMMARY.search(output)
    faults = [] if process.returncode == 0 else output.splitlines()[-6:]
    if found is None or int(found[2]) != marks:
        faults.append(f"The recount should have gone through {marks} marks: {output[-300:]}")
    rows = int(found[1]) if found else 0
    return Check("every projected year is what the register says", rows, faults)


async def _caseload(platform: Platform, worker: str) -> AsyncIterator[Body]:
    after: str | None = None
    while True:
        query = {"limit": str(_PAGE)} | ({"after": after} if after else {})
        answer = await platform.call(
            worker, "GET", "reporting", f"/v1/caseloads/{worker}", params=query
        )
        page: Body = answer.json()
        for child in page["children"]:
            yield child
        after = page["next"]
        if after is None:
            return


def _enrolment_faults(view: Body, enrolment: Enrolment, recount: Recount) -> Iterator[str]:
    where = str(view["enrolment_id"])
    yield from _differences(f"{where} year", view["school_year"], recount.year(enrolment))
    yield from _differences(
        f"{where} last ten days", view["last_ten_school_days"], recount.recent(enrolment)
    )
    yield from _differences(where, view, recount.late_and_missing(enrolment))
    for shown, expected in zip(view["today"], recount.today_of(enrolment), strict=True):
        yield from _differences(f"{where} today", shown, expected)
    if view["name"] is None:
        yield f"{where} is shown without the child's name."


def _differences(where: str, shown: Mapping[str, object], expected: Figures) -> Iterator[str]:
    for name, value in expected.items():
        if shown[name] != value:
            yield f"{where}: {name} is shown as {shown[name]}, and is {value}."
