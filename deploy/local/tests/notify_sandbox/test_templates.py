"""Filling in templates, and the project's own catalogue."""

from pathlib import Path

import msgspec
import pytest

from notify_sandbox import templates
from notify_sandbox.errors import NotifyError
from notify_sandbox.templates import Catalogue, Text

BODY = "((child)) is ((late??late, and )) expected; ((First Name)) (not (this))"


def test_placeholders_are_found_once_each_in_the_order_of_the_text() -> None:
    assert Text("((b)) ((a)) ((b??words)) (c)").placeholders == ("b", "a")


@pytest.mark.parametrize(
    ("late", "said"), [("yes", "late, and "), (True, "late, and "), ("no", ""), (0, "")]
)
def test_a_condition_shows_its_words_only_for_yes(late: object, said: str) -> None:
    values = {"child": "Amira", "late": late, "firstname": "A"}
    filled = Text(BODY).fill(values, bullets=False)
    assert filled == f"Amira is {said} expected; A (not (this))"


@pytest.mark.parametrize(
    ("names", "sentence"),
    [
        ([], ""),
        (["Amira"], "Amira"),
        (["Amira", "Bilal"], "Amira and Bilal"),
        (["Amira", None, "Bilal", "Cass"], "Amira, Bilal and Cass"),
    ],
)
def test_a_list_reads_as_a_sentence(names: list[str | None], sentence: str) -> None:
    assert Text("((names))").fill({"names": names}, bullets=False) == sentence


def test_a_value_that_looks_like_a_placeholder_stays_as_it_is() -> None:
    assert Text("((a)) ((b))").fill({"a": "((b))", "b": "x"}, bullets=False) == "((b)) x"


def test_names_match_whatever_their_case_spaces_dashes_and_underscores() -> None:
    template = Catalogue.read().get(templates.FIRST_CONTACT_SMS)
    assert template is not None
    filled = template.fill({"CHILD": "Amira", "Sch ool": "Hillside", "da_te": 1, "sess-ion": "am"})
    assert filled[1].startswith("Hillside: Amira was marked absent am on 1")


def test_the_catalogue_holds_every_template_the_constants_name() -> None:
    catalogue = Catalogue.read()
    named = {
        (name.removesuffix("_SMS").removesuffix("_EMAIL"), name.rpartition("_")[2]): value
        for name, value in vars(templates).items()
        if name.startswith(("FIRST_CONTACT", "CORRECTION"))
    }
    assert len(named) == len(catalogue.of_kind(None))
    for (name, kind), template_id in named.items():
        template = catalogue.get(template_id)
        assert template is not None
        assert template.name == name.lower().replace("_", "-")
        assert template.kind == kind.lower()
        assert {"school", "date"} <= set(template.placeholders)


def test_every_text_of_the_catalogue_fits_two_parts_with_ordinary_names() -> None:
    values = {
        "child": "Maximilian",
        "children": ["Maximilian", "Alexandra"],
        "school": "St Bartholomew's Primary",
        "date": "Wednesday 23 September",
        "session": "this afternoon",
    }
    for template in Catalogue.read().of_kind("sms"):
        assert len(template.fill(values)[1]) <= 306


def test_another_catalogue_can_be_read(tmp_path: Path) -> None:
    path = tmp_path / "templates.json"
    path.write_text('[{"id": "x", "name": "n", "type": "sms", "body": "Hello"}]')
    template = Catalogue.read(path).get("x")
    assert template is not None
    assert template.fill({}) == (None, "Hello")


def test_a_broken_catalogue_says_what_is_wrong(tmp_path: Path) -> None:
    path = tmp_path / "templates.json"
    path.write_text('[{"id": "x", "name": "n", "type": "fax", "body": "Hello"}]')
    with pytest.raises(msgspec.ValidationError, match="fax"):
        Catalogue.read(path)


def test_null_is_a_missing_value() -> None:
    template = Catalogue.read().get(templates.CORRECTION_SMS)
    assert template is not None
    with pytest.raises(NotifyError) as refused:
        template.fill({"school": "Hillside", "date": None})
    assert refused.value.messages == ("Missing personalisation: date, child",)
