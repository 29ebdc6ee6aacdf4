"""The whole proof: every check, and the figures that go with it."""

import asyncio
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final

from attendance_testing.platform import Platform
from demo_authority.authority.calibration import CalibrationReport
from demo_authority.authority.generator import DemoAuthority
from demo_authority.play.journal import Journal
from demo_authority.play.loading import Loaded
from demo_authority.proof.cases import CasesProof, prove_cases
from demo_authority.proof.checks import Check
from demo_authority.proof.inbox import Inbox, read_inbox
from demo_authority.proof.latencies import Latency
from demo_authority.proof.marks import prove_marks
from demo_authority.proof.messages import MessagesProof, prove_messages
from demo_authority.proof.views import (
    prove_absence,
    prove_caseloads,
    prove_projection,
    prove_todays,
)

TOLERANCE: Final = 0.1
STEPS: Final = 6
"""How often `prove` reports that a step is done."""


@dataclass(frozen=True, slots=True)
class Played:
    """What a demo has to show at the end of its last day, when the platform has come to rest."""

    authority: DemoAuthority
    loaded: Loaded
    journal: Journal
    to_view: Latency
    """From a mark to the views, in the first morning."""


@dataclass(frozen=True, slots=True)
class Proof:
    """What was found."""

    marks: int
    messages: MessagesProof
    inbox: Inbox
    cases: CasesProof
    views: int
    """Views compared: caseload entries, schools' days and years, projected years."""
    to_message: Latency
    to_view: Latency
    calibration: CalibrationReport
    checks: Sequence[Check]

    @property
    def holds(self) -> bool:
        """Whether every check holds."""
        return all(check.holds for check in self.checks)


async def prove(platform: Platform, played: Played, step: Callable[[], None]) -> Proof:
    """Check everything from outside; `step` is called when one of the `STEPS` is done."""
    authority, loaded, journal = played.authority, played.loaded, played.journal
    projection = asyncio.create_task(prove_projection(platform, authority))
    projection.add_done_callback(lambda _: step())
    marks = await prove_marks(platform, authority, loaded)
    step()
    inbox = await read_inbox(platform)
    messages = await asyncio.to_thread(prove_messages, authority, journal, inbox)
    step()
    cases = await prove_cases(platform, authority, loaded, journal)
    step()
    views = [await prove_caseloads(platform, authority, loaded)]
    views.append(await prove_todays(platform, authority))
    views.append(await prove_absence(platform, authority))
    step()
    calibration = await asyncio.to_thread(authority.calibration)
    step()
    views.append(await projection)
    checks = [
        _answers(authority, journal),
        marks,
        *messages.checks,
        cases.check,
        *views,
        _calibrated(calibration),
    ]
    return Proof(
        marks=marks.compared,
        messages=messages,
        inbox=inbox,
        cases=cases,
        views=sum(view.compared for view in views),
        to_message=Latency.among(messages.seconds),
        to_view=played.to_view,
        calibration=calibration,
        checks=checks,
    )


def _answers(authority: DemoAuthority, journal: Journal) -> Check:
    claim = "every answer told what its register changed; an old one sent again changed nothing"
    return Check(claim, len(authority.timeline), journal.faults)


def _calibrated(report: CalibrationReport) -> Check:
    possible = {rates.phase: rates.possible_sessions for rates in report.rates}
    compared = [share for share in report.shares if share.is_compared]
    faults = [
        f"{share.phase} {share.code}: {share.generated:.2%}, published {share.published:.2%}."
        for share in compared
        # Nothing comes nearer than a whole session, and a very small phase has few of them.
        if share.deviation > TOLERANCE
        and abs(share.generated - share.published) * possible[share.phase] > 1
    ]
    claim = "codes above 0.2 % of sessions are within a tenth of the authority's published shares"
    return Check(claim, len(compared), faults)
