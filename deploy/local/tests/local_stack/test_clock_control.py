from datetime import UTC, datetime, timedelta

import httpx
import pytest

from attendance_runtime.clock import DrivenClock, write_driven_clock
from local_stack.folder import StackFolder
from local_stack.issuer import create_issuer

URL = "http://issuer.example.org"
MONDAY = datetime(2026, 9, 7, 7, 45, tzinfo=UTC)
A_MOMENT = timedelta(seconds=5)


@pytest.fixture
def control(folder: StackFolder) -> httpx.AsyncClient:
    write_driven_clock(folder.clock_file, domain=MONDAY, rate=0)
    environment = {
        "FIRSTDAY_ENVIRONMENT": "test",
        "FIRSTDAY_CLOCK": f"driven:{folder.clock_file}",
    }
    app = create_issuer(folder, url=URL, environment=environment)
    return httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=URL)


async def test_a_clock_that_stands_still_shows_the_moment_it_was_set_to(
    control: httpx.AsyncClient,
) -> None:
    assert (await control.get("/clock")).json() == {"now": "2026-09-07T07:45:00Z", "rate": 0.0}


async def test_every_reader_of_the_file_follows_the_control(
    control: httpx.AsyncClient, folder: StackFolder
) -> None:
    reader = DrivenClock(folder.clock_file)
    await control.put("/clock", json={"now": "2026-10-26T08:45:00+00:00", "rate": 0})
    assert reader.now() == datetime(2026, 10, 26, 8, 45, tzinfo=UTC)
    await control.post("/clock/advance", json={"seconds": 3600})
    assert reader.now() == datetime(2026, 10, 26, 9, 45, tzinfo=UTC)


async def test_a_running_clock_goes_on_running_after_a_jump(control: httpx.AsyncClient) -> None:
    await control.put("/clock", json={"now": MONDAY.isoformat(), "rate": 2})
    answer = (await control.post("/clock/advance", json={"seconds": 60})).json()
    assert answer["rate"] == 2
    now = datetime.fromisoformat(answer["now"])
    assert MONDAY + timedelta(seconds=60) <= now < MONDAY + timedelta(seconds=60) + A_MOMENT


@pytest.mark.parametrize(
    "wrong",
    [{"now": "2026-09-07T08:45:00", "rate": 1}, {"now": "2026-09-07T08:45:00Z", "rate": -1}],
)
async def test_a_moment_without_a_zone_or_a_clock_running_backwards_is_refused(
    control: httpx.AsyncClient, wrong: dict[str, object]
) -> None:
    assert (await control.put("/clock", json=wrong)).status_code == 422


async def test_there_is_no_control_on_the_system_clock(folder: StackFolder) -> None:
    environment = {"FIRSTDAY_ENVIRONMENT": "local", "FIRSTDAY_CLOCK": "system"}
    app = create_issuer(folder, url=URL, environment=environment)
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=URL) as client:
        assert (await client.get("/clock")).status_code == 404


async def test_the_rate_alone_never_sets_time_back(control: httpx.AsyncClient) -> None:
    """A rate set together with a time read a moment ago once lost a message's due moment."""
    await control.put("/clock", json={"now": MONDAY.isoformat(), "rate": 3600})
    before = (await control.get("/clock")).json()["now"]
    after = (await control.put("/clock", json={"rate": 1})).json()
    assert after["now"] >= before
    assert after["rate"] == 1.0
