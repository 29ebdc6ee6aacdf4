"""Event type → use case: everything this service listens to.

Within a batch the routes run in this order: a school before its calendar, a child before the marks.
Nothing but the turn relies on it: facts that come early are kept as they come.
"""

from typing import Final

from attendance_contracts.events import (
    CalendarChanged,
    CareChanged,
    CaseAssigned,
    CaseClosed,
    CaseOpened,
    ContactExhausted,
    ContactSent,
    EnrolmentChanged,
    RegisterMissing,
    RegisterRecorded,
    SchoolChanged,
    single_rows,
)
from attendance_runtime.messaging.consumer import Route
from reporting_service.care.use_cases import apply_care
from reporting_service.cases.use_cases import apply_cases
from reporting_service.projection.use_cases import apply_registers
from reporting_service.roll.use_cases import apply_enrolments
from reporting_service.schools.use_cases import apply_calendars, apply_schools, take_turns
from reporting_service.today.use_cases import apply_contacts, apply_missing

ROUTES: Final = (
    Route(events=(SchoolChanged, CalendarChanged, EnrolmentChanged), use_case=take_turns),
    Route(events=(SchoolChanged,), use_case=apply_schools),
    Route(events=(CalendarChanged,), use_case=apply_calendars),
    Route(events=(EnrolmentChanged,), use_case=apply_enrolments),
    Route(events=(CareChanged,), use_case=apply_care),
    Route(events=(RegisterRecorded,), use_case=apply_registers, split=single_rows),
    Route(events=(RegisterMissing,), use_case=apply_missing),
    Route(events=(ContactExhausted, ContactSent), use_case=apply_contacts, split=single_rows),
    Route(events=(CaseOpened, CaseAssigned, CaseClosed), use_case=apply_cases),
)
