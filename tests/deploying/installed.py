"""An environment as the image has it, kept between runs for as long as nothing in it changes."""

import hashlib
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
_BUILT = ROOT / "build" / "image"
_SUFFIXES = {".py", ".toml", ".yaml", ".json", ".md", ".typed"}


def environment() -> Path:
    """The folder of the environment that the image's own script installs."""
    wanted = _BUILT / _sum()
    if not (wanted / "ready").exists():
        shutil.rmtree(_BUILT, ignore_errors=True)
        script = ROOT / "deploy" / "install.sh"
        subprocess.run(  # noqa: S603 - our own script
            [str(script), str(Path(sys.executable).parent), str(wanted)], check=True
        )
        (wanted / "ready").touch()
    return wanted


def _sum() -> str:
    """A sum over all that goes into it."""
    files = [
        path
        for folder in ("shared", "services")
        for path in (ROOT / folder).rglob("*")
        if path.suffix in _SUFFIXES and "tests" not in path.parts
    ]
    files += [ROOT / "deploy" / "install.sh", ROOT / "requirements" / "runtime.lock"]
    found = hashlib.sha256(sys.version.encode())
    for path in sorted(files):
        found.update(str(path.relative_to(ROOT)).encode() + b"\0" + path.read_bytes())
    return found.hexdigest()[:16]
