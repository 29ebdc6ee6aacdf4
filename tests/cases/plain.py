"""Stories of somebody else: one JSON file each, every request written out.

`README.md` says how a folder of them is played. A file holds `id`, `about`, `basis`, `begins`
and `steps`; a step is a request (`as`, `method`, `service`, `path`, `body` or `file` and `type`,
`if_match`, `keep`, `expect`, `eventually`), or `clock`, or `texts` (`to`, `count`, `say`, `never`).
"""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

from .story import Ask, Clock, Expected, Json, Step, Story, Texts


def read_folder(folder: Path) -> list[Story]:
    """Read every story of a folder."""
    return [read_story(file) for file in sorted(folder.glob("*.json"))]


def read_story(file: Path) -> Story:
    """Read a story; what it sends as a file lies beside it."""
    told = json.loads(file.read_text(encoding="utf-8"))
    return Story(
        name=told["id"],
        because=f"{told['about']}: {told['basis']}",
        begins=datetime.fromisoformat(told["begins"]),
        urns=_schools_set_up(told["steps"]),
        steps=[_step(step, file.parent) for step in told["steps"]],
    )


def _schools_set_up(steps: list[Json]) -> list[str]:
    paths = [step["path"].split("/") for step in steps if step.get("method") == "PUT"]
    return [path[3] for path in paths if path[:3] == ["", "v1", "schools"] and len(path) == 4]


def _step(step: dict[str, Any], folder: Path) -> Step:
    if "clock" in step:
        return Clock(datetime.fromisoformat(step["clock"]))
    if "texts" in step:
        texts = step["texts"]
        return Texts(
            to=texts["to"],
            count=texts["count"],
            says=texts.get("say", ()),
            never=texts.get("never", ()),
        )
    content = (folder / step["file"]).read_bytes() if "file" in step else None
    return Ask(
        who=step["as"],
        method=step["method"],
        service=step["service"],
        path=step["path"],
        body=step.get("body"),
        content=None if content is None else (content, step["type"]),
        headers={"If-Match": step["if_match"]} if "if_match" in step else {},
        keep=step.get("keep", {}),
        expected=_expected(step["expect"]) if "expect" in step else None,
        until=step.get("eventually"),
    )


def _expected(told: dict[str, Any]) -> Expected:
    status = told.get("status", ())
    return Expected(
        statuses=[status] if isinstance(status, int) else status,
        values=told.get("json", {}),
        lines=told.get("lines"),
        one_of=[_expected(one) for one in told.get("any", ())],
    )
