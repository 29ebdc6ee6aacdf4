"""What may be written of an order, and what its answer says: decided from what has been loaded."""

from collections.abc import Collection, Mapping, Sequence
from datetime import date
from uuid import UUID

from attendance_contracts.calendar import school_year, school_year_ends
from attendance_contracts.counting import is_too_far_ahead
from attendance_runtime.errors import Fault, Invalid, NotFound
from register_service.registers import domain
from register_service.registers.domain import (
    ChangedMark,
    RegisterKey,
    SchoolSession,
    SessionAt,
    Submission,
    TakenBack,
    WrongMark,
)
from register_service.registers.use_cases.orders import (
    Accepted,
    Checked,
    Named,
    Recorded,
    RecordRegister,
)


def check(
    order: RecordRegister,
    schools: Mapping[SessionAt, SchoolSession],
    reached: Collection[tuple[str, str, UUID]],
    *,
    today: date,
) -> Checked:
    """Check an order as far as is possible without the roll; raise what refuses it."""
    school = schools.get(order.at)
    sender = order.sender
    if school is None or (sender.organisation, sender.subject, school.school_id) not in reached:
        raise NotFound("There is nothing here that this token may see.")
    _require_held(school)
    _require_in_sight(order.at.day, today)
    day, half = order.at.day, order.at.session
    wrong = domain.check_marks(order.marks, day, half, is_closed=school.closed)
    _refuse(wrong, order)
    positions = {mark.position for mark in wrong}
    good = [mark for mark in order.marks if mark.position not in positions]
    return Checked(order, school, wrong, good)


def accept(named: Named, born: Mapping[UUID, date]) -> Accepted:
    """Say what is to be written of an order; raise what refuses it."""
    checked, order = named.checked, named.checked.order
    asked = named.whose_age_matters().items()
    births = {place: born[pupil] for place, pupil in asked if pupil in born}
    too_old = domain.wrong_for_their_age(checked.good, births, order.at.day)
    wrong = [*checked.wrong, *domain.unnamed_marks(checked.good, named.pupils), *too_old]
    _refuse(wrong, order)
    refused = {mark.position for mark in too_old}
    marks = [
        (mark, pupil)
        for mark, pupil in zip(checked.good, named.pupils, strict=True)
        if pupil is not None and mark.position not in refused
    ]
    marked = {pupil.enrolment_id for _, pupil in marks} if order.unmarked else set()
    return Accepted(
        order=order,
        school=checked.school,
        submission=Submission(
            register=RegisterKey(
                checked.school.school_id, order.at.day, order.at.session, order.class_code
            ),
            marks=marks,
            unmarked=[
                (sent, pupil)
                for sent, pupil in zip(order.unmarked, named.unmarked, strict=True)
                if pupil is not None and pupil.enrolment_id not in marked
            ],
            taken_by=order.sender.subject,
        ),
        refused=wrong,
        warnings=_warnings(named, births),
        missing=domain.missing_pupils(named.expected, [pupil for _, pupil in marks]),
    )


def _warnings(named: Named, births: Mapping[int, date]) -> list[Fault]:
    """Say what is worth a look: withdrawn codes, pupils and classes that nobody knows."""
    order = named.checked.order
    marks = [
        *domain.warnings_for(named.checked.good, births, order.at.day, order.at.session),
        *domain.unnamed_marks(order.unmarked, named.unmarked),
    ]
    warnings = domain.faults(marks)
    if order.class_code and not named.expected:
        detail = "Nobody was in a class of this name that day; correct the name, or the roll."
        warnings.append(Fault(detail, "path:class_code"))
    return warnings


def outcome(accepted: Accepted, changed: Sequence[ChangedMark], taken_back: TakenBack) -> Recorded:
    """Say what became of a submission."""
    new = [mark.previous for mark in changed].count(None)
    return Recorded(
        new=new,
        changed=len(changed) - new + len(taken_back.changed),
        unchanged=len(accepted.submission.marks) - len(changed),
        refused=domain.faults(accepted.refused),
        warnings=[*accepted.warnings, *domain.faults(domain.amended_here(taken_back.standing))],
        missing=accepted.missing,
    )


def _require_held(at: SchoolSession) -> None:
    """Raise unless the session is held, or was to be: a closure may be marked."""
    if at.taught is None:
        raise Invalid(
            "The school has no calendar for this school year; send it first.",
            [Fault("No calendar covers this date.", "path:day")],
        )
    if not at.taught and not at.closed:
        raise Invalid(
            "The school's calendar has no such session.",
            [Fault("No session is held then; correct the calendar or the date.", "path:day")],
        )


def _require_in_sight(day: date, today: date) -> None:
    """Raise where somebody plans beyond the present school year."""
    if is_too_far_ahead(day, today):
        last = school_year_ends(school_year(today))
        raise Invalid(
            "Marks are planned within the present school year.",
            [Fault(f"This day lies after its end, {last}; send it from then on.", "path:day")],
        )


def _refuse(wrong: Sequence[WrongMark], order: RecordRegister) -> None:
    if wrong and not order.keep_good:
        raise Invalid(
            "Nothing was kept. Correct the marks pointed at, or send `?partial=accept`.",
            domain.faults(wrong),
        )
