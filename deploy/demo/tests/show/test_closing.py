"""The closing page, and the figures that are written, of a small proof."""

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo_authority.authority.generator import DemoAuthority
from demo_authority.proof import results
from demo_authority.proof.cases import CasesProof
from demo_authority.proof.checks import Check
from demo_authority.proof.inbox import Inbox
from demo_authority.proof.latencies import Latency
from demo_authority.proof.messages import MessagesProof
from demo_authority.proof.proving import Proof
from demo_authority.show import closing


def proof_of(authority: DemoAuthority, *checks: Check) -> Proof:
    return Proof(
        marks=572_460,
        messages=MessagesProof(
            absences=40, owed=7, owed_or_not=1, told=8, corrected=3, seconds=[0.05], checks=()
        ),
        inbox=Inbox({}, 10, {"delivered": 10}, {"2xx": 10}, 0),
        cases=CasesProof(opened=2, withdrawn=1, check=Check("cases", 2)),
        views=30,
        to_message=Latency.among([0.05]),
        to_view=Latency(0, None, None),
        calibration=authority.calibration(),
        checks=checks,
    )


HOLDS = Check("every mark is stored", 572_460)
FAILS = Check("every family heard it once", 7, [f"Family {n} did not." for n in range(9)])


@pytest.mark.parametrize(
    ("checks", "holds"),
    [([HOLDS], True), ([HOLDS, FAILS], False), ([Check("nothing was compared", 0)], False)],
)
def test_a_proof_holds_when_every_check_compared_something_and_found_no_fault(
    authority: DemoAuthority, checks: list[Check], holds: bool
) -> None:
    assert proof_of(authority, *checks).holds == holds


def test_the_page_shows_figures_checks_and_the_first_faults(authority: DemoAuthority) -> None:
    page = StringIO()
    console = Console(file=page, width=130)
    closing.show(console, proof_of(authority, HOLDS, FAILS))
    text = page.getvalue()
    for part in ("572,460", "7 + 1", "50 ms / 50 ms", "none measured", "✓ every mark is stored"):
        assert part in text
    assert "✗ every family heard it once" in text
    assert "Family 4" in text
    assert "Family 5" not in text
    assert "and 4 more" in text


def test_the_same_figures_are_written(authority: DemoAuthority, tmp_path: Path) -> None:
    file = tmp_path / "build" / "demo.json"
    results.write(file, proof_of(authority, HOLDS, FAILS), {"play": 41.25})
    written = json.loads(file.read_text())
    assert written["marks_accepted"] == 572_460
    assert written["holds"] is False
    assert written["seconds"] == {"play": 41.2}
    assert [check["holds"] for check in written["checks"]] == [True, False]
