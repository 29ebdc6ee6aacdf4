"""What may be written of an order, and what refuses it."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from attendance_contracts.calendar import school_year, school_year_ends
from attendance_contracts.counting import is_too_far_ahead
from attendance_contracts.faults import NOT_ACCEPTED, NOT_FOUND, Fault, Refusal
from register_service.calendar.domain import SchoolSession
from register_service.registers.domain.checks import (
    AGE_MATTERS,
    check_marks,
    faults,
    warnings_for,
    wrong_for_their_age,
)
from register_service.registers.domain.drafts import Draft, Drafts, Order, each, not_refused
from register_service.registers.domain.pupils import unnamed_marks
from register_service.registers.domain.values import RegisterKey


def check(
    orders: Sequence[Order], schools: Sequence[SchoolSession | None], *, today: date
) -> Drafts:
    """Check orders as far as is possible without the roll.

    `schools` are those of the orders, None where there is none that the sender reaches.
    """
    return [_check(order, at, today) for order, at in zip(orders, schools, strict=True)]


def _check(order: Order, school: SchoolSession | None, today: date) -> Draft | Refusal:
    if school is None:
        return Refusal(NOT_FOUND, "There is nothing here that this token may see.")
    day, half = order.at.day, order.at.session
    refusal = _not_held(school) or _out_of_sight(day, today)
    if refusal is not None:
        return refusal
    wrong = check_marks(order.marks, day, half, is_closed=school.closed)
    places = {mark.position for mark in wrong}
    marks = [mark for mark in order.marks if mark.position not in places]
    register = RegisterKey(school.school_id, day, half, order.class_code)
    return _kept(Draft(order, school, register, marks, wrong))


def _not_held(at: SchoolSession) -> Refusal | None:
    """Refuse what is sent of no session; one that was to be held and is closed may be marked."""
    if at.taught is None:
        return Refusal(
            NOT_ACCEPTED,
            "The school has no calendar for this school year; send it first.",
            (Fault("No calendar covers this date.", "path:day"),),
        )
    if not at.taught and not at.closed:
        return Refusal(
            NOT_ACCEPTED,
            "The school's calendar has no such session.",
            (Fault("No session is held then; correct the calendar or the date.", "path:day"),),
        )
    return None


def _out_of_sight(day: date, today: date) -> Refusal | None:
    """Refuse what is planned beyond the present school year."""
    if not is_too_far_ahead(day, today):
        return None
    last = school_year_ends(school_year(today))
    return Refusal(
        NOT_ACCEPTED,
        "Marks are planned within the present school year.",
        (Fault(f"This day lies after its end, {last}; send it from then on.", "path:day"),),
    )


def _kept(draft: Draft) -> Draft | Refusal:
    """Refuse the whole register for one wrong mark, unless the good ones are to be kept."""
    if not draft.wrong or draft.order.keep_good:
        return draft
    return Refusal(
        NOT_ACCEPTED,
        "Nothing was kept. Correct the marks pointed at, or send `?partial=accept`.",
        tuple(faults(draft.wrong)),
    )


def whose_age_matters(drafts: Drafts) -> set[UUID]:
    """Name the enrolments of the pupils whose code is not for every age."""
    return {pupil for one in not_refused(drafts) for pupil in _whose_age_matters(one).values()}


def _whose_age_matters(draft: Draft) -> dict[int, UUID]:
    return {
        mark.position: pupil.enrolment_id
        for mark, pupil in zip(draft.marks, draft.pupils, strict=True)
        if pupil is not None and mark.code in AGE_MATTERS
    }


def accept(drafts: Drafts, born: Mapping[UUID, date]) -> Drafts:
    """Say what is to be written, by whom the marks name, and when these were born."""
    return each(lambda draft: _accept(draft, born), drafts)


def _accept(draft: Draft, born: Mapping[UUID, date]) -> Draft | Refusal:
    order = draft.order
    asked = _whose_age_matters(draft).items()
    births = {place: born[pupil] for place, pupil in asked if pupil in born}
    too_old = wrong_for_their_age(draft.marks, births, order.at.day)
    refused = {mark.position for mark in too_old}
    named = [
        (mark, pupil)
        for mark, pupil in zip(draft.marks, draft.pupils, strict=True)
        if pupil is not None and mark.position not in refused
    ]
    marked = {pupil.enrolment_id for _, pupil in named} if order.unmarked else set()
    unmarked = [
        (sent, pupil)
        for sent, pupil in zip(order.unmarked, draft.pupils_unmarked, strict=True)
        if pupil is not None and pupil.enrolment_id not in marked
    ]
    wrong = [*draft.wrong, *unnamed_marks(draft.marks, draft.pupils), *too_old]
    warnings = _warnings(draft, births)
    return _kept(draft._replace(named=named, unmarked=unmarked, wrong=wrong, warnings=warnings))


def _warnings(draft: Draft, births: Mapping[int, date]) -> list[Fault]:
    """Say what is worth a look: withdrawn codes, pupils and classes that nobody knows."""
    order = draft.order
    warnings = faults(
        [
            *warnings_for(draft.marks, births, order.at.day, order.at.session),
            *unnamed_marks(order.unmarked, draft.pupils_unmarked),
        ]
    )
    if order.class_code and not draft.expected:
        detail = "Nobody was in a class of this name that day; correct the name, or the roll."
        warnings.append(Fault(detail, "path:class_code"))
    return warnings
