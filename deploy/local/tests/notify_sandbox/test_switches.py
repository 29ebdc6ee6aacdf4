"""Each way in which a test can make the sandbox fail."""

import time
from collections.abc import Callable

import pytest
from notifications_python_client.errors import HTTPError

from notify_sandbox.templates import FIRST_CONTACT_EMAIL, FIRST_CONTACT_SMS
from notify_sandbox.testing import OfficialClient, RunningSandbox

VALUES = {"child": "Amira", "school": "Hillside", "date": "7 September", "session": "this morning"}
ClientOf = Callable[..., OfficialClient]
Eventually = Callable[[Callable[[], bool]], None]


def send(client: OfficialClient, reference: str = "attempt-1") -> None:
    client.send_sms_notification("07700 900123", FIRST_CONTACT_SMS, VALUES, reference=reference)


def failure(call: Callable[[], object]) -> HTTPError:
    with pytest.raises(HTTPError) as failed:
        call()
    return failed.value


def references(sandbox: RunningSandbox) -> list[str]:
    return [message["reference"] for message in sandbox.messages()]


def test_down_closes_the_connection_for_every_route_until_it_ends(
    client: OfficialClient, sandbox: RunningSandbox
) -> None:
    sandbox.switch("failure", mode="down")
    for call in (lambda: send(client), client.get_all_templates, client.get_all_notifications):
        assert failure(call).response is None
    assert references(sandbox) == []
    sandbox.http.delete("/sandbox/failure")
    send(client)
    assert references(sandbox) == ["attempt-1"]


def test_unavailable_answers_503_with_a_page(
    client: OfficialClient, sandbox: RunningSandbox
) -> None:
    sandbox.switch("failure", mode="unavailable")
    failed = failure(lambda: send(client))
    assert failed.response is not None
    assert (failed.status_code, failed.response.headers["content-type"]) == (503, "text/html")
    assert references(sandbox) == []


def test_a_failure_ends_after_its_count(client: OfficialClient, sandbox: RunningSandbox) -> None:
    sandbox.switch("failure", mode="unavailable", count=2)
    assert failure(lambda: send(client)).status_code == 503
    assert sandbox.http.get("/sandbox/switches").json()["failure"]["count"] == 1
    assert failure(client.get_all_templates).status_code == 503
    send(client)
    assert sandbox.http.get("/sandbox/switches").json()["failure"] is None


def test_a_failure_can_meet_lookups_alone(client: OfficialClient, sandbox: RunningSandbox) -> None:
    sandbox.switch("failure", mode="server-error", applies_to="lookups", count=1)
    send(client)
    assert failure(client.get_all_notifications).status_code == 500
    assert len(client.get_all_notifications()["notifications"]) == 1


def test_the_control_routes_and_the_page_never_fail(sandbox: RunningSandbox) -> None:
    sandbox.switch("failure", mode="down", applies_to="all")
    for path in ("/livez", "/", "/sandbox/counts", "/sandbox/messages", "/sandbox/switches"):
        assert sandbox.http.get(path).status_code == 200


def test_slow_waits_before_it_works(client: OfficialClient, sandbox: RunningSandbox) -> None:
    sandbox.switch("failure", mode="slow", seconds=0.3, count=1)
    before = time.monotonic()
    send(client)
    assert time.monotonic() - before >= 0.3


def test_slow_keeps_the_message_even_of_a_client_that_gave_up(
    client_of: ClientOf, sandbox: RunningSandbox, eventually: Eventually
) -> None:
    sandbox.switch("failure", mode="slow", seconds=0.4)
    hasty = client_of(sandbox.url, timeout=0.1)
    assert failure(lambda: send(hasty)).response is None
    assert references(sandbox) == []
    eventually(lambda: references(sandbox) == ["attempt-1"])


def test_accept_then_time_out_keeps_the_message_and_holds_the_answer(
    client_of: ClientOf, client: OfficialClient, sandbox: RunningSandbox
) -> None:
    sandbox.switch("failure", mode="accept-then-time-out")
    hasty = client_of(sandbox.url, timeout=0.2)
    assert failure(lambda: send(hasty)).response is None
    found = client.get_all_notifications(reference="attempt-1")["notifications"]
    assert len(found) == 1


