"""Routes that ask who calls before they read anything of what was sent."""

from collections.abc import Callable, Coroutine, Iterator
from typing import Any, Final

from fastapi.dependencies.models import Dependant
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from attendance_runtime.access.rules import Rule
from attendance_runtime.web.limits import within_quota
from attendance_runtime.web.paths import decode_parts
from attendance_runtime.web.reading import SentRequest

ORDINARY_BODY_BYTES: Final = 64 * 1024
"""What a route takes unless its decorator says another `max_body_size`."""

LARGE_BODY_BYTES: Final = 2 * 1024 * 1024
"""A register of 3,000 pupils has 250 kB, 1.2 MB with a reason and an amender for each."""

BULK_BODY_BYTES: Final = 16 * 1024 * 1024
"""A roll of ten thousand children has about 10 MB."""


def rules_of(dependant: Dependant) -> Iterator[Rule]:
    """Yield the rules that a route has declared, those of its dependencies too."""
    if isinstance(dependant.call, Rule):
        yield dependant.call
    for dependency in dependant.dependencies:
        yield from rules_of(dependency)


class GuardedRoute(APIRoute):
    """A route whose rules are asked before its body is read.

    FastAPI reads and decodes a body first and asks dependencies then: without this whoever reaches
    the port could have megabytes of JSON taken apart.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what FastAPI calls with each request."""
        rules = tuple(rules_of(self.dependant))
        handle = super().get_route_handler()

        async def handle_guarded(request: Request) -> Response:
            for rule in rules:
                await rule(request)
            decode_parts(request)
            async with within_quota(request):
                return await handle(SentRequest(request.scope, request.receive))

        return handle_guarded
