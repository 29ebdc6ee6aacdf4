"""Messages are read as a parent reads them, by the templates' own words."""

import json
from datetime import date

import pytest

from demo_authority.proof.inbox import Unreadable, children_named, day_in_words, recipient_of
from notify_sandbox.templates import OWN_CATALOGUE, Catalogue, Template

TEMPLATES = {
    (entry["name"], entry["type"]): entry["id"] for entry in json.loads(OWN_CATALOGUE.read_text())
}
SCHOOL, DAY = "Heron Way Primary School", "Monday 23 November"


def message(template_id: str, children: list[str]) -> str:
    template = Catalogue.read().get(template_id)
    assert isinstance(template, Template)
    values = {
        "school": SCHOOL,
        "date": DAY,
        "session": "in the morning",
        "child": children[0],
        "children": children,
    }
    return template.fill(values)[1]


@pytest.mark.parametrize("template", sorted(TEMPLATES))
def test_every_template_says_which_children_it_is_about(template: tuple[str, str]) -> None:
    children = ["Corina", "Tamor", "Zelia"] if "siblings" in template[0] else ["Corina"]
    body = message(TEMPLATES[template], children)
    assert list(children_named(TEMPLATES[template], body)) == [
        (SCHOOL, DAY, child) for child in children
    ]


def test_two_siblings_are_read_as_two() -> None:
    template = TEMPLATES["first-contact-siblings", "sms"]
    named = children_named(template, message(template, ["Corina", "Tamor"]))
    assert [child for _, _, child in named] == ["Corina", "Tamor"]


def test_a_message_in_other_words_is_refused() -> None:
    with pytest.raises(Unreadable):
        list(children_named(TEMPLATES["correction", "sms"], "Something else altogether."))


def test_a_day_is_written_without_its_year() -> None:
    assert day_in_words(date(2026, 11, 2)) == "Monday 2 November"


def test_a_person_is_reached_by_mobile_before_email() -> None:
    assert recipient_of("07700900123", "a@example.org") == "447700900123"
    assert recipient_of(None, "A.Person@example.org") == "a.person@example.org"
