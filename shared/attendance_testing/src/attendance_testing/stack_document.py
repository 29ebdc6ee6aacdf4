"""What `stack.json` states, as far as somebody outside needs it."""

import msgspec


class Client(msgspec.Struct, frozen=True):
    """Who may fetch tokens, as the issuer knows it; scopes are separated by spaces."""

    client_id: str
    secret: str
    sub: str
    org: str
    scopes: str


class Service(msgspec.Struct, frozen=True):
    """Where a service's database and its processes are."""

    database_url: str
    api: tuple[str, ...]
    worker: tuple[str, ...]


class ClockControl(msgspec.Struct, frozen=True):
    """The stack's clock: `driven` with a file and a control address, or `system`."""

    kind: str
    file: str = ""
    control_url: str = ""


class Issuer(msgspec.Struct, frozen=True):
    """Where tokens come from."""

    url: str
    token_endpoint: str
    clients_endpoint: str
    audiences: dict[str, str]  # by service


class Sandbox(msgspec.Struct, frozen=True):
    """Where the messages are."""

    url: str


class Kafka(msgspec.Struct, frozen=True):
    """Where the brokers are."""

    bootstrap_servers: str


class Stack(msgspec.Struct, frozen=True):
    """What `stack.json` states."""

    name: str
    folder: str
    kafka: Kafka
    issuer: Issuer
    clients: dict[str, Client]
    clock: ClockControl
    sandbox: Sandbox
    services: dict[str, Service]
