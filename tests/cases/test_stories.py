"""Stories of what schools and their systems really send, each played through the public API.

Ours lie in `stories`, a file for each kind. With `FIRSTDAY_CASES=folder` the stories of that folder
are played instead (`plain.py`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo_authority.platform import Platform

from .own import read_own
from .plain import read_folder
from .player import Player, WentWrong
from .story import Story

_OTHERS = os.environ.get("FIRSTDAY_CASES")


def _stories() -> Iterator[object]:
    found = read_folder(Path(_OTHERS)) if _OTHERS else read_own(Path(__file__).parent / "stories")
    for story in found:
        marks = [pytest.mark.xfail(reason=story.not_yet, raises=WentWrong)] if story.not_yet else []
        yield pytest.param(story, id=story.name, marks=marks)


@pytest.mark.parametrize("story", list(_stories()))
async def test_a_story_ends_as_it_should(platform: Platform, story: Story) -> None:
    await Player(platform, story).play()
