"""What people write into a request: reasons, notes, names and titles, never blank."""

from dataclasses import dataclass
from typing import Any

from pydantic import GetCoreSchemaHandler, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from attendance_contracts.words import check_text


@dataclass(frozen=True, slots=True)
class Words:
    """Marks a text as one in which something can be read: `Annotated[str, Words(500)]`.

    Every route that takes words takes them so; a body that pydantic does not read asks
    `check_text` itself.

    Attributes:
        at_most: how many characters it may have.
    """

    at_most: int

    def __get_pydantic_core_schema__(
        self, source: type[Any], handler: GetCoreSchemaHandler
    ) -> CoreSchema:
        """Have a text checked after it was read."""
        return core_schema.no_info_after_validator_function(self.check, handler(source))

    def __get_pydantic_json_schema__(
        self, schema: CoreSchema, handler: GetJsonSchemaHandler
    ) -> JsonSchemaValue:
        """Describe what JSON Schema has words for: a blank cannot be told by its length."""
        return {**handler(schema), "minLength": 1, "maxLength": self.at_most}

    def check(self, text: str) -> str:
        """Return a text as it is, or refuse it without repeating it."""
        if refusal := check_text(text, at_most=self.at_most):
            raise PydanticCustomError("text", "{refusal}", {"refusal": refusal})
        return text
