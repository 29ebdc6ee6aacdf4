"""Words in a body, and what is said of those that show nothing."""

from typing import Annotated

import pytest
from pydantic import BaseModel, ValidationError

from attendance_runtime.web.texts import Words


class Closing(BaseModel):
    """How something ends."""

    reason: Annotated[str, Words(10)]
    note: Annotated[str, Words(10)] | None = None


@pytest.mark.parametrize("field", ["reason", "note"])
@pytest.mark.parametrize("text", ["", " ", "\u200b", "\u00a0\t", "a\x00", "a" * 11], ids=ascii)
def test_what_shows_nothing_is_refused_where_it_stands(field: str, text: str) -> None:
    with pytest.raises(ValidationError) as refused:
        Closing.model_validate({"reason": "Moved", field: text})
    assert [(fault["loc"], fault["type"]) for fault in refused.value.errors()] == [
        ((field,), "text")
    ]


def test_words_are_kept_as_they_are() -> None:
    kept = Closing.model_validate_json('{"reason": " Moved ", "note": null}')
    assert (kept.reason, kept.note) == (" Moved ", None)


def test_a_document_tells_how_long_words_may_be() -> None:
    properties = Closing.model_json_schema()["properties"]
    assert (properties["reason"]["minLength"], properties["reason"]["maxLength"]) == (1, 10)
    assert properties["note"]["anyOf"][0]["maxLength"] == 10
