"""Registers in, registers out."""

from register_service.registers.api.bodies import PointedFault
from register_service.registers.api.routes import Day, router, taking

__all__ = ["Day", "PointedFault", "router", "taking"]
