"""Where in a route's body something may stand: in its good request, or declared and left out of it.

What is optional is seldom in a good request, and was broken unseen: a `minutes_late` of 40,000 was
our mistake in every register, and no request of the corpus had a `minutes_late`.
"""

from collections.abc import Iterator, Mapping
from copy import deepcopy
from dataclasses import dataclass
from typing import Any, Final

Json = Any  # a JSON document
Schema = Mapping[str, Any]
Steps = tuple[int | str, ...]

_NUMBERS: Final = frozenset({"integer", "number"})
_SIMPLE: Final = {"string": "a", "integer": 1, "number": 1, "boolean": True}


@dataclass(frozen=True, slots=True)
class Field:
    """A place of a body that holds no other: a body that has it, the way there, its schema."""

    body: Json
    steps: Steps
    schema: Schema

    @property
    def takes_numbers(self) -> bool:
        """Whether the document declares a number here, be it among other things."""
        declared = [self.schema, *self.schema.get("anyOf", ())]
        return any(not _NUMBERS.isdisjoint(_types(one)) for one in declared)

    def holding(self, value: Json) -> Json:
        """Return the body with another value here."""
        return _with(self.body, self.steps, value)


@dataclass(frozen=True, slots=True)
class Declared:
    """The schemas of a service's OpenAPI document, by name."""

    schemas: Mapping[str, Schema]

    def fields(self, body: Json, schema: Schema, steps: Steps = ()) -> Iterator[Field]:
        """Yield every place of a good body, and each that is declared besides, one at a time."""
        schema = self._resolved(schema)
        here = _at(body, steps)
        if isinstance(here, list) and here:
            yield from self.fields(body, schema.get("items", {}), (*steps, 0))
        elif isinstance(here, dict) and (here or "properties" in schema):
            declared = schema.get("properties", {})
            for name in {**here, **declared}:
                inner, place = declared.get(name, {}), (*steps, name)
                filled = body if name in here else _with(body, place, self._sample(inner))
                yield from self.fields(filled, inner, place)
        else:
            yield Field(body, steps, schema)
            if here == [] and "items" in schema:
                filled = _with(body, steps, [self._sample(schema["items"])])
                yield from self.fields(filled, schema, steps)

    def _resolved(self, schema: Schema) -> Schema:
        """Follow a reference, and take the first that is not null of several choices."""
        if "$ref" in schema:
            return self._resolved(self.schemas[schema["$ref"].rpartition("/")[2]])
        choices = [one for one in schema.get("anyOf", ()) if one.get("type") != "null"]
        described = any("$ref" in one or "items" in one for one in choices)
        return self._resolved(choices[0]) if described else schema

    def _sample(self, schema: Schema) -> Json:
        """Return something that the document allows, as far as it gives an example."""
        for one in (schema, self._resolved(schema)):
            if given := one.get("examples") or one.get("enum"):
                return given[0]
        schema = self._resolved(schema)
        kind = next((kind for kind in _types(schema) if kind != "null"), None)
        if kind == "array":
            return [self._sample(schema.get("items", {}))]
        if kind == "object":
            declared = schema.get("properties", {})
            return {name: self._sample(declared[name]) for name in schema.get("required", ())}
        return _SIMPLE.get(str(kind))


def _types(schema: Schema) -> list[str]:
    kind = schema.get("type", [])
    return [kind] if isinstance(kind, str) else list(kind)


def _at(body: Json, steps: Steps) -> Json:
    for step in steps:
        body = body[step]
    return body


def _with(body: Json, steps: Steps, value: Json) -> Json:
    if not steps:
        return value
    changed = deepcopy(body)
    *above, last = steps
    _at(changed, tuple(above))[last] = value
    return changed
