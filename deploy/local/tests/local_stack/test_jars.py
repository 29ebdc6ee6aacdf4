import hashlib
import threading
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from jgo.maven import _core as maven

from local_stack import jars
from local_stack.errors import StackError
from local_stack.jars import Jar

COORDINATE = "org.example:register:1.0"
FILE = Path("org/example/register/1.0/register-1.0.jar")
CONTENT = b"a jar"
JAR = Jar(COORDINATE, hashlib.sha256(CONTENT).hexdigest())


class QuietHandler(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A Maven repository on this machine, in place of the public one."""
    folder = tmp_path / "repository"
    (folder / FILE).parent.mkdir(parents=True)
    (folder / FILE).write_bytes(CONTENT)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(QuietHandler, directory=str(folder)))
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    address = f"http://127.0.0.1:{server.server_port}"
    monkeypatch.setattr(maven, "DEFAULT_REMOTE_REPOS", {"central": address})
    yield folder
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def cache(tmp_path: Path) -> Path:
    return tmp_path / "cache"


def test_a_missing_jar_is_fetched_and_kept(repository: Path, cache: Path) -> None:
    assert jars.missing([JAR], cache) == [JAR]
    [path] = jars.fetch([JAR], cache)
    assert path.read_bytes() == CONTENT
    assert jars.missing([JAR], cache) == []
    (repository / FILE).unlink()
    assert jars.fetch([JAR], cache) == [path]


@pytest.mark.usefixtures("repository")
def test_a_jar_whose_download_was_interrupted_is_fetched_again(cache: Path) -> None:
    (cache / FILE).parent.mkdir(parents=True)
    (cache / FILE).write_bytes(CONTENT[:2])
    [path] = jars.fetch([JAR], cache)
    assert path.read_bytes() == CONTENT


def test_a_jar_that_is_not_the_recorded_one_is_refused_and_not_kept(
    repository: Path, cache: Path
) -> None:
    (repository / FILE).write_bytes(b"another jar")
    with pytest.raises(StackError, match="not the jar that was recorded"):
        jars.fetch([JAR], cache)
    assert jars.missing([JAR], cache) == [JAR]


def test_a_repository_that_cannot_be_reached_is_one_sentence(repository: Path, cache: Path) -> None:
    (repository / FILE).unlink()
    with pytest.raises(StackError, match=r"could not be fetched .* check the network"):
        jars.fetch([JAR], cache)


def test_the_recorded_client_is_of_the_brokers_version() -> None:
    recorded = {jar.coordinate: jar.sha256 for jar in jars.recorded()}
    assert f"org.apache.kafka:kafka-clients:{jars.VERSION}" in recorded
    assert f"org.apache.kafka:kafka_2.13:{jars.VERSION}" in recorded
    assert all(len(sha256) == 64 for sha256 in recorded.values())


def test_a_record_with_another_client_is_refused(tmp_path: Path) -> None:
    record = tmp_path / "record"
    record.write_text(f"{JAR.sha256}  org.apache.kafka:kafka-clients:3.9.1\n")
    with pytest.raises(StackError, match="record-jars"):
        jars.recorded(record)
