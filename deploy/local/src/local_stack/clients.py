import json
import secrets
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from pathlib import Path

from local_stack.folder import write_json
from local_stack.services import SERVICES

ADMINISTRATOR = "platform-administrator"
_SUPPLIER = "register.write roll.write calendar.write school.write"
# What each service asks of register-service: who may be told; and for a recount or to settle dead
# letters, how everything stands.
_SERVICES = {
    "register": "",
    "notification": "contacts.eligible bulk.read",
    "escalation": "bulk.read",
    "reporting": "bulk.read register.read",
}


ALL_SERVICES = " ".join(service.name for service in SERVICES)


@dataclass(frozen=True)
class Client:
    """Who may fetch tokens: an organisation's system, or a person in a demonstration."""

    client_id: str
    secret: str
    sub: str
    org: str
    scopes: str  # separated by spaces; any words
    services: str = ALL_SERVICES  # for which its tokens are, separated by spaces


class Clients:
    """The clients of one stack, kept in a file."""

    def __init__(self, path: Path) -> None:
        self._path = path
        entries = json.loads(path.read_text()) if path.exists() else []
        self._by_id = {entry["client_id"]: Client(**entry) for entry in entries}

    def __iter__(self) -> Iterator[Client]:
        return iter(self._by_id.values())

    def find(self, client_id: str, secret: str) -> Client | None:
        """Return the client whose id and secret these are."""
        client = self._by_id.get(client_id)
        expected = client.secret if client else secrets.token_urlsafe()
        matches = secrets.compare_digest(expected.encode(), secret.encode())
        return client if matches else None

    def add(self, *clients: Client) -> None:
        """Add clients, replace those of the same id, and save."""
        self._by_id |= {client.client_id: client for client in clients}
        write_json(self._path, [asdict(client) for client in self])

    def add_defaults(self) -> None:
        """Add the clients that every stack has; those already there keep their secrets."""
        for client in _defaults():
            known = self._by_id.get(client.client_id)
            self.add(replace(client, secret=known.secret) if known else client)


def _defaults() -> Iterator[Client]:
    for name, scopes in _SERVICES.items():
        yield Client(f"{name}-service", _secret(), name, f"service:{name}", scopes, "register")
    yield Client("demo-mis", _secret(), "demo-mis", "supplier:demo-mis", _SUPPLIER, "register")
    yield Client(
        ADMINISTRATOR,
        _secret(),
        ADMINISTRATOR,
        "platform:firstday",
        "platform.administer",
        "register",
    )


def _secret() -> str:
    return secrets.token_urlsafe()
