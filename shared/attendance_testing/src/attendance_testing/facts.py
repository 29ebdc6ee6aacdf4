"""What the register tells of a school and a child, as events.

What a test leaves out is as for every other; what it names replaces that.
"""

from dataclasses import replace
from datetime import date, time
from typing import Any
from uuid import UUID

from uuid_utils.compat import uuid7

from attendance_contracts.events import CareChanged, CareStatus, EnrolmentChanged, SchoolChanged


def a_school(**changes: Any) -> SchoolChanged:  # noqa: ANN401 - the event's own fields
    """Tell of a school: sessions from 08:45 and 13:00, registers open 30 minutes, a grace of 5."""
    told = SchoolChanged(
        school_id=uuid7(),
        urn="100000",
        name="Amber School",
        phase="primary",
        authority_code="332",
        trust=None,
        mis_supplier=None,
        am_starts_at=time(8, 45),
        pm_starts_at=time(13),
        register_open_minutes=30,
        contact_grace_minutes=5,
        hours_per_day=6.5,
        contact_codes=("N",),
        attendance_lead=None,
        version=1,
    )
    return replace(told, **changes)


def an_enrolment(school_id: UUID, **changes: Any) -> EnrolmentChanged:  # noqa: ANN401 - likewise
    """Tell of a child on a school's roll, in class 4A since the first of September 2026."""
    told = EnrolmentChanged(
        enrolment_id=uuid7(),
        child_id=uuid7(),
        school_id=school_id,
        starts_on=date(2026, 9, 1),
        ends_on=None,
        year_group="4",
        class_code="4A",
        status="main",
        version=1,
    )
    return replace(told, **changes)


def allocated(
    child_id: UUID,
    worker: str,
    *,
    version: int = 1,
    **changes: Any,  # noqa: ANN401 - likewise
) -> CareChanged:
    """Tell that a child has a social worker of authority 332, in need since September 2025."""
    status = CareStatus(
        kind="child-in-need",
        authority_code="332",
        worker=worker,
        team=None,
        valid_from=date(2025, 9, 1),
        valid_to=None,
    )
    return CareChanged(child_id=child_id, statuses=(replace(status, **changes),), version=version)
