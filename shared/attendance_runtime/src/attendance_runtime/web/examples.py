"""An example for every request, answer and parameter, put together from those of its parts.

A part's example is its own (`Field(examples=[…])`), or its default, or the first of its values, or
the `vocabulary`'s. So that whole examples are about one school, one child and one day, and none is
written twice.
"""

import json
from collections.abc import Iterator
from contextlib import AbstractContextManager, suppress
from typing import Any

from attendance_runtime.web.vocabulary import WORDS

Schema = dict[str, Any]


class NoExampleError(LookupError):
    """A part has no example, and nothing to make one of."""

    def __init__(self, name: str) -> None:
        super().__init__(f"`{name}` has no example: `Field(examples=[…])`, or a word of `WORDS`.")


def left_out() -> AbstractContextManager[None]:
    """Leave an example out that cannot be made; the linter asks for it."""
    return suppress(NoExampleError)


def add(operation: dict[str, Any], schemas: dict[str, Schema]) -> None:
    """Give every body of an operation an example that has none."""
    for media in media_of(operation):
        if media.keys().isdisjoint({"example", "examples"}):
            with left_out():
                media["example"] = _body(media["schema"], schemas)


def media_of(operation: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the bodies that an operation takes and gives, each with its `schema`."""
    for place in (operation.get("requestBody", {}), *operation["responses"].values()):
        yield from place.get("content", {}).values()


def _body(schema: Schema, schemas: dict[str, Schema]) -> Any:  # noqa: ANN401 - any JSON
    if "contentSchema" in schema:  # a text of lines
        return json.dumps(of(schema["contentSchema"], schemas), separators=(",", ":")) + "\n"
    return of(schema, schemas)


def of(schema: Schema, schemas: dict[str, Schema], name: str = "") -> Any:  # noqa: ANN401 - any JSON
    """Return an example of a schema.

    Raises:
        NoExampleError: for a part, which it names.
    """
    said = _said(schema)
    if said:
        return said[0]
    if "$ref" in schema:
        return of(schemas[schema["$ref"].rpartition("/")[2]], schemas, name)
    if name in WORDS and "properties" not in schema:
        return WORDS[name].example
    return _composed(schema, schemas, name)


def _said(schema: Schema) -> list[Any]:
    """Return the values that a schema itself holds; a default of null says nothing."""
    values = [*schema.get("examples", ()), *schema.get("enum", ())]
    return values or [schema[key] for key in ("const", "default") if schema.get(key) is not None]


def _composed(schema: Schema, schemas: dict[str, Schema], name: str) -> Any:  # noqa: ANN401 - as above
    for variant in schema.get("anyOf", ()):
        if variant.get("type") != "null":
            return of(variant, schemas, name)
    if "properties" in schema:
        return {
            part: of(described, schemas, part) for part, described in schema["properties"].items()
        }
    if isinstance(schema.get("additionalProperties"), dict):
        value = of(schema["additionalProperties"], schemas)
        return dict.fromkeys(_keys(schema["propertyNames"], schemas), value)
    if "items" in schema:
        return [of(schema["items"], schemas, name)]
    raise NoExampleError(name)


def _keys(names: Schema, schemas: dict[str, Schema]) -> list[Any]:
    """Return the keys that an object may have: every one of those that are listed, or one."""
    listed = schemas[names["$ref"].rpartition("/")[2]] if "$ref" in names else names
    return listed.get("enum") or [of(listed, schemas)]
