"""Which places of a body are spoilt: those of the good request, and those it leaves out."""

from .declared import Declared, Field

CHILD = {
    "type": "object",
    "required": ["name"],
    "properties": {
        "name": {"type": "string"},
        "late": {"type": ["integer", "null"]},
        "size": {"anyOf": [{"type": "number"}, {"type": "null"}]},
        "contacts": {
            "anyOf": [{"type": "array", "items": {"$ref": "#/x/Contact"}}, {"type": "null"}]
        },
    },
}
CONTACT = {
    "type": "object",
    "required": ["key"],
    "properties": {"key": {"type": "string"}, "priority": {"type": "integer"}},
}
CHILDREN = {"type": "array", "items": {"$ref": "#/x/Child"}}
DECLARED = Declared({"Child": CHILD, "Contact": CONTACT})


def fields(body: object) -> dict[str, Field]:
    found = DECLARED.fields(body, CHILDREN)
    return {"/".join(map(str, field.steps)): field for field in found}


def test_every_declared_field_has_its_turn_however_deep() -> None:
    places = ["0/name", "0/late", "0/size", "0/contacts/0/key", "0/contacts/0/priority"]
    assert list(fields([{"name": "Robin"}])) == places


def test_one_field_at_a_time_is_added_to_the_good_request() -> None:
    late = fields([{"name": "Robin"}])["0/late"]
    assert late.holding(40_000) == [{"name": "Robin", "late": 40_000}]
    priority = fields([{"name": "Robin"}])["0/contacts/0/priority"]
    assert priority.holding(-1) == [{"name": "Robin", "contacts": [{"key": "a", "priority": -1}]}]


def test_an_empty_list_is_a_place_and_so_is_what_it_might_hold() -> None:
    found = fields([{"name": "Robin", "contacts": []}])
    assert {"0/contacts", "0/contacts/0/key", "0/contacts/0/priority"} <= set(found)


def test_numbers_go_where_a_number_is_declared() -> None:
    numbers = {place for place, field in fields([{"name": "Robin"}]).items() if field.takes_numbers}
    assert numbers == {"0/late", "0/size", "0/contacts/0/priority"}
