"""`/docs`: what a service answers, as a page without a script; `openapi.json` says it in full."""

from collections.abc import Iterator
from html import escape
from typing import Any, Final

from fastapi import FastAPI
from starlette.requests import Request
from starlette.responses import HTMLResponse

_METHODS: Final = ("get", "put", "post", "patch", "delete")


def install(app: FastAPI) -> None:
    """Offer the page in place of FastAPI's own, which fetches its scripts from elsewhere."""

    async def show(_: Request) -> HTMLResponse:
        return HTMLResponse(page(app.openapi()))

    app.add_route("/docs", show, include_in_schema=False)


def page(document: dict[str, Any]) -> str:
    """Return the page of an OpenAPI document."""
    title = escape(f"{document['info']['title']} {document['info']['version']}")
    return (
        f'<!doctype html>\n<html lang="en">\n<meta charset="utf-8">\n<title>{title}</title>\n'
        f'<h1>{title}</h1>\n<p>In full, for tools that read OpenAPI: <a href="openapi.json">'
        f"openapi.json</a>.</p>\n<table>\n<caption>What may be asked</caption>\n"
        '<tr><th scope="col">Request</th><th scope="col">Does</th>'
        f'<th scope="col">Needs the scope</th></tr>\n{"".join(_rows(document))}</table>\n</html>\n'
    )


def _rows(document: dict[str, Any]) -> Iterator[str]:
    for path, operations in document["paths"].items():
        for method in _METHODS:
            if operation := operations.get(method):
                needs = [scope for rule in operation.get("security", ()) for scope in _scopes(rule)]
                cells = (
                    f'<th scope="row"><code>{method.upper()} {escape(path)}</code></th>',
                    f"<td>{escape(operation.get('summary', ''))}</td>",
                    f"<td>{escape(', '.join(needs))}</td>",
                )
                yield f"<tr>{''.join(cells)}</tr>\n"


def _scopes(rule: dict[str, list[str]]) -> Iterator[str]:
    for scheme, scopes in rule.items():
        yield from scopes or [scheme]
