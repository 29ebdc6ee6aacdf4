"""Some crash points, others in every run; `make faults` dies at each of them."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

_PROGRAM = Path(__file__).with_name("crash_points.py")


@pytest.mark.stack
def test_a_process_that_dies_at_any_crossing_loses_and_repeats_nothing(tmp_path: Path) -> None:
    """The program also fails when a statement, a record or a message has passed it unseen."""
    report = tmp_path / "faults.json"
    options = ["--rounds", "2", "--within", "40", "--report", str(report)]
    done = subprocess.run(  # noqa: S603 - our own command
        [sys.executable, str(_PROGRAM), *options], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    died = json.loads(report.read_text())["faults"]
    assert died, done.stdout
    assert not any(one["lost"] + one["repeated"] + one["missing"] for one in died)
