"""Stories of what schools and their systems really send, each played through the public API.

Ours lie in `stories`, a file for each kind. With `FIRSTDAY_CASES=folder` the stories of that folder
are played instead (`plain.py`).
"""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

from attendance_testing.platform import Platform

from .own import read_own
from .plain import read_folder
from .player import Player, WentWrong
from .scene import Scene
from .story import Ask, Step, Story, Texts
from .words import steps_of

_OTHERS = os.environ.get("FIRSTDAY_CASES")


def _stories() -> Iterator[object]:
    found = read_folder(Path(_OTHERS)) if _OTHERS else read_own(Path(__file__).parent / "stories")
    for story in found:
        marks = [pytest.mark.xfail(reason=story.not_yet, raises=WentWrong)] if story.not_yet else []
        yield pytest.param(story, id=story.name, marks=marks)


def test_every_story_expects_something() -> None:
    """And a word of a story that is written wrongly is found when the stories are read."""
    for story in read_own(Path(__file__).parent / "stories"):
        assert any(_expects(step) for step in story.steps), story.name
    with pytest.raises(ValueError, match="answr"):
        steps_of(Scene(0), {"read": "today", "answr": {}})


def _expects(step: Step) -> bool:
    return isinstance(step, Texts) or (isinstance(step, Ask) and step.expected is not None)


@pytest.mark.parametrize("story", list(_stories()))
async def test_a_story_ends_as_it_should(platform: Platform, story: Story) -> None:
    await Player(platform, story).play()
