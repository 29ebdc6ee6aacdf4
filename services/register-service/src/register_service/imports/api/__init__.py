"""The ways in of a school's roll."""

from register_service.imports.api.routes import router

__all__ = ["router"]
