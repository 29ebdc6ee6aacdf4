"""Kafka's jars: a recorded list with SHA-256 sums, fetched by a Maven resolver, checked each start.

The list is made once (`record-jars`) by resolving Kafka's endpoint; a start then fetches exactly
what is listed, so a machine runs the same bytes a year later or does not run.
"""

import fcntl
import hashlib
import os
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from local_stack.errors import StackError

VERSION = "4.3.1"
# No log4j artifact here: with one, the resolver picks a client of another Kafka version.
_ENDPOINT = f"org.apache.kafka:kafka_2.13:{VERSION}+org.slf4j:slf4j-simple:1.7.36"
RECORD = Path(__file__).with_name("kafka_jars.sha256")
_CLIENT = "org.apache.kafka:kafka-clients:"
_AT_ONCE = 8


@dataclass(frozen=True)
class Jar:
    """One recorded jar."""

    coordinate: str  # group:artifact:version
    sha256: str


def cache_folder() -> Path:
    """Return where the jars of every stack of this user are kept."""
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "firstday" / "jars"


def recorded(record: Path = RECORD) -> list[Jar]:
    """Read the recorded list; a list whose client and broker differ is refused."""
    lines = [line.split() for line in record.read_text().splitlines() if line]
    jars = [Jar(coordinate, sha256) for sha256, coordinate in lines]
    client = next((jar.coordinate for jar in jars if jar.coordinate.startswith(_CLIENT)), "none")
    if client != f"{_CLIENT}{VERSION}":
        raise StackError(
            f"The recorded jars hold {client} beside Kafka {VERSION}; run `record-jars` again."
        )
    return jars


def missing(jars: Sequence[Jar], cache: Path) -> list[Jar]:
    """Return the jars that are not in the cache yet."""
    return [jar for jar in jars if not _path(jar.coordinate, cache).exists()]


def fetch(jars: Sequence[Jar], cache: Path) -> list[Path]:
    """Return every jar's file, fetched where it is missing, each checked against its sum."""
    with _alone(cache), ThreadPoolExecutor(_AT_ONCE) as pool:
        return list(pool.map(lambda jar: _fetched(jar, cache), jars))


def _fetched(jar: Jar, cache: Path) -> Path:
    path = _path(jar.coordinate, cache)
    if path.exists() and _sum(path) != jar.sha256:
        path.unlink()  # a download that was interrupted: once more
    _resolve(jar.coordinate, cache)
    if _sum(path) != jar.sha256:
        path.unlink()
        raise StackError(
            f"{jar.coordinate} is not the jar that was recorded: what was fetched has another "
            "SHA-256 sum. Do not go on; find out what answers as the Maven repository."
        )
    return path


def record(target: Path, cache: Path) -> int:
    """Resolve Kafka's endpoint afresh, write the list with its sums, return how many jars."""
    from jgo import resolve  # noqa: PLC0415 - see _resolve

    artifacts = resolve(_ENDPOINT)
    coordinates = sorted({f"{a.groupId}:{a.artifactId}:{a.version}" for a in artifacts})
    with _alone(cache):
        sums = [(_sum(_resolve(coordinate, cache)), coordinate) for coordinate in coordinates]
    target.write_text("".join(f"{sha256}  {coordinate}\n" for sha256, coordinate in sums))
    return len(recorded(target))


def _path(coordinate: str, cache: Path) -> Path:
    group, artifact, version = coordinate.split(":")
    return cache / group.replace(".", "/") / artifact / version / f"{artifact}-{version}.jar"


def _resolve(coordinate: str, cache: Path) -> Path:
    # A machine that brings its own broker may lack the wheel.
    from jgo.maven import MavenContext  # noqa: PLC0415

    group, artifact, version = coordinate.split(":")
    component = MavenContext(repo_cache=cache, timeout=60).project(group, artifact)
    try:
        return Path(component.at_version(version).artifact().resolve())
    except (OSError, RuntimeError) as error:
        raise StackError(
            f"Kafka's {artifact} {version} could not be fetched from the Maven repository "
            f"({type(error).__name__}): check the network and proxy, or set "
            "KAFKA_BOOTSTRAP_SERVERS to a broker you have."
        ) from error


def _sum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@contextmanager
def _alone(cache: Path) -> Iterator[None]:
    """Let one stack at a time fill the cache."""
    cache.mkdir(parents=True, exist_ok=True)
    with (cache / ".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
