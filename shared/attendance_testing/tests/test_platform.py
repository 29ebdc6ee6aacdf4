"""The platform's client against the real token issuer, and its patience with a service away."""

from collections.abc import AsyncIterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import msgspec
import pytest

from attendance_runtime.clock import write_driven_clock
from attendance_testing.platform import Platform, Refused
from attendance_testing.stack_document import Stack
from local_stack.clients import Client, Clients
from local_stack.folder import StackFolder
from local_stack.issuer import create_issuer

ISSUER, FIRST_API, SECOND_API = "http://issuer", "http://register-1", "http://register-2"
MIS = Client("mis", "a secret", "mis-1", "supplier:mis", "register.write")
MORNING = datetime(2026, 11, 23, 8, 40, tzinfo=UTC)

Answers = list[httpx.Response | httpx.TransportError]


class Network(httpx.AsyncBaseTransport):
    """The issuer as it is; in place of register-service whatever a test lets it answer."""

    def __init__(self, issuer: httpx.ASGITransport) -> None:
        self.issuer = issuer
        self.answers: Answers = []
        self.asked: list[httpx.Request] = []
        self.tokens = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        if request.url.host == "issuer":
            self.tokens += request.url.path == "/token"
            return await self.issuer.handle_async_request(request)
        self.asked.append(request)
        answer = self.answers.pop(0) if self.answers else httpx.Response(200)
        if isinstance(answer, httpx.TransportError):
            raise answer
        return answer


@pytest.fixture
def network(tmp_path: Path) -> Network:
    folder = StackFolder.of(tmp_path, "trial").make()
    Clients(folder.clients_file).add(MIS)
    write_driven_clock(folder.clock_file, domain=MORNING, rate=0)
    clock = {"FIRSTDAY_CLOCK": f"driven:{folder.clock_file}", "FIRSTDAY_ENVIRONMENT": "test"}
    issuer = create_issuer(folder, url=ISSUER, environment=clock)
    return Network(httpx.ASGITransport(app=issuer, client=("127.0.0.1", 4000)))


@pytest.fixture
async def platform(network: Network, tmp_path: Path) -> AsyncIterator[Platform]:
    stated = {
        "name": "trial",
        "folder": str(tmp_path / "trial"),
        "kafka": {"bootstrap_servers": "127.0.0.1:9092"},
        "issuer": {
            "url": ISSUER,
            "token_endpoint": f"{ISSUER}/token",
            "clients_endpoint": f"{ISSUER}/clients",
            "audiences": {"register": "https://firstday.example.org/register"},
        },
        "clients": {"mis": asdict(MIS)},
        "clock": {
            "kind": "driven",
            "file": str(tmp_path / "trial" / "clock"),
            "control_url": f"{ISSUER}/clock",
        },
        "sandbox": {"url": "http://sandbox"},
        "services": {
            "register": {"database_url": "", "api": [FIRST_API, SECOND_API], "worker": []}
        },
    }
    http = httpx.AsyncClient(transport=network)
    async with Platform(msgspec.convert(stated, Stack), http) as platform:
        yield platform


async def ask(platform: Platform, client: str = "mis") -> httpx.Response:
    return await platform.call(client, "GET", "register", "/v1/schools/100001")


async def test_a_token_is_fetched_once_and_used_again(platform: Platform, network: Network) -> None:
    await ask(platform)
    await ask(platform)
    assert network.tokens == 1
    headers = {request.headers["authorization"] for request in network.asked}
    assert headers == {f"Bearer {await platform.token('mis')}"}


async def test_an_added_client_gets_tokens_of_its_own(platform: Platform, network: Network) -> None:
    added = await platform.add_client(
        "worker-1", sub="worker-1", org="social-care:332", scopes="caseload.read"
    )
    assert platform.client("worker-1") == added
    await ask(platform, "worker-1")
    assert network.tokens == 1


async def test_api_processes_take_turns(platform: Platform, network: Network) -> None:
    for _ in range(3):
        await ask(platform)
    assert [request.url.host for request in network.asked] == [
        "register-1",
        "register-2",
        "register-1",
    ]


@pytest.mark.parametrize(
    "away",
    [
        [httpx.Response(503)],
        [httpx.Response(503, headers={"Retry-After": "0"})],
        [httpx.Response(503, headers={"Retry-After": "Wed, 25 Nov 2026 09:00:00 GMT"})],
        [httpx.ConnectError("refused")],
        [httpx.ReadError("closed"), httpx.Response(503)],
    ],
)
async def test_a_service_that_is_briefly_away_is_asked_again(
    platform: Platform, network: Network, away: Sequence[httpx.Response | httpx.TransportError]
) -> None:
    network.answers = list(away)
    assert (await ask(platform)).status_code == 200
    assert len(network.asked) == len(away) + 1


async def test_a_service_that_stays_away_for_too_long_is_told(
    platform: Platform, network: Network
) -> None:
    network.answers = [httpx.Response(503, headers={"Retry-After": "3600"})]
    with pytest.raises(Refused, match="503"):
        await ask(platform)


async def test_a_refusal_is_raised_with_its_answer(platform: Platform, network: Network) -> None:
    network.answers = [httpx.Response(422, text="Correct the value pointed at.")]
    with pytest.raises(Refused, match="Correct the value") as refusal:
        await ask(platform)
    assert refusal.value.answer.status_code == 422
    assert len(network.asked) == 1


async def test_send_returns_whatever_is_answered(platform: Platform, network: Network) -> None:
    network.answers = [httpx.Response(412)]
    answer = await platform.send("mis", "PATCH", "register", "/", headers={"If-Match": '"r1"'})
    assert answer.status_code == 412
    assert network.asked[0].headers["if-match"] == '"r1"'


async def test_a_service_that_does_not_run_is_named(platform: Platform) -> None:
    with pytest.raises(LookupError, match="escalation"):
        platform.api("escalation")


async def test_the_clock_is_set_and_jumps(platform: Platform) -> None:
    noon = MORNING.replace(hour=12)
    await platform.set_clock(noon, rate=0)
    assert platform.clock.now() == noon
    assert platform.rate == 0
    await platform.advance(timedelta(minutes=5))
    assert platform.clock.now() == noon + timedelta(minutes=5)


async def test_the_clock_goes_on_from_where_it_stands_at_another_rate(platform: Platform) -> None:
    platform.set_rate(60)
    assert platform.rate == 60
    assert platform.clock.now() >= MORNING


async def test_a_stack_that_is_not_up_has_no_file(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        await Platform.from_file(tmp_path / "stack.json")
