"""Event type → use case: everything this service listens to.

A school's turn comes first; then, within a batch, a school before its calendar and a child before
the marks. Nothing but the turn relies on the order: a fact that comes early is kept as it comes.
"""

from collections.abc import Awaitable, Callable
from functools import partial, update_wrapper
from typing import Final

from attendance_contracts.events import (
    CalendarChanged,
    CareChanged,
    EnrolmentChanged,
    RegisterRecorded,
    SchoolChanged,
    single_rows,
)
from attendance_runtime.messaging.consumer import Route
from escalation_service.care.use_cases import apply_care
from escalation_service.policies.domain import Policies
from escalation_service.policies.repository import load_policies
from escalation_service.reactions import (
    apply_calendars,
    apply_enrolments,
    apply_registers,
    apply_schools,
)
from escalation_service.schools.use_cases import take_turns
from escalation_service.settings import PolicySettings


def routes_under(policies: Policies) -> tuple[Route, ...]:
    """Return the routing table of a service that decides by these policies."""

    def under(use_case: Callable[..., Awaitable[None]]) -> Callable[..., Awaitable[None]]:
        # A dead letter names the use case; a bare `partial` has no name.
        return update_wrapper(partial(use_case, policies=policies), use_case)

    return (
        Route((SchoolChanged, CalendarChanged, EnrolmentChanged, RegisterRecorded), take_turns),
        Route((SchoolChanged,), under(apply_schools)),
        Route((CalendarChanged,), under(apply_calendars)),
        Route((EnrolmentChanged,), under(apply_enrolments)),
        Route((CareChanged,), apply_care),
        Route((RegisterRecorded,), under(apply_registers), split=single_rows),
    )


POLICIES: Final = load_policies(PolicySettings().policy_folder)
ROUTES: Final = routes_under(POLICIES)
