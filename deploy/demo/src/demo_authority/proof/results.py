"""The demo's results as figures: what `build/demo.json` holds and the closing table shows."""

import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import Any

from demo_authority.authority.calibration import CalibrationReport
from demo_authority.proof.proving import Proof

Figures = dict[str, Any]
"""A JSON object."""


def figures(proof: Proof) -> Figures:
    """Return the proof in JSON's own types; latencies are real seconds."""
    return {
        "holds": proof.holds,
        "marks_accepted": proof.marks,
        "absences": proof.messages.absences,
        "messages": {
            "owed": proof.messages.owed,
            "owed_or_not": proof.messages.owed_or_not,
            "told": proof.messages.told,
            "corrected": proof.messages.corrected,
            "sent": proof.inbox.messages,
            "delivered": proof.inbox.statuses.get("delivered", 0),
        },
        "cases": {"opened": proof.cases.opened, "withdrawn": proof.cases.withdrawn},
        "views_checked": proof.views,
        "mark_to_message_seconds": asdict(proof.to_message),
        "mark_to_view_seconds": asdict(proof.to_view),
        "checks": [{**asdict(check), "holds": check.holds} for check in proof.checks],
        "calibration": _calibration(proof.calibration),
    }


def write(path: Path, proof: Proof, seconds: Mapping[str, float]) -> None:
    """Write the figures, with how long each part of the demo took."""
    path.parent.mkdir(parents=True, exist_ok=True)
    taken = {part: round(value, 1) for part, value in seconds.items()}
    path.write_text(json.dumps(figures(proof) | {"seconds": taken}, indent=2, default=str) + "\n")


def _calibration(report: CalibrationReport) -> Figures:
    return {
        "authority": report.authority,
        "generated_period": [str(day) for day in report.generated_period],
        "published_period": report.published_period,
        "absence": report.absence,
        "published_absence": report.published_absence,
        "max_deviation": report.max_deviation,
        "shares": [asdict(share) for share in report.shares],
    }
