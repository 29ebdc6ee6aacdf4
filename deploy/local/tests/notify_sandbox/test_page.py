"""The pages that show the messages as people read them."""

from collections.abc import Callable
from html.parser import HTMLParser

import pytest

from notify_sandbox.templates import CORRECTION_SMS, FIRST_CONTACT_EMAIL, FIRST_CONTACT_SMS
from notify_sandbox.testing import OfficialClient, RunningSandbox

VALUES = {"child": "Amira", "school": "Hillside", "date": "7 September", "session": "this morning"}


class Page(HTMLParser):
    """A page's tags, links and words."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words = ""
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.words += data

    def links(self) -> list[str]:
        return [attributes["href"] or "" for tag, attributes in self.tags if tag == "a"]

    def has(self, tag: str) -> int:
        return [name for name, _ in self.tags].count(tag)


@pytest.fixture
def page(sandbox: RunningSandbox) -> Callable[[str], Page]:
    def read(path: str, status: int = 200) -> Page:
        answer = sandbox.http.get(path)
        assert answer.status_code == status
        return Page(answer.text)

    return read


def text(client: OfficialClient, to: str, **more: str) -> None:
    client.send_sms_notification(to, FIRST_CONTACT_SMS, VALUES | more)


def test_an_empty_sandbox_says_so(page: Callable[[str], Page]) -> None:
    assert "No messages yet." in page("/").words


def test_each_person_is_one_conversation_the_latest_first(
    client: OfficialClient, page: Callable[[str], Page]
) -> None:
    text(client, "07700900123")
    text(client, "07700900124")
    client.send_sms_notification("07700900123", CORRECTION_SMS, VALUES)
    inbox = page("/")
    conversations = [link for link in inbox.links() if link.startswith("/conversations/")]
    assert conversations == ["/conversations/447700900123", "/conversations/447700900124"]
    assert "07700 900123" in inbox.words
    assert "Please ignore our message" in inbox.words
    assert "3 messages to" in " ".join(inbox.words.split())


def test_a_conversation_reads_newest_first(
    client: OfficialClient, page: Callable[[str], Page]
) -> None:
    text(client, "07700900123")
    client.send_sms_notification("07700900123", CORRECTION_SMS, VALUES)
    words = page("/conversations/447700900123").words
    assert words.index("Please ignore our message") < words.index("was marked absent")


def test_an_email_shows_its_subject(client: OfficialClient, page: Callable[[str], Page]) -> None:
    client.send_email_notification("parent+a@example.org", FIRST_CONTACT_EMAIL, VALUES)
    (link,) = [one for one in page("/").links() if one.startswith("/conversations/")]
    shown = page(link)
    assert "parent+a@example.org" in shown.words
    assert "Amira is absent from Hillside on 7 September" in shown.words
    assert shown.has("h3") == 1


def test_what_a_message_says_is_shown_and_never_run(
    client: OfficialClient, page: Callable[[str], Page]
) -> None:
    text(client, "07700900123", child="<script>alert(1)</script>")
    for shown in (page("/"), page("/conversations/447700900123"), page("/?find=<b>x</b>")):
        assert shown.has("script") == 0
        assert shown.has("b") == 0
    assert "<script>alert(1)</script>" in page("/conversations/447700900123").words


def test_many_people_take_several_pages(
    client: OfficialClient, page: Callable[[str], Page]
) -> None:
    for number in range(300, 351):
        text(client, f"07700900{number}")
    first, second = page("/"), page("/?page=2")
    assert "/?page=2" in first.links()
    assert "/conversations/447700900300" not in first.links()
    assert "/conversations/447700900300" in second.links()
    assert "/" in second.links()


def test_a_long_conversation_takes_several_pages(
    client: OfficialClient, page: Callable[[str], Page]
) -> None:
    for _ in range(51):
        text(client, "07700900123")
    assert page("/conversations/447700900123").has("li") == 50
    assert page("/conversations/447700900123?page=2").has("li") == 1


def test_the_page_refreshes_by_itself_only_when_asked(page: Callable[[str], Page]) -> None:
    resting, refreshing = page("/"), page("/?refresh=yes")
    assert ("meta", {"http-equiv": "refresh", "content": "5"}) not in resting.tags
    assert ("meta", {"http-equiv": "refresh", "content": "5"}) in refreshing.tags
    assert "/?refresh=yes" in resting.links()
    assert "Stop refreshing" in refreshing.words


def test_a_person_is_found_by_number_however_written(
    client: OfficialClient, page: Callable[[str], Page]
) -> None:
    text(client, "07700900123")
    text(client, "07700900124")
    found = page("/?find=%2B44 7700 900123").links()
    assert "/conversations/447700900123" in found
    assert "/conversations/447700900124" not in found
    assert "No messages to" in page("/?find=07700900125").words


def test_an_unknown_person_is_not_found(page: Callable[..., Page]) -> None:
    assert "No messages to this person." in page("/conversations/447700900999", 404).words


@pytest.mark.parametrize("path", ["/", "/conversations/447700900123"])
def test_the_pages_can_be_read_by_everybody(
    client: OfficialClient, page: Callable[[str], Page], path: str
) -> None:
    text(client, "07700900123")
    shown = page(path)
    assert ("html", {"lang": "en-GB"}) in shown.tags
    assert [shown.has(tag) for tag in ("header", "main", "footer", "h1", "title")] == [1] * 5
    labels = {attributes["for"] for tag, attributes in shown.tags if tag == "label"}
    inputs = {attributes["id"] for tag, attributes in shown.tags if tag == "input"}
    assert inputs <= labels
    assert shown.has("link") == shown.has("script") == shown.has("img") == 0
