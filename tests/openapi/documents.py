"""The four documents, as the services give them out, and a walk through them."""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import quote

import jsonschema_rs
from fastapi.routing import APIRoute, iter_route_contexts

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

    # A failed test shows what it was called with: not the whole document.
    service: Service = field(repr=False)
    document: dict[str, Any] = field(repr=False)
    method: str
    path: str
    described: dict[str, Any] = field(repr=False)

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

    def parameters(
        self, names: Mapping[str, str], instead: Mapping[str, str]
    ) -> dict[str, dict[str, str]]:
        """Return its parameters' examples by place (`path`, `query`, `header`) and name.

        `names` are other words for what stands in them, `instead` other values for some of them.
        """
        found: dict[str, dict[str, str]] = {"path": {}, "query": {}, "header": {}}
        for one in self.described.get("parameters", ()):
            value = instead.get(one["name"], in_words(str(one["example"]), names))
            found[one["in"]][one["name"]] = quote(value) if one["in"] == "path" else value
        return found

    def body(self, kind: str = JSON) -> str:
        """Return the example of its body, as it is sent."""
        example = self.described["requestBody"]["content"][kind]["example"]
        return example if isinstance(example, str) else json.dumps(example)

    def faults(self, schema: dict[str, Any], value: Any) -> list[str]:
        """Return what a value lacks of a schema; a text of lines is looked at line by line."""
        if "contentSchema" in schema:
            lines = [json.loads(line) for line in value.splitlines()]
            return [fault for one in lines for fault in self.faults(schema["contentSchema"], one)]
        whole = {"components": self.document["components"], **schema}
        validator = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        return [fault.message for fault in validator.iter_errors(value)]


def in_words(text: str, names: Mapping[str, str]) -> str:
    """Put other words into a text, each in the place of a whole one."""
    if not names:
        return text
    known = "|".join(map(re.escape, names))
    return re.sub(rf"\b(?:{known})\b", lambda found: names[found[0]], text)


def operations() -> Iterator[Operation]:
    """Yield every operation of every service."""
    for service in SERVICES:
        document = json.loads(openapi(service))
        for path, methods in document["paths"].items():
            for method, described in methods.items():
                yield Operation(service, document, method, path, described)


OPERATIONS: Final = list(operations())


def route_of(operation: Operation) -> APIRoute:
    """Return the route that answers an operation."""
    for router in operation.service.routers:
        for context in iter_route_contexts(router.routes):
            route = context.original_route
            asked = (operation.path, operation.method.upper())
            if isinstance(route, APIRoute) and asked in {
                (route.path, method) for method in route.methods or ()
            }:
                return route
    raise LookupError(str(operation))
