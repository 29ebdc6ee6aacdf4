"""A register on its way into the record: one draft, which each step of recording maps.

A step that refuses an order puts a `Refusal` in the place of its draft. It passes through the steps
that follow, and the drafts beside it go on.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final, NamedTuple, Protocol, TypeAlias

from attendance_contracts.faults import Fault, Refusal
from register_service.calendar.domain import SchoolSession, SessionAt
from register_service.registers.domain.values import (
    ChangedMark,
    RegisterKey,
    SentMark,
    TakenBack,
    Unmarked,
    WrongMark,
)
from register_service.roll.domain import Pupil


class Sender(Protocol):
    """Who sends a register."""

    @property
    def subject(self) -> str:
        """The opaque id that the register keeps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A register as it was sent.

    Attributes:
        unmarked: the pupils sent without a mark: one that the source sent before is taken back.
        keep_good: what happens when some marks are wrong: keep the others, or nothing at all.
        traceparent: of the request, for what is told of it.
    """

    at: SessionAt
    class_code: str
    marks: Sequence[SentMark]
    unmarked: Sequence[Unmarked] = ()
    sender: Sender
    keep_good: bool
    traceparent: str | None = None


_NO_ROLL: Final[Mapping[str, Sequence[Pupil]]] = MappingProxyType({})
_NOTHING: Final = TakenBack((), ())


# A tuple: of a frozen dataclass, a changed copy at each step cost a seventh of recording a class.
class Draft(NamedTuple):
    """An order that is being recorded, and what each step has found out about it so far.

    Attributes:
        school: what the school's settings and calendar say of the session.
        register: what is written.
        marks: those of the order's that may stand by what they say themselves.
        wrong: the marks that are refused; none, unless the order keeps the good ones.

        roll: the pupils that day of the class (without one: of the school), by their keys' scheme.
        pupils: whom each of `marks` names; None is nobody.
        pupils_unmarked: whom each of the order's `unmarked` names, likewise.

        named: what is written: the marks that name a pupil, and may be theirs.
        unmarked: the pupils sent without a mark.
        warnings: what is kept, and worth a look.

        changed: what the register says anew.
        taken_back: what it says no more.
    """

    order: Order
    school: SchoolSession
    register: RegisterKey
    marks: Sequence[SentMark]
    wrong: Sequence[WrongMark]

    roll: Mapping[str, Sequence[Pupil]] = _NO_ROLL
    pupils: Sequence[Pupil | None] = ()
    pupils_unmarked: Sequence[Pupil | None] = ()

    named: Sequence[tuple[SentMark, Pupil]] = ()
    unmarked: Sequence[tuple[Unmarked, Pupil]] = ()
    warnings: Sequence[Fault] = ()

    changed: Sequence[ChangedMark] = ()
    taken_back: TakenBack = _NOTHING

    @property
    def expected(self) -> Sequence[Pupil]:
        """Whom the roll of the class, or the school, has on that day."""
        return next(iter(self.roll.values()))


Drafts: TypeAlias = list[Draft | Refusal]
"""One for each order, in the order given."""


def not_refused(drafts: Drafts) -> list[Draft]:
    """Return those that no step has refused."""
    return [draft for draft in drafts if isinstance(draft, Draft)]


def each(step: Callable[[Draft], Draft | Refusal], drafts: Drafts) -> Drafts:
    """Let a step map each of those that no step has refused."""
    return [step(draft) if isinstance(draft, Draft) else draft for draft in drafts]
