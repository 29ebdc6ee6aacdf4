"""What can be done with a register."""

from register_service.registers.use_cases.orders import Recorded, RecordRegister
from register_service.registers.use_cases.recording import record_registers

__all__ = ["RecordRegister", "Recorded", "record_registers"]
