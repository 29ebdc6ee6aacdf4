"""What can be done with a register."""

from register_service.registers.use_cases.recording import RecordRegister, record_registers

__all__ = ["RecordRegister", "record_registers"]
