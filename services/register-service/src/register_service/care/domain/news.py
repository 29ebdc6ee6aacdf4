"""What is told of a child's care."""

from collections.abc import Sequence
from uuid import UUID

from attendance_contracts.events import CareChanged, CareStatus


def care_changed(child_id: UUID, statuses: Sequence[CareStatus], version: int) -> CareChanged:
    """Tell the other services all that is in force for a child; claims that wait are not told."""
    return CareChanged(child_id=child_id, statuses=tuple(statuses), version=version)