def test_a_held_answer_comes_when_its_time_is_up(
    client: OfficialClient, sandbox: RunningSandbox
) -> None:
    sandbox.switch("failure", mode="accept-then-time-out", seconds=0.2)
    before = time.monotonic()
    send(client)
    assert time.monotonic() - before >= 0.2


def test_accept_then_close_keeps_the_message_and_says_nothing(
    client: OfficialClient, sandbox: RunningSandbox
) -> None:
    sandbox.switch("failure", mode="accept-then-close", count=1)
    assert failure(lambda: send(client)).response is None
    assert references(sandbox) == ["attempt-1"]
    send(client)
    assert sandbox.counts()["repeated_references"] == 1


RATE_LIMIT = "Exceeded rate limit for key type LIVE of 3000 requests per 60 seconds"
REFUSAL = "Cannot send to this recipient"
DAILY_LIMIT = "Exceeded send limits (email: 250000) for today"


@pytest.mark.parametrize(
    ("mode", "status", "error"),
    [
        ("server-error", 500, {"error": "Exception", "message": "Internal server error"}),
        ("refused", 400, {"error": "BadRequestError", "message": REFUSAL}),
        ("rate-limited", 429, {"error": "RateLimitError", "message": RATE_LIMIT}),
        ("daily-limit", 429, {"error": "TooManyRequestsError", "message": DAILY_LIMIT}),
    ],
)
def test_a_refusal_is_in_notifys_words_and_keeps_nothing(
    client: OfficialClient, sandbox: RunningSandbox, mode: str, status: int, error: dict[str, str]
) -> None:
    sandbox.switch("failure", mode=mode)
    failed = failure(
        lambda: client.send_email_notification("parent@example.org", FIRST_CONTACT_EMAIL, VALUES)
    )
    assert (failed.status_code, failed.message) == (status, [error])
    assert client.get_all_notifications()["notifications"] == []


@pytest.mark.parametrize(
    ("offset", "accepted"), [(25, True), (-25, True), (40, False), (-40, False)]
)
def test_the_clocks_may_differ_by_30_seconds(
    client: OfficialClient, sandbox: RunningSandbox, offset: int, accepted: bool
) -> None:
    sandbox.switch("clock", offset_seconds=offset)
    if accepted:
        send(client)
    else:
        failed = failure(lambda: send(client))
        assert failed.status_code == 403
        assert "AuthError" in str(failed)
    assert len(references(sandbox)) == accepted


def test_a_reset_puts_every_switch_back(sandbox: RunningSandbox) -> None:
    before = sandbox.http.get("/sandbox/switches").json()
    sandbox.switch("failure", mode="down")
    sandbox.switch("receipts", mode="never")
    sandbox.switch("clock", offset_seconds=90)
    sandbox.switch("delivery", delay_seconds=9)
    sandbox.switch("callback", url="http://127.0.0.1:9/", token="our-own-token")
    assert sandbox.http.get("/sandbox/switches").json() != before
    assert sandbox.http.delete("/sandbox/switches").json() == before


@pytest.mark.parametrize(
    ("name", "settings"),
    [
        ("failure", {"mode": "broken"}),
        ("failure", {"mode": "slow", "seconds": -1}),
        ("failure", {"mode": "down", "count": 0}),
        ("failure", {"mode": "down", "times": 3}),
        ("receipts", {"mode": "lost"}),
        ("callback", {"url": "ftp://example.org"}),
        ("callback", {"url": "http://example.org/a b"}),
        ("callback", {"url": "http://example.org/", "token": "two words"}),
    ],
)
def test_a_switch_that_does_not_exist_is_refused(
    sandbox: RunningSandbox, name: str, settings: dict[str, object]
) -> None:
    assert sandbox.http.put(f"/sandbox/{name}", json=settings).status_code == 422


def test_the_callbacks_token_is_never_shown(sandbox: RunningSandbox) -> None:
    sandbox.switch("callback", url="http://127.0.0.1:9/", token="our-own-token")
    assert "our-own-token" not in sandbox.http.get("/sandbox/switches").text
