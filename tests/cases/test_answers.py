"""How an answer is compared with what a story expects of it."""

import pytest

from .answers import differences
from .story import Expected, Json

ANSWER = (
    '{"state": "recorded", "new": 2, "missing": [], "a/b": null, "errors": [{"pointer": "#/x"}]}'
)


@pytest.mark.parametrize(
    ("pointer", "wanted", "is_so"),
    [
        ("/new", 2, True),
        ("/new", 3, False),
        ("/errors/0/pointer", "#/x", True),
        ("/errors/1/pointer", "#/x", False),
        ("/missing", {"length": 0}, True),
        ("/errors", {"length": 0}, False),
        ("/errors", {"longer_than": 0}, True),
        ("/missing", {"longer_than": 0}, False),
        ("/state", {"not": None}, True),
        ("/a~1b", None, True),
        ("/a~1b", {"not": None}, False),
        ("/nowhere", {"not": None}, False),
        ("/nowhere", None, False),
        ("/nowhere", {"longer_than": 0}, False),
    ],
)
def test_a_value_is_found_by_its_pointer(pointer: str, wanted: Json, is_so: bool) -> None:
    found = differences(Expected(values={pointer: wanted}), 200, ANSWER)
    assert (found == []) is is_so


@pytest.mark.parametrize(("status", "is_so"), [(404, True), (422, True), (200, False)])
def test_one_of_several_statuses_will_do(status: int, is_so: bool) -> None:
    assert (differences(Expected(statuses=[404, 422]), status, "") == []) is is_so


def test_one_way_of_several_will_do() -> None:
    either = [Expected(statuses=[404]), Expected(values={"/new": 2})]
    assert differences(Expected(one_of=either), 200, ANSWER) == []
    assert differences(Expected(one_of=either), 500, "") != []


@pytest.mark.parametrize(
    ("text", "is_so"),
    [
        ('{"state": "created", "line": 1}\n{"state": "changed"}\n', True),
        ('{"state": "created"}\n', False),
        ('{"state": "created"}\n{"state": "refused"}\n', False),
    ],
)
def test_every_line_of_an_answer_is_looked_at(text: str, is_so: bool) -> None:
    wanted = [{"state": "created"}, {"state": "changed"}]
    assert (differences(Expected(lines=wanted), 200, text) == []) is is_so
