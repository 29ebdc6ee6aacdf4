"""The words of our stories, each with the requests that it stands for."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, Final
from urllib.parse import quote

from .scene import DAY, TERMS, Scene, Told, moment
from .story import Ask, Clock, Expected, Step, Texts

_AUTHORITY: Final = "authority:332"
_AMENDER: Final = {
    "reason": "Parent telephoned",
    "amender_name": "A. Officer",
    "amender_title": "Attendance officer",
}
_PRESENT: Final = {"AM": "/", "PM": "\\"}


_BESIDE: Final = frozenset(
    {"again", "class", "class_in_path", "day", "encoding", "first", "marks", "partial", "revision"}
    | {"session", "text", "type", "with"}
    | {"answer", "either", "lines", "never", "refused", "says", "states", "status", "until"}
)


def steps_of(scene: Scene, step: Told) -> Iterator[Step]:
    """Yield the plain steps that one of ours stands for; its first word says which.

    A word that none knows is refused: an expectation written wrongly would expect nothing.
    """
    word, *beside = step
    if unknown := set(beside) - _BESIDE:
        raise ValueError(f"{sorted(unknown)} beside `{word}` means nothing.")
    return WORDS[word](scene, step)


def school(scene: Scene, step: Told) -> Iterator[Step]:
    """The school's settings, but for what is said otherwise."""
    settings = scene.settings | step["school"]
    yield _asked(scene, step, "PUT", scene.path, settings, who=_AUTHORITY)


def closures(scene: Scene, step: Told) -> Iterator[Step]:
    """The school's year, less these days or sessions."""
    year = {"terms": TERMS, "closures": step["closures"]}
    yield _asked(scene, step, "PUT", f"{scene.path}/calendars/2026", year, who=_AUTHORITY)


def roll(scene: Scene, step: Told) -> Iterator[Step]:
    """Lines of the roll; the enrolment of child 1 is kept as `enrolment1`."""
    lines = [scene.line(place, line) for place, line in enumerate(step["roll"], 1)]
    children = [str(line.get("child", place)) for place, line in enumerate(step["roll"], 1)]
    keep = {f"enrolment{child}": f"/{place}/enrolment_id" for place, child in enumerate(children)}
    states = {f"/{place}/state": state for place, state in enumerate(step.get("states", ()))}
    ask = _asked(scene, step, "POST", f"{scene.path}/roll", lines)
    if states:
        ask = replace(ask, expected=Expected(statuses=[200], values=states))
    yield ask if step.get("again") else replace(ask, keep=keep)


def register(scene: Scene, step: Told) -> Iterator[Step]:
    """A register: by child a code or a mark, or its marks as they are sent."""
    marks = step["register"]
    if isinstance(marks, Mapping):
        marks = [_mark(child, mark) for child, mark in marks.items()]
    yield _asked(scene, step, "PUT", _register_path(scene, step), {"marks": marks})


def _mark(child: object, mark: object) -> Told:
    return {"mis_id": str(child), **(mark if isinstance(mark, dict) else {"code": mark})}


def days(scene: Scene, step: Told) -> Iterator[Step]:
    """The same register for both sessions of each day; `/` stands for present."""
    for day in step["days"]:
        for session, present in _PRESENT.items():
            codes = {
                child: present if code == "/" else code for child, code in step["marks"].items()
            }
            yield from register(scene, {"register": codes, "day": day, "session": session})


def read(scene: Scene, step: Told) -> Iterator[Step]:
    """What a page says: `register`, `today`, `caseload`, `history 1` or `enrolment 1`."""
    page, *child = str(step["read"]).split()
    match page:
        case "register":
            yield _asked(scene, step, "GET", _register_path(scene, step))
        case "history":
            yield _asked(scene, step, "GET", f"{_mark_path(scene, step, child[0])}/history")
        case "enrolment":
            yield _asked(scene, step, "GET", f"/v1/enrolments/{{enrolment{child[0]}}}")
        case "today":
            yield _asked(scene, step, "GET", f"{scene.path}/today", service="reporting")
        case "caseload":
            path = f"/v1/caseloads/{scene.worker}"
            who = f"worker:{scene.worker}"
            yield _asked(scene, step, "GET", path, who=who, service="reporting")


