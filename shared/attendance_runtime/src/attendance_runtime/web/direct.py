"""Routes for the few requests that come thousands of times a minute."""

from collections.abc import Callable, Coroutine
from http import HTTPStatus
from inspect import signature
from typing import Any

from fastapi.dependencies.models import Dependant
from starlette.requests import Request
from starlette.responses import Response

from attendance_runtime.web.guarded import GuardedRoute
from attendance_runtime.web.limits import within_quota
from attendance_runtime.web.paths import decode_parts
from attendance_runtime.web.reading import SentRequest


class DirectRoute(GuardedRoute):
    """A route whose function is handed the request, and reads all that it needs from it itself.

    Its rules (`Depends(Allowed(…))`) are asked first, as everywhere, and it stands in the OpenAPI
    document as any other. What is passed over is FastAPI's own reading of parameters and bodies and
    its second look at the answer: 100 of 900 CPU µs of a class's register.

    Raises:
        TypeError: the function, or a rule, takes anything else, which nobody would give it.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """Return what FastAPI calls with each request."""
        _require_direct(self.path, self.dependant)
        rules = [(rule.name, rule.call) for rule in self.dependant.dependencies if rule.call]

        async def handle(request: Request) -> Response:
            named: dict[str, object] = {}
            for name, rule in rules:
                allowed = await rule(request)
                if name is not None:  # else a rule of the decorator, which only refuses
                    named[name] = allowed
            decode_parts(request)
            async with within_quota(request):
                answer = await self.endpoint(SentRequest(request.scope, request.receive), **named)
            if isinstance(answer, Response):
                return answer
            body = answer.model_dump_json()
            return Response(body, self.status_code or HTTPStatus.OK, media_type="application/json")

        return handle


def _require_direct(path: str, dependant: Dependant) -> None:
    """Raise where a function takes more than the request and what its own rules return."""
    if any(rule.dependencies for rule in dependant.dependencies):
        raise TypeError(f"{path}: a rule of a direct route may not depend on another.")
    for one in (dependant, *dependant.dependencies):
        named = sum(rule.name is not None for rule in one.dependencies)
        takes = len(signature(one.call).parameters) if one.call else 0
        if one.request_param_name is None or takes > 1 + named:
            raise TypeError(f"{path}: a direct route reads its request itself; declare that alone.")
