"""A database's address as people write it, or paste it from a provider, as the driver takes it.

They write what PostgreSQL's own library reads (its manual, 34.1.1.2). asyncpg reads most of it, but
takes every parameter that it does not know for a setting of the server, and its errors may repeat a
part of the password; SQLAlchemy hands all of them on as arguments that asyncpg does not have.
"""

import re
import ssl
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote, unquote, urlencode, urlsplit

_SCHEMES: Final = {"postgresql", "postgres", "postgresql+asyncpg"}
_HOST: Final = r"(?:\[[0-9A-Fa-f:.%]+\]|[\w.%-]*)(?::\d+)?"
_HOSTS: Final = re.compile(rf"{_HOST}(?:,{_HOST})*", re.ASCII)

_FILES: Final = {"sslrootcert", "sslcert", "sslkey", "sslcrl", "passfile"}
_CHOICES: Final[Mapping[str, frozenset[str]]] = {
    "sslmode": frozenset({"disable", "allow", "prefer", "require", "verify-ca", "verify-full"}),
    "target_session_attrs": frozenset(
        {"any", "primary", "standby", "read-write", "read-only", "prefer-standby"}
    ),
    "sslnegotiation": frozenset({"postgres", "direct"}),
    # What the driver does in any case, and so need not be told; what it cannot do is refused.
    "channel_binding": frozenset({"disable", "prefer"}),
    "gssencmode": frozenset({"disable", "prefer"}),
    "client_encoding": frozenset({"utf8", "UTF8", "auto"}),
}
_ALREADY_SO: Final = {"channel_binding", "gssencmode", "client_encoding"}
_READ_BY_THE_DRIVER: Final = (
    {"host", "port", "user", "password", "dbname", "sslpassword"}
    | {"ssl_min_protocol_version", "ssl_max_protocol_version"}
    | _FILES
    | _CHOICES.keys() - _ALREADY_SO
)
_OF_THE_SERVER: Final = {"application_name", "options"}
_KNOWN: Final = _READ_BY_THE_DRIVER | _OF_THE_SERVER | _ALREADY_SO | {"connect_timeout"}


class DatabaseUrlInvalid(ValueError):
    """The address cannot be taken as it stands; the sentence says why, without a value of it."""


def driver_options(url: str, *, server_settings: Mapping[str, str] | None = None) -> dict[str, Any]:
    """Return the arguments of `asyncpg.connect` for an address.

    Args:
        url: `postgresql://{user}:{password}@{host}:{port}/{name}?{parameter}={value}&…`, or `postgres://`;
            several hosts are separated by commas.
        server_settings: PostgreSQL settings of the connection; they go before the address's own.

    Raises:
        DatabaseUrlInvalid: it is no such address, has a parameter that is not known or a value that
            cannot be kept, or names a file that cannot be read.
    """
    address, written = _taken_apart(url)
    parameters = dict(_parameters(written))
    for name, value in parameters.items():
        _check(name, value)
    options: dict[str, Any] = {}
    if parameters.get("sslrootcert") == "system":
        options["ssl"] = _trusting_the_system(parameters)
    if "connect_timeout" in parameters:
        options["timeout"] = _seconds(parameters["connect_timeout"])
    read = {name: parameters[name] for name in _READ_BY_THE_DRIVER & parameters.keys()}
    options["dsn"] = f"{address}?{urlencode(read, quote_via=quote)}" if read else address
    own = {name: parameters[name] for name in _OF_THE_SERVER & parameters.keys()}
    options["server_settings"] = own | dict(server_settings or {})
    return options


def _taken_apart(url: str) -> tuple[str, str]:
    """Return the address without its parameters, and these."""
    try:
        parts = urlsplit(url)
    except ValueError:
        raise _unreadable() from None
    if parts.scheme not in _SCHEMES:
        raise DatabaseUrlInvalid("A database's address begins with `postgresql://`.")
    _, at, hosts = parts.netloc.rpartition("@")
    ambiguous = parts.netloc.count("@") > len(at) or "@" in parts.path or "#" in url
    if ambiguous or not _HOSTS.fullmatch(hosts):
        raise _unreadable()
    return f"postgresql://{parts.netloc}{parts.path}", parts.query


def _unreadable() -> DatabaseUrlInvalid:
    return DatabaseUrlInvalid(
        "The database's address cannot be read. "
        "Write postgresql://{user}:{password}@{host}:{port}/{name}, and whichever "
        "of @ : / ? # [ ] % are part of a name or password percent-encoded."
    )


def _parameters(written: str) -> Iterator[tuple[str, str]]:
    """Return names and values; unlike in a form, a plus is a plus."""
    for part in filter(None, written.split("&")):
        name, equals, value = part.partition("=")
        if not equals:
            raise _unreadable()
        yield unquote(name), unquote(value)


def _check(name: str, value: str) -> None:
    if name not in _KNOWN:
        raise DatabaseUrlInvalid(
            f"The database's address has the parameter `{name}`, which is not known; "
            f"leave it out. Known are {', '.join(sorted(_KNOWN))}."
        )
    if name in _CHOICES and value not in _CHOICES[name]:
        raise DatabaseUrlInvalid(
            f"The database's address asks for a `{name}` that the driver cannot keep; "
            f"it can be {', '.join(sorted(_CHOICES[name]))}."
        )
    if name in _FILES and value != "system" and not Path(value).is_file():
        raise DatabaseUrlInvalid(
            f"The file that the database's address names as its `{name}` is not there, "
            "or may not be read."
        )


def _trusting_the_system(parameters: dict[str, str]) -> ssl.SSLContext:
    """Return what `sslrootcert=system` asks for, a word that asyncpg takes for a file's name.

    As in PostgreSQL's library, whoever trusts every public authority compares the host's name too.
    """
    del parameters["sslrootcert"]
    if parameters.pop("sslmode", "verify-full") != "verify-full":
        raise DatabaseUrlInvalid("`sslrootcert=system` goes with `sslmode=verify-full` only.")
    context = ssl.create_default_context()
    if certificate := parameters.pop("sslcert", None):
        password = parameters.pop("sslpassword", "")
        context.load_cert_chain(certificate, parameters.pop("sslkey", None), password)
    return context


def _seconds(written: str) -> float | None:
    """Return how long connecting may take; zero is as long as it takes."""
    if not written.isdecimal():
        raise DatabaseUrlInvalid("The database address's `connect_timeout` is in whole seconds.")
    return float(written) or None
