"""`make audit`: known vulnerabilities of the locked packages, asked of the Python Package Index.

`pip-audit` does the asking. It needs the network: where the index's advisories are out of reach
this says so and ends well, because a build on a closed network has nothing to learn from failing.
"""

import json
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

LOCK: Final = Path(__file__).parents[2] / "requirements" / "dev.lock"
_WITHIN_SECONDS: Final = 300
# The lock holds every package with its hash, so nothing needs to be resolved or downloaded.
_COMMAND: Final = (
    *("pip-audit", "--requirement", str(LOCK), "--require-hashes", "--disable-pip"),
    *("--format", "json", "--progress-spinner", "off", "--timeout", "10"),
)


@dataclass(frozen=True, slots=True)
class Findings:
    """What an audit found.

    Attributes:
        audited: how many packages the index knew advisories, or the lack of them, for.
        skipped: packages that could not be asked about.
        vulnerable: a line for each known vulnerability.
    """

    audited: int = 0
    skipped: Sequence[str] = field(default=())
    vulnerable: Sequence[str] = field(default=())

    @property
    def sentence(self) -> str:
        """The result in words."""
        if not self.audited:
            return "Not audited: the source of advisories cannot be reached from here."
        words = f"{self.audited} packages audited, {len(self.vulnerable)} known vulnerabilities."
        return f"{words} Not audited: {', '.join(self.skipped)}." if self.skipped else words


def read(report: str) -> Findings:
    """Read pip-audit's report; no findings at all when it could not write one."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except ValueError:
        return Findings()
    return Findings(
        audited=sum("vulns" in package for package in packages),
        skipped=[package["name"] for package in packages if "vulns" not in package],
        vulnerable=[
            f"{package['name']} {package['version']}: {vulnerability['id']}, mended in "
            f"{', '.join(vulnerability['fix_versions']) or 'no version yet'}"
            for package in packages
            for vulnerability in package.get("vulns", ())
        ],
    )


def main() -> int:
    """Audit the lock; 1 if a vulnerability is known."""
    command = [str(Path(sys.executable).with_name(_COMMAND[0])), *_COMMAND[1:]]
    ended = subprocess.run(  # noqa: S603 - our own command
        command, capture_output=True, text=True, check=False, timeout=_WITHIN_SECONDS
    )
    findings = read(ended.stdout)
    if not findings.audited:
        sys.stdout.write(ended.stderr[-500:])
    for line in findings.vulnerable:
        sys.stdout.write(f"{line}\n")
    sys.stdout.write(f"{findings.sentence}\n")
    return 1 if findings.vulnerable else 0


if __name__ == "__main__":
    sys.exit(main())
