"""`stack.json`: what an outside script needs to drive a stack, there while it is healthy."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from local_stack.addresses import AUDIENCE, Addresses
from local_stack.child import Child
from local_stack.clients import Clients
from local_stack.errors import StackError
from local_stack.folder import StackFolder, write_json

# JSON that others read: its shape is written down in the README.
Document = dict[str, Any]


def write(folder: StackFolder, addresses: Addresses, children: Iterable[Child]) -> None:
    """Write the file from what runs now."""
    write_json(folder.stack_file, document(folder, addresses, children))


def read(folder: StackFolder) -> Document:
    """Read the file of a running stack."""
    try:
        found: Document = json.loads(folder.stack_file.read_text())
    except FileNotFoundError:
        raise StackError(
            f"The stack `{folder.path.name}` is not up; start it with `make up`."
        ) from None
    return found


def document(folder: StackFolder, addresses: Addresses, children: Iterable[Child]) -> Document:
    """Describe a stack."""
    issuer = addresses.issuer_url
    clients = Clients(folder.clients_file) if issuer else ()
    driven = bool(addresses.clock_file)
    return {
        "name": folder.path.name,
        "environment": "local",
        "folder": str(folder.path),
        "postgres": {
            "url": addresses.postgres_url,
            "socket_folder": addresses.postgres_socket,
        },
        "kafka": {"bootstrap_servers": addresses.kafka_bootstrap},
        "issuer": {
            "url": issuer,
            "token_endpoint": f"{issuer}/token" if issuer else "",
            "clients_endpoint": f"{issuer}/clients" if issuer else "",
            "audience": AUDIENCE,
        },
        "clients": {client.client_id: asdict(client) for client in clients},
        "clock": {
            "kind": "driven" if driven else "system",
            "file": addresses.clock_file,
            "control_url": f"{issuer}/clock" if driven and issuer else "",
        },
        "sandbox": {"url": addresses.sandbox_url},
        "services": {
            name: {
                "database_url": url,
                "api": addresses.apis.get(name, []),
                "worker": addresses.workers.get(name, []),
            }
            for name, url in addresses.databases.items()
        },
        "processes": {
            child.spec.name: {
                "pid": child.pid,
                "create_time": child.create_time,
                "log": str(child.log),
            }
            for child in children
        },
    }
