"""A social worker's caseload over HTTP."""

from reporting_service.caseload.api.routes import router

__all__ = ["router"]
