"""A database behind TLS, reached by everything that takes a database's address.

The PostgreSQL of the tests is built without TLS. A doorkeeper stands before it: it answers the
request for TLS as the server's protocol says (PostgreSQL manual, 54.2.10), with a certificate of
the test's own, and hands the bytes on.
"""

import asyncio
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import asyncpg
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from sqlalchemy import text

from attendance_runtime.database import Database
from attendance_runtime.database_url import driver_options
from attendance_runtime.messaging.claims import lock_connection
from attendance_testing.databases import created_database, migrate_by_alembic

REQUEST_FOR_TLS = bytes.fromhex("0000000804d2162f")
NOT_AFTER = datetime(2100, 1, 1, tzinfo=UTC)


def certificate_for(host: str, folder: Path) -> Path:
    """A certificate that vouches for itself, in one file with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(NOT_AFTER - timedelta(days=50_000))
        .not_valid_after(NOT_AFTER)
        .add_extension(x509.SubjectAlternativeName([x509.DNSName(host)]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, hashes.SHA256())
    )
    file = folder / f"{host}.pem"
    file.write_bytes(
        certificate.public_bytes(serialization.Encoding.PEM)
        + key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return file


@dataclass
class Doorkeeper:
    """Speaks TLS for a PostgreSQL that does not."""

    server: tuple[str, int]
    context: ssl.SSLContext
    port: int = 0
    encrypted: int = 0
    in_clear: int = 0

    async def admit(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        first = await reader.readexactly(8)
        inside, outside = await asyncio.open_connection(*self.server)
        try:
            if first == REQUEST_FOR_TLS:
                writer.write(b"S")
                await writer.drain()
                await writer.start_tls(self.context)
                self.encrypted += 1
            else:
                self.in_clear += 1
                outside.write(first)
            await asyncio.gather(handed_on(reader, outside), handed_on(inside, writer))
        except OSError:
            return  # whoever does not trust the certificate hangs up
        finally:
            outside.close()
            writer.close()


async def handed_on(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    while content := await reader.read(65_536):
        writer.write(content)
        await writer.drain()
    writer.close()


@asynccontextmanager
async def at_the_door(server: tuple[str, int], certificate: Path) -> AsyncIterator[Doorkeeper]:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    doorkeeper = Doorkeeper(server, context)
    async with await asyncio.start_server(doorkeeper.admit, "127.0.0.1", 0) as listening:
        doorkeeper.port = listening.sockets[0].getsockname()[1]
        yield doorkeeper


@pytest.fixture
def certificate(tmp_path: Path) -> Path:
    return certificate_for("localhost", tmp_path)


@pytest.fixture
async def door(postgres_url: str, certificate: Path) -> AsyncIterator[Doorkeeper]:
    server = urlsplit(postgres_url)
    async with at_the_door((str(server.hostname), server.port or 5432), certificate) as door:
        yield door


def through(door: Doorkeeper, url: str, parameters: str, *, host: str = "127.0.0.1") -> str:
    """The same database's address, by way of the doorkeeper."""
    parts = urlsplit(url)
    signed_in = parts.netloc.rpartition("@")[0]
    return f"postgres://{signed_in}@{host}:{door.port}{parts.path}?{parameters}"


async def asked(url: str) -> object:
    connection = await asyncpg.connect(**driver_options(url))
    try:
        return await connection.fetchval("SELECT 1")
    finally:
        await connection.close()


@pytest.mark.parametrize(
    ("parameters", "host"),
    [
        ("sslmode=prefer", "127.0.0.1"),
        ("sslmode=require", "127.0.0.1"),
        ("sslmode=verify-ca&sslrootcert={}", "127.0.0.1"),
        ("sslmode=verify-full&sslrootcert={}", "localhost"),
    ],
)
async def test_whoever_wants_tls_has_it(
    door: Doorkeeper, postgres_url: str, certificate: Path, parameters: str, host: str
) -> None:
    url = through(door, postgres_url, parameters.format(certificate), host=host)
    assert await asked(url) == 1
    assert (door.encrypted, door.in_clear) == (1, 0)


async def test_whoever_wants_none_has_none(door: Doorkeeper, postgres_url: str) -> None:
    assert await asked(through(door, postgres_url, "sslmode=disable")) == 1
    assert (door.encrypted, door.in_clear) == (0, 1)


@pytest.mark.parametrize(
    "parameters",
    [
        pytest.param("sslmode=verify-full&sslrootcert={ours}", id="another host's certificate"),
        pytest.param("sslmode=verify-ca&sslrootcert={other}", id="another authority"),
        pytest.param("sslmode=verify-full&sslrootcert=system", id="no public authority"),
    ],
)
async def test_a_certificate_that_does_not_hold_is_refused(
    door: Doorkeeper, postgres_url: str, certificate: Path, tmp_path: Path, parameters: str
) -> None:
    other = certificate_for("other.example.org", tmp_path)
    url = through(door, postgres_url, parameters.format(ours=certificate, other=other))
    with pytest.raises(ssl.SSLCertVerificationError):
        await asked(url)


async def test_a_server_without_tls_is_taken_only_by_who_does_not_insist(
    postgres_url: str,
) -> None:
    assert await asked(f"{postgres_url}?sslmode=prefer") == 1
    with pytest.raises(ConnectionError, match="SSL"):
        await asked(f"{postgres_url}?sslmode=require")


async def test_pool_relay_and_migrations_take_the_same_address(
    door: Doorkeeper, postgres_url: str, certificate: Path
) -> None:
    """All of them failed on `sslmode`, which SQLAlchemy hands to a driver that does not know it."""
    demands = (
        f"sslmode=verify-full&sslrootcert={certificate}&connect_timeout=60"
        "&application_name=register&target_session_attrs=read-write&channel_binding=prefer"
    )
    async with created_database(postgres_url, "test_tls") as plain:
        url = through(door, plain, demands, host="localhost")
        await asyncio.to_thread(
            migrate_by_alembic, Path(__file__).parents[3] / "services" / "escalation-service", url
        )
        assert door.encrypted == 1
        database = Database(url, pool_size=1)
        async with database.transaction() as db:
            name = await db.scalar(text("SELECT current_setting('application_name')"))
        async with lock_connection(database, lost_after_seconds=60) as lock:
            assert await lock.try_lock()
        await database.dispose()
    assert name == "register"
    assert (door.encrypted, door.in_clear) == (3, 0)


async def test_of_several_hosts_the_one_that_answers_is_taken(postgres_url: str) -> None:
    signed_in, _, place = postgres_url.rpartition("@")
    assert await asked(f"{signed_in}@127.0.0.1:1,{place}?target_session_attrs=primary") == 1


async def test_a_server_that_never_answers_is_given_up(postgres_url: str) -> None:
    async def keep_silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.close()

    async with await asyncio.start_server(keep_silent, "127.0.0.1", 0) as silent:
        port = silent.sockets[0].getsockname()[1]
        with pytest.raises(TimeoutError):
            await asked(f"postgresql://nobody@127.0.0.1:{port}/none?connect_timeout=1")
