"""Care statuses in and out, and the claims that wait to become some."""

from register_service.care.api.routes import router

__all__ = ["router"]
