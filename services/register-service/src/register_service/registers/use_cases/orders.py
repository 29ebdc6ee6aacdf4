"""An order to record a register, and how far it has got."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from attendance_runtime.access import Principal
from attendance_runtime.errors import Fault
from register_service.registers import domain
from register_service.registers.domain import (
    SchoolSession,
    SentMark,
    SessionAt,
    Submission,
    Unmarked,
    WrongMark,
)
from register_service.roll.domain import Pupil, RollName


@dataclass(frozen=True, slots=True, kw_only=True)
class RecordRegister:
    """An order to record a submission: the register, its marks, and who sent it.

    `unmarked` are the pupils sent without a mark: one that the source sent before is taken back.
    `keep_good` decides what happens when some marks are wrong: keep the others, or nothing at all.
    """

    at: SessionAt
    class_code: str
    marks: Sequence[SentMark]
    unmarked: Sequence[Unmarked] = ()
    sender: Principal
    keep_good: bool
    traceparent: str | None = None

    @property
    def weight(self) -> int:
        """How many rows it writes at most."""
        return max(1, len(self.marks) + len(self.unmarked))

    @property
    def key(self) -> tuple[SessionAt, str]:
        """Which register it writes: the same one is not written twice by one statement."""
        return self.at, self.class_code


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a submission."""

    new: int
    changed: int
    unchanged: int
    refused: Sequence[Fault]
    warnings: Sequence[Fault]
    missing: Sequence[UUID]


@dataclass(frozen=True, slots=True)
class Checked:
    """An order that may be written as far as its marks alone can tell."""

    order: RecordRegister
    school: SchoolSession
    wrong: Sequence[WrongMark]
    good: Sequence[SentMark]

    def rolls(self, class_code: str) -> list[RollName]:
        """Name the rolls of a class, or (empty code) the school, on which its keys are found."""
        schemes = {mark.scheme for mark in self.good}
        schemes |= {pupil.scheme for pupil in self.order.unmarked}
        at = self.school
        return [
            RollName(at.roll_version, at.school_id, class_code, one)
            for one in schemes or ("ENROLMENT_ID",)
        ]


@dataclass(frozen=True, slots=True)
class Named:
    """An order whose pupils have been looked for: whom it names, and whom the roll expects."""

    checked: Checked
    pupils: Sequence[Pupil | None]
    unmarked: Sequence[Pupil | None]
    expected: Sequence[Pupil]

    def whose_age_matters(self) -> dict[int, UUID]:
        """Return, by the place of the mark, the pupils whose code is not for every age."""
        return {
            mark.position: pupil.enrolment_id
            for mark, pupil in zip(self.checked.good, self.pupils, strict=True)
            if pupil is not None and mark.code in domain.AGE_MATTERS
        }


@dataclass(frozen=True, slots=True)
class Accepted:
    """An order that may be written, and what its answer will say besides."""

    order: RecordRegister
    school: SchoolSession
    submission: Submission
    refused: Sequence[WrongMark]
    warnings: Sequence[Fault]
    missing: Sequence[UUID]
