"""The four documents, as the services give them out, and a walk through them."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import jsonschema_rs

from attendance_runtime.process import Service, openapi
from escalation_service.main import SERVICE as ESCALATION
from notification_service.main import SERVICE as NOTIFICATION
from register_service.main import SERVICE as REGISTER
from reporting_service.main import SERVICE as REPORTING

SERVICES: Final = (REGISTER, NOTIFICATION, ESCALATION, REPORTING)
JSON: Final = "application/json"
NDJSON: Final = "application/x-ndjson"
PROBLEM: Final = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Operation:
    """One operation with the document that it stands in."""

    service: Service
    document: dict[str, Any]
    method: str
    path: str
    described: dict[str, Any]

    def __str__(self) -> str:
        return f"{self.method.upper()} {self.path}"

    def resolved(self, part: dict[str, Any]) -> dict[str, Any]:
        """Follow a reference, if a part is one."""
        if "$ref" not in part:
            return part
        found = self.document
        for step in part["$ref"].removeprefix("#/").split("/"):
            found = found[step]
        return found

    def answers(self) -> dict[int, dict[str, Any]]:
        """Return its answers by status."""
        return {int(key): self.resolved(one) for key, one in self.described["responses"].items()}

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return what a value lacks of a schema; a text of lines is looked at line by line."""
        if "contentSchema" in schema:
            lines = [json.loads(line) for line in value.splitlines()]
            return [fault for one in lines for fault in self.faults(schema["contentSchema"], one)]
        whole = {"components": self.document["components"], **schema}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [fault.message for fault in validator.iter_errors(value)]


def operations() -> Iterator[Operation]:
    """Yield every operation of every service."""
    for service in SERVICES:
        document = json.loads(openapi(service))
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                yield Operation(service, document, method, path, described)


OPERATIONS: Final = list(operations())
