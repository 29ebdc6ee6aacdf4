"""`stack.json`: what an outside script needs to drive a stack, there while it is healthy."""

import json
from collections.abc import Iterable
from dataclasses import asdict
from typing import Any

from local_stack.addresses import AUDIENCES, Addresses
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
    clients = Clients(folder.clients_file) if addresses.issuer_url else ()
    return {
        "name": folder.path.name,
        "environment": "local",
        "folder": str(folder.path),
        "postgres": {"url": addresses.postgres_url, "socket_folder": addresses.postgres_socket},
        "kafka": {"bootstrap_servers": addresses.kafka_bootstrap},
        "issuer": _issuer(addresses.issuer_url),
        "clients": {client.client_id: asdict(client) for client in clients},
        "clock": _clock(addresses),
        "sandbox": {"url": addresses.sandbox_url, "callback_token": addresses.callback_token},
        "door": {"url": addresses.door_url},
        "services": {name: _service(addresses, name) for name in addresses.databases},
        "processes": {child.spec.name: _process(child) for child in children},
    }


def addresses_in(document: Document) -> Addresses:
    """Return the addresses that a document was written from."""
    postgres, sandbox, services = (document[key] for key in ("postgres", "sandbox", "services"))
    return Addresses(
        kafka_bootstrap=document["kafka"]["bootstrap_servers"],
        postgres_url=postgres["url"],
        postgres_socket=postgres["socket_folder"],
        databases={name: service["database_url"] for name, service in services.items()},
        issuer_url=document["issuer"]["url"],
        sandbox_url=sandbox["url"],
        door_url=document["door"]["url"],
        clock_file=document["clock"]["file"],
        apis={name: service["api"] for name, service in services.items() if service["api"]},
        workers={
            name: service["worker"] for name, service in services.items() if service["worker"]
        },
        callback_token=sandbox["callback_token"],
    )


def _issuer(url: str) -> Document:
    return {
        "url": url,
        "token_endpoint": f"{url}/token" if url else "",
        "clients_endpoint": f"{url}/clients" if url else "",
        "audiences": AUDIENCES,
    }


def _clock(addresses: Addresses) -> Document:
    driven, issuer = bool(addresses.clock_file), addresses.issuer_url
    return {
        "kind": "driven" if driven else "system",
        "file": addresses.clock_file,
        "control_url": f"{issuer}/clock" if driven and issuer else "",
    }


def _service(addresses: Addresses, name: str) -> Document:
    return {
        "database_url": addresses.databases[name],
        "api": addresses.apis.get(name, []),
        "worker": addresses.workers.get(name, []),
    }


def _process(child: Child) -> Document:
    return {"pid": child.pid, "create_time": child.create_time, "log": str(child.log)}
