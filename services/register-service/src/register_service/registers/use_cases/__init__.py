"""What can be done with a register."""

from register_service.registers.use_cases.reading import (
    marks_to_copy,
    read_register_for,
    school_session_for,
)
from register_service.registers.use_cases.recording import RecordRegister, record_registers

__all__ = [
    "RecordRegister",
    "marks_to_copy",
    "read_register_for",
    "record_registers",
    "school_session_for",
]
