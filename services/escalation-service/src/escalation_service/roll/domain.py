"""Whom an enrolment ties to which school."""

from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Enrolment:
    """A child at a school: the unit that marks, decisions and cases are kept by."""

    id: UUID
    child_id: UUID
    school_id: UUID