def amend(scene: Scene, step: Told) -> Iterator[Step]:
    """A child's mark, amended in the office; `revision` says which one (the first)."""
    [(child, code)] = step["amend"].items()
    body = {"code": code, **_AMENDER, **step.get("with", {})}
    ask = _asked(scene, step, "PATCH", _mark_path(scene, step, child), body)
    yield replace(ask, headers={"If-Match": f'"r{step.get("revision", 1)}"'})


def looked_after(scene: Scene, step: Told) -> Iterator[Step]:
    """Children of whom the authority says so, with their social worker."""
    statuses = [
        {
            "upn": scene.lines[str(child)]["upn"],
            "kind": "LAC",
            "authority_code": "332",
            "valid_from": "2026-01-05",
            "worker": scene.worker,
        }
        for child in step["looked_after"]
    ]
    yield _asked(scene, step, "POST", "/v1/care-statuses", statuses, who=_AUTHORITY)


def send(scene: Scene, step: Told) -> Iterator[Step]:
    """A body as bytes: `send` is `roll` or `register`, `first` what stands before its `text`."""
    is_roll = step["send"] == "roll"
    path = f"{scene.path}/roll" if is_roll else _register_path(scene, step)
    text = scene.spelt_out(step["text"]).encode(step.get("encoding", "utf-8"))
    ask = _asked(scene, step, "POST" if is_roll else "PUT", path)
    yield replace(ask, content=(bytes.fromhex(step.get("first", "")) + text, step["type"]))


def clock(_: Scene, step: Told) -> Iterator[Step]:
    """The clock is set to a local time."""
    yield Clock(moment(step["clock"]))


def texts(scene: Scene, step: Told) -> Iterator[Step]:
    """How much each number, by its letter, or address has been sent."""
    for to, number in step["texts"].items():
        says, never = step.get("says", ()), step.get("never", ())
        yield Texts(to=scene.recipient(to), count=number, says=says, never=never)


WORDS: Final[Mapping[str, Callable[[Scene, Told], Iterator[Step]]]] = {
    word.__name__: word
    for word in (
        school, closures, roll, register, days, read, amend, looked_after, send, clock, texts,
    )
}  # fmt: skip


def _register_path(scene: Scene, step: Told) -> str:
    """Name a register; `class` as people call it, `class_in_path` as it stands in the path."""
    spelt = step.get("class_in_path", quote(str(step.get("class", "")), safe=""))
    of_class = f"/classes/{spelt}" if spelt else ""
    query = f"?partial={step['partial']}" if "partial" in step else ""
    return f"{scene.path}{of_class}/registers/{_session(step)}{query}"


def _mark_path(scene: Scene, step: Told, child: object) -> str:
    return f"{scene.path}/marks/{{enrolment{child}}}/{_session(step)}"


def _session(step: Told) -> str:
    return f"{step.get('day', DAY)}/{step.get('session', 'AM')}"


def _asked(
    scene: Scene,
    step: Told,
    method: str,
    path: str,
    body: Any = None,
    *,
    who: str | None = None,
    service: str = "register",
) -> Ask:
    return Ask(
        who=who or f"school:{scene.urn}",
        method=method,
        service=service,
        path=path,
        body=scene.spelt_out(body),
        expected=_expected(step),
        until=step.get("until"),
    )


def _expected(step: Told) -> Expected | None:
    """Read what must come of a step: `refused` with a pointer, `status`, `answer`, or `either`."""
    if "either" in step:
        return Expected(one_of=[one for way in step["either"] if (one := _expected(way))])
    if "refused" in step:
        return Expected(statuses=[422], values={"/errors/0/pointer": step["refused"]})
    if "status" in step or "answer" in step or "lines" in step:
        status = step.get("status", 200)
        return Expected([status], step.get("answer", {}), step.get("lines"))
    return None
