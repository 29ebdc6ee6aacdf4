"""A service's OpenAPI document: what others build on, derived from the routes themselves.

FastAPI writes paths, parameters and schemas. Added here is what it cannot know: the scope that a
route's rule asks for, each refusal that can come (`refusals`), a description and an example for
whatever has none of its own (`vocabulary`, `examples`). So a route says only what is its own:

    responses={201: {"headers": LOCATION | ETAG}, 409: {"description": "The case is closed."}}
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from typing import Any, Final, cast

from fastapi import FastAPI
from fastapi.routing import APIRoute, iter_route_contexts
from pydantic import TypeAdapter
from starlette.routing import BaseRoute

from attendance_runtime.access import Allowed
from attendance_runtime.web import examples, problems, refusals
from attendance_runtime.web.headers import HEADERS
from attendance_runtime.web.vocabulary import WORDS

Fragment = dict[str, Any]
"""A part of an OpenAPI document."""

_SCHEMAS: Final = "#/components/schemas/"

# Here rather than as FastAPI's arguments: it would want a package that checks addresses of e-mail.
_INFO: Final = {
    "contact": {
        "name": "Firstday",
        "url": "https://firstday.example.org",
        "email": "integration@firstday.example.org",
    },
    "license": {"name": "MIT", "url": "https://opensource.org/license/mit"},
}
_HANDBOOK: Final = {
    "description": "How the services work together, their events, and what each word means.",
    "url": "https://firstday.example.org/docs",
}
_CONVENTIONS: Final = """\
Part of Firstday, which contacts families on the first day of an absence.

- **Who may.** Every request carries an access token with the scope that its operation names. What
  the bearer may reach is asked anew each time; what they may not see looks like what is not there.
- **Refusals** are problem documents (RFC 9457): each says what to do next and points at the values
  that cannot be accepted, without repeating them.
- **Pages.** A list answers `next`, the cursor of the page that follows: send it as `after`.
- **Changes.** Where two people can edit, the answer has an `ETag`; a change names it as `If-Match`.
- **Again.** A `PUT`, and a line of many, may be sent again: what is there already is `unchanged`. A
  creating `POST` carries an `Idempotency-Key`, and creates once.
- **Times** are UTC, dates are England's, and a school's hours are its own wall clock.
"""


class Described(FastAPI):
    """An application whose OpenAPI document tells all that its routes do."""

    def openapi(self) -> Fragment:
        """Compose the document, once."""
        if self.openapi_schema is None:
            self.openapi_schema = _completed(super().openapi(), self.routes)
        return self.openapi_schema


def about(name: str, tags: Mapping[str, str]) -> Fragment:
    """Return what the document of `register-service` and its like says of the whole service."""
    return {
        "title": f"Firstday {name}",
        "description": _CONVENTIONS,
        "servers": [
            {
                "url": f"{{origin}}/api/{name.removesuffix('-service')}",
                "description": "Behind the front door of a deployment.",
                "variables": {
                    "origin": {
                        "default": "https://firstday.example.org",
                        "description": "Where the deployment answers.",
                    }
                },
            }
        ],
        "openapi_external_docs": _HANDBOOK,
        "openapi_tags": [
            {"name": tag, "description": description} for tag, description in sorted(tags.items())
        ],
    }


def listed(item: type[object]) -> Fragment:
    """Return the schema of an array of items; `Described` moves what it holds to its place."""
    return TypeAdapter(list[item]).json_schema(  # type: ignore[valid-type] # known when called
        ref_template=f"{_SCHEMAS}{{model}}"
    )


def _completed(document: Fragment, routes: Sequence[BaseRoute]) -> Fragment:
    document = deepcopy(document)  # parts of it are the routes' own
    document["info"] |= _INFO
    components = document.setdefault("components", {})
    schemas = components.setdefault("schemas", {})
    for never_answered in ("HTTPValidationError", "ValidationError"):
        schemas.pop(never_answered, None)
    schemas["Problem"] = problems.SCHEMA
    for route, operation in _operations(document, routes):
        _lift_definitions(operation, schemas)
        _say_who_may(route, operation)
        refusals.add(route, operation)
    for _, operation in _operations(document, routes):
        _describe_parameters(operation, schemas)
        examples.add(operation, schemas)
    _describe_properties(document)
    components["responses"] = _referred_to(document, "responses", refusals.RESPONSES)
    components["headers"] = _referred_to(document, "headers", HEADERS)
    return document


def _referred_to(document: Fragment, kind: str, every: Mapping[str, Fragment]) -> Fragment:
    text = json.dumps(document)
    return {name: part for name, part in every.items() if f'#/components/{kind}/{name}"' in text}


def _operations(
    document: Fragment, routes: Sequence[BaseRoute]
) -> Iterator[tuple[APIRoute, Fragment]]:
    for context in iter_route_contexts(routes):
        if isinstance(context.original_route, APIRoute) and context.include_in_schema:
            route = cast("APIRoute", context)  # it answers for the route, routers' parts included
            for method in route.methods or ():
                yield route, document["paths"][route.path_format][method.lower()]


def _lift_definitions(operation: Fragment, schemas: Fragment) -> None:
    """Move what `listed` holds to where references look for it."""
    for media in examples.media_of(operation):
        for name, schema in media["schema"].pop("$defs", {}).items():
            if schemas.setdefault(name, schema) != schema:
                raise ValueError(f"Two schemas are called {name}; rename one of the classes.")


def _say_who_may(route: APIRoute, operation: Fragment) -> None:
    """Name the scope that the route's rule asks for; its scheme stands there already."""
    for call in refusals.calls_of(route.dependant):
        if isinstance(call, Allowed):
            operation["security"] = [{call.scheme_name: [call.right.scope]}]


def _describe_parameters(operation: Fragment, schemas: Fragment) -> None:
    for parameter in operation.get("parameters", ()):
        if parameter["name"] == "If-Match":
            parameter["required"] = True  # FastAPI lets it be left out, so that the answer is 428
        word = WORDS.get(parameter["name"])
        if word is not None:
            parameter.setdefault("description", word.description)
        with examples.left_out():
            example = examples.of(parameter["schema"], schemas, parameter["name"])
            parameter.setdefault("example", example)


def _describe_properties(part: Any) -> None:  # noqa: ANN401 - any part of a document
    """Describe the properties of every schema in a part that have no description of their own."""
    if isinstance(part, list):
        for item in part:
            _describe_properties(item)
    if not isinstance(part, dict):
        return
    for name, schema in part.get("properties", {}).items():
        if name in WORDS and "description" not in schema:
            schema["description"] = WORDS[name].description
    for item in part.values():
        _describe_properties(item)
