"""The project's own stories: a file for each kind, in the words of a school's day (`words.py`)."""

from collections.abc import Iterator
from itertools import count
from pathlib import Path
from typing import Final

import yaml

from .scene import Scene, Told, moment
from .story import Story
from .words import steps_of

_OF_A_KIND: Final = {"because", "not_yet", "stories"}
_OF_A_STORY: Final = {"name", "begins", "school", "roll", "steps", "not_yet"}


def read_own(folder: Path) -> Iterator[Story]:
    """Read every story of a folder."""
    numbers = count()
    for file in sorted(folder.glob("*.yaml")):
        kind = yaml.safe_load(file.read_text(encoding="utf-8"))
        _require_known(kind, _OF_A_KIND, file)
        for told in kind["stories"]:
            _require_known(told, _OF_A_STORY, file)
            yield _story(file.stem, kind, told, Scene(next(numbers)))


def _story(name: str, kind: Told, told: Told, scene: Scene) -> Story:
    """Tell the whole story: a school, its year and its roll, then what the file says of it."""
    before: list[Told] = [
        {"school": told.get("school", {})},
        {"closures": []},
        {"roll": told.get("roll", [{}])},
    ]
    return Story(
        name=f"{name}: {told['name']}",
        because=kind["because"].strip(),
        begins=moment(told.get("begins", "08:55")),
        urns=[scene.urn],
        steps=[plain for step in (*before, *told["steps"]) for plain in steps_of(scene, step)],
        not_yet=told.get("not_yet", kind.get("not_yet")),
    )


def _require_known(told: Told, words: set[str], file: Path) -> None:
    if unknown := set(told) - words:
        raise ValueError(f"{file.name}: {sorted(unknown)} is none of {sorted(words)}")
