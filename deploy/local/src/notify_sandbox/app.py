"""The application: Notify's routes behind the fault gate, the control routes and the page."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI, Request
from fastapi.responses import Response
from starlette.types import ASGIApp

from notify_sandbox import control, lookups, page, template_routes
from notify_sandbox.errors import NotifyError, no_result_found
from notify_sandbox.faults import FaultGate
from notify_sandbox.sandbox import Sandbox
from notify_sandbox.send_routes import SendRoutes
from notify_sandbox.settings import Settings


def create_app(settings: Settings) -> ASGIApp:
    """Open the state folder and build the application around it."""
    sandbox = Sandbox.open(settings)
    app = FastAPI(
        title="GOV.UK Notify sandbox", version="2", docs_url=None, redoc_url=None, lifespan=_run
    )
    app.state.sandbox = sandbox
    for router in (lookups.router, template_routes.router, control.router, page.router):
        app.include_router(router)
    app.add_exception_handler(NotifyError, _refuse)
    app.add_api_route("/livez", _live, include_in_schema=False)
    return FaultGate(SendRoutes(app, sandbox), sandbox.switches)


@asynccontextmanager
async def _run(app: FastAPI) -> AsyncIterator[None]:
    sandbox: Sandbox = app.state.sandbox
    sandbox.callbacks.start()
    sandbox.delivery.resume()
    try:
        yield
    finally:
        await sandbox.callbacks.stop()
        sandbox.store.close()


async def _refuse(_request: Request, error: Exception) -> Response:
    refused = error if isinstance(error, NotifyError) else no_result_found()
    return Response(refused.body(), refused.status, media_type="application/json")


async def _live() -> dict[str, str]:
    """The process answers. Failure switches do not touch this."""
    return {"status": "ok"}
