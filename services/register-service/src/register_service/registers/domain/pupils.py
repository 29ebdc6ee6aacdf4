"""Whom the marks of a register name, and who is on roll without one."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Protocol, TypeAlias
from uuid import UUID

from register_service.registers.domain.drafts import Draft, Drafts, each, not_refused
from register_service.registers.domain.values import WrongMark
from register_service.roll.domain import Pupil, Roll, RollName, on_roll


class NamesPupil(Protocol):
    """A place in a body that names a pupil by one of their keys, with a mark or without one."""

    @property
    def position(self) -> int:
        """Its place in the body."""

    @property
    def scheme(self) -> str:
        """Which of the pupil's keys it is."""

    @property
    def key(self) -> str:
        """The key."""


def name_pupils(
    marks: Sequence[NamesPupil], rolls: Sequence[Mapping[str, Sequence[Pupil]]]
) -> list[Pupil | None]:
    """Find the pupil that each mark names, on the first roll that knows its key.

    `rolls` hold the pupils on roll that day, by the scheme of their keys. None stands for a key
    that leads to nobody, to two pupils, or to one whom an earlier mark named by another key.
    """
    if not marks:
        return []
    known = [{scheme: _by_key(pupils) for scheme, pupils in roll.items()} for roll in rolls]
    named = [known[0][mark.scheme].get(mark.key) for mark in marks]
    for roll in known[1:]:
        named = [
            pupil or roll[mark.scheme].get(mark.key)
            for mark, pupil in zip(marks, named, strict=True)
        ]
    if len({pupil.enrolment_id.bytes for pupil in named if pupil}) == len(named):
        return named  # as nearly always
    seen: set[bytes] = set()
    for place, pupil in enumerate(named):
        if pupil is not None and pupil.enrolment_id.bytes in seen:
            named[place] = None
        elif pupil is not None:
            seen.add(pupil.enrolment_id.bytes)
    return named


def _by_key(pupils: Sequence[Pupil]) -> dict[str | None, Pupil]:
    """Say who goes by each key; one that two share names neither."""
    by_key = {pupil.key: pupil for pupil in pupils}
    if len(by_key) == len(pupils):
        return by_key
    holders = Counter(pupil.key for pupil in pupils)
    return {key: pupil for key, pupil in by_key.items() if holders[key] == 1}


def missing_pupils(expected: Sequence[Pupil], named: Sequence[Pupil]) -> list[UUID]:
    """Find which of the pupils on roll have no mark among these."""
    marked = {pupil.enrolment_id.bytes for pupil in named}
    missing = {
        pupil.enrolment_id.bytes: pupil.enrolment_id
        for pupil in expected
        if pupil.enrolment_id.bytes not in marked
    }
    return list(missing.values())


def unnamed_marks(sent: Sequence[NamesPupil], pupils: Sequence[Pupil | None]) -> list[WrongMark]:
    """Point at what names no pupil."""
    if None not in pupils:
        return []
    detail = "No such pupil on this school's roll on that date, or named twice by different keys."
    return [
        WrongMark(mark.position, _FIELD_OF[mark.scheme], detail)
        for mark, pupil in zip(sent, pupils, strict=True)
        if pupil is None
    ]


_FIELD_OF: Mapping[str, str] = {
    "UPN": "upn",
    "MIS_ID": "mis_id",
    "ENROLMENT_ID": "enrolment_id",
}


_RollToday: TypeAlias = Mapping[str, Sequence[Pupil]]
"""The pupils on roll that day, by the scheme of their keys."""


def class_rolls(drafts: Drafts) -> set[RollName]:
    """Name the rolls of the classes whose registers these are."""
    return {name for one in not_refused(drafts) for name in _rolls(one, one.order.class_code)}


def school_rolls(drafts: Drafts) -> set[RollName]:
    """Name the rolls of the schools in whose registers somebody is who is not of the class."""
    return {name for one in not_refused(drafts) if _has_strays(one) for name in _rolls(one, "")}


def _rolls(draft: Draft, class_code: str) -> list[RollName]:
    """Name the rolls of a class, or (empty code) the school, on which the keys are looked for."""
    schemes = {mark.scheme for mark in draft.marks}
    schemes |= {pupil.scheme for pupil in draft.order.unmarked}
    at = draft.school
    return [
        RollName(at.roll_version, at.school_id, class_code, one)
        for one in schemes or ("ENROLMENT_ID",)
    ]


def _has_strays(draft: Draft) -> bool:
    is_class = bool(draft.order.class_code)
    return is_class and (None in draft.pupils or None in draft.pupils_unmarked)


def name_by_class(drafts: Drafts, rolls: Mapping[RollName, Roll]) -> Drafts:
    """Find each mark's pupil on the roll of its class."""

    def name(draft: Draft) -> Draft:
        roll = _that_day(draft, draft.order.class_code, rolls)
        return _name(draft, roll, [roll])

    return each(name, drafts)


def name_strays(drafts: Drafts, rolls: Mapping[RollName, Roll]) -> Drafts:
    """Find on the roll of the school who is not on that of the class."""

    def name(draft: Draft) -> Draft:
        return _name(draft, draft.roll, [draft.roll, _that_day(draft, "", rolls)])

    return each(lambda draft: name(draft) if _has_strays(draft) else draft, drafts)


def _that_day(draft: Draft, class_code: str, rolls: Mapping[RollName, Roll]) -> _RollToday:
    names, day = _rolls(draft, class_code), draft.order.at.day
    return {name.scheme: on_roll(rolls[name], day) for name in names}


def _name(draft: Draft, roll: _RollToday, looked_on: Sequence[_RollToday]) -> Draft:
    return draft._replace(
        roll=roll,
        pupils=name_pupils(draft.marks, looked_on),
        pupils_unmarked=name_pupils(draft.order.unmarked, looked_on),
    )
