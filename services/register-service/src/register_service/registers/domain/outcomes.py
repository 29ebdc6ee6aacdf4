"""What came of the registers that were written: what is told of them, and what is answered."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_contracts.faults import Fault
from register_service.registers.domain.checks import amended_here, faults
from register_service.registers.domain.drafts import Draft, Drafts, each, not_refused
from register_service.registers.domain.news import news_of
from register_service.registers.domain.pupils import missing_pupils
from register_service.registers.domain.values import ChangedMark, RegisterKey, TakenBack


@dataclass(frozen=True, slots=True, kw_only=True)
class Recorded:
    """What became of a register."""

    new: int
    changed: int
    unchanged: int
    refused: Sequence[Fault]
    warnings: Sequence[Fault]
    missing: Sequence[UUID]


def written(
    drafts: Drafts,
    changed: Mapping[RegisterKey, Sequence[ChangedMark]],
    taken_back: Mapping[RegisterKey, TakenBack],
) -> Drafts:
    """Put beside what was written what it changed."""

    def put(draft: Draft) -> Draft:
        about = draft.register
        return draft._replace(changed=changed[about], taken_back=taken_back[about])

    return each(put, drafts)


def news_with_traces(drafts: Drafts, *, now: datetime) -> list[tuple[object, str | None]]:
    """Say what is told of what has changed, each with the trace of its request."""
    return [
        (event, draft.order.traceparent)
        for draft in not_refused(drafts)
        for event in _news(draft, now)
    ]


def _news(draft: Draft, now: datetime) -> Sequence[object]:
    at, marks = draft.order.at, [*draft.changed, *draft.taken_back.changed]
    return news_of(marks, at=draft.school, day=at.day, session=at.session, now=now)


def outcome(draft: Draft) -> Recorded:
    """Say what became of a register that was written."""
    new = [mark.previous for mark in draft.changed].count(None)
    warnings = [*draft.warnings, *faults(amended_here(draft.taken_back.standing))]
    return Recorded(
        new=new,
        changed=len(draft.changed) - new + len(draft.taken_back.changed),
        unchanged=len(draft.named) - len(draft.changed),
        refused=faults(draft.wrong),
        warnings=warnings,
        missing=missing_pupils(draft.expected, [pupil for _, pupil in draft.named]),
    )
