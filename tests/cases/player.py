"""Playing a story on a platform whose clock is driven."""

import asyncio
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

import httpx

from attendance_testing.platform import Platform

from ..access.people import EVERY_SCOPE  # noqa: TID252 - only relations keep anybody out
from .answers import at, differences, differing_values, document
from .story import Ask, Clock, Json, Step, Story, Texts

HAPPENS_WITHIN_SECONDS: Final = 15.0
LISTENS_SECONDS: Final = 1.5
"""How long a number is listened to before it is said that nothing more came."""
_ORGANISATIONS: Final = {"worker": "social-care:332"}
_Message = dict[str, Any]


class WentWrong(AssertionError):
    """A step did not end as the story says."""


@dataclass
class Player:
    """Plays one story: what it has kept, and what each number had been sent before it began."""

    platform: Platform
    story: Story
    kept: dict[str, str] = field(default_factory=dict)
    before: dict[str, set[str]] = field(default_factory=dict)

    async def play(self) -> None:
        """Play every step; raise `WentWrong` at the first that ends otherwise."""
        await self.platform.give_schools(self.story.urns, "332")
        for who in {step.who for step in self.story.steps if isinstance(step, Ask)}:
            await self._introduce(who)
        for step in self.story.steps:
            if isinstance(step, Texts):
                self.before[step.to] = {one["id"] for one in await self._sent_to(step.to)}
        await self.platform.set_clock(self.story.begins)
        for number, step in enumerate(self.story.steps, 1):
            if wrong := await self._play(step):
                raise WentWrong(f"step {number}: {'; '.join(wrong)}\n{self.story.because}")

    async def _introduce(self, who: str) -> None:
        kind, _, name = who.partition(":")
        organisation = _ORGANISATIONS.get(kind, who)
        client = _client_of(who)
        await self.platform.add_client(client, sub=name, org=organisation, scopes=EVERY_SCOPE)

    async def _play(self, step: Step) -> Sequence[str]:
        match step:
            case Clock(to):
                await self.platform.set_clock(to)
                return ()
            case Texts():
                return await self._listen(step)
            case Ask():
                return await self._ask(step)

    async def _ask(self, step: Ask) -> Sequence[str]:
        """Ask once; with `until`, again and again: a view shows one change before another."""
        give_up = time.monotonic() + (HAPPENS_WITHIN_SECONDS if step.until else 0)
        while True:
            answer = await self._answer(step)
            wrong = self._differ(step.until, answer) or self._compare(step, answer)
            if not wrong or time.monotonic() >= give_up:
                return wrong
            await asyncio.sleep(0.1)

    def _compare(self, step: Ask, answer: httpx.Response) -> list[str]:
        self.kept |= {
            name: str(at(document(answer.text), pointer)) for name, pointer in step.keep.items()
        }
        if step.expected is None:
            return [] if answer.is_success else [f"{answer.status_code} {answer.text}"]
        expected = replace(step.expected, values=self._filled(step.expected.values))
        return differences(expected, answer.status_code, answer.text)

    async def _answer(self, step: Ask) -> httpx.Response:
        options: dict[str, Any] = {"headers": dict(step.headers)}
        if step.content is not None:
            content, kind = step.content
            options["content"], options["headers"]["Content-Type"] = content, kind
        elif step.body is not None:
            options["json"] = self._filled(step.body)
        path = self._filled(step.path)
        return await self.platform.send(
            _client_of(step.who), step.method, step.service, path, **options
        )

    def _differ(self, until: Any, answer: httpx.Response) -> list[str]:
        return differing_values(self._filled(until), document(answer.text)) if until else []

    async def _listen(self, step: Texts) -> list[str]:
        """Wait for the messages, then a while longer: there must be no more of them."""
        give_up = time.monotonic() + HAPPENS_WITHIN_SECONDS
        while time.monotonic() < give_up:
            if len(await self._new_to(step.to)) >= step.count:
                break
            await asyncio.sleep(0.1)
        await asyncio.sleep(LISTENS_SECONDS)
        bodies = [message["body"] for message in await self._new_to(step.to)]
        return list(_wrongly_told(step, bodies))

    async def _new_to(self, recipient: str) -> list[_Message]:
        sent = await self._sent_to(recipient)
        return [message for message in sent if message["id"] not in self.before[recipient]]

    async def _sent_to(self, recipient: str) -> list[_Message]:
        url = f"{self.platform.stack.sandbox.url}/sandbox/messages"
        answer = await self.platform.http.get(url, params={"recipient": recipient})
        messages: list[_Message] = answer.raise_for_status().json()["messages"]
        return messages

    def _filled(self, value: Any) -> Any:
        """Put what was kept into a text, or into every text of a document."""
        return _filled(value, self.kept)


def _client_of(who: str) -> str:
    """Name a client at the issuer, to which it is one word before a colon."""
    return who.replace(":", "-")


def _wrongly_told(step: Texts, bodies: list[str]) -> Iterator[str]:
    if len(bodies) != step.count:
        yield f"{len(bodies)} messages to {step.to}, not {step.count}: {bodies}"
    said = "\n".join(bodies)
    yield from (f"nothing says {word!r}: {said}" for word in step.says if word not in said)
    yield from (f"something says {word!r}: {said}" for word in step.never if word in said)


def _filled(value: Json, kept: dict[str, str]) -> Json:
    match value:
        case str():
            for name, text in kept.items():
                value = value.replace(f"{{{name}}}", text)
            return value
        case dict():
            return {key: _filled(inner, kept) for key, inner in value.items()}
        case list():
            return [_filled(inner, kept) for inner in value]
    return value
