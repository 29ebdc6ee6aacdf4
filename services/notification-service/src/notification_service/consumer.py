"""Which events go to which use case: the service's whole routing table.

A school's settings are kept before anything is planned by them.
"""

from attendance_contracts.events import (
    AbsenceExplained,
    AbsenceRecorded,
    AbsenceRetracted,
    AbsenceSettled,
    AbsenceWithdrawn,
    ContactsChanged,
    SchoolChanged,
    single_rows,
)
from attendance_runtime.messaging.routes import Route
from notification_service.contacts.use_cases import apply_absences, look_again, replan_schools
from notification_service.schools.use_cases import apply_schools

ROUTES = (
    Route(events=(SchoolChanged,), use_case=apply_schools),
    Route(events=(SchoolChanged,), use_case=replan_schools),
    Route(
        events=(
            AbsenceRecorded,
            AbsenceExplained,
            AbsenceSettled,
            AbsenceRetracted,
            AbsenceWithdrawn,
        ),
        use_case=apply_absences,
        split=single_rows,
    ),
    Route(events=(ContactsChanged,), use_case=look_again, split=single_rows),
)
