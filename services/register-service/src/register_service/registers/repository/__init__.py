"""Every statement on the attendance register, each named for the question it answers."""

from register_service.registers.repository.reads import marks_of, read_register
from register_service.registers.repository.taking_back import take_back_marks
from register_service.registers.repository.writing import upsert_marks

__all__ = ["marks_of", "read_register", "take_back_marks", "upsert_marks"]
