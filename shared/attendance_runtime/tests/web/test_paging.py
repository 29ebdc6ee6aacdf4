"""A link leads to the next page, whatever stands before the path that a service sees."""

from urllib.parse import urljoin

import pytest
from starlette.requests import Request

from attendance_runtime.web import paging


def asked(path: str, query: str) -> Request:
    return Request(
        {
            "type": "http",
            "method": "GET",
            "scheme": "http",
            "server": ("service.example.org", 8000),
            "path": path,
            "query_string": query.encode(),
            "headers": [],
        }
    )


@pytest.mark.parametrize(
    ("query", "following"),
    [
        ("", "after=abc"),
        ("limit=2", "limit=2&after=abc"),
        ("state=open&limit=2&after=old", "state=open&limit=2&after=abc"),
        ("name=%3E%0D%0AX", "name=%3E%0D%0AX&after=abc"),
    ],
)
def test_a_link_is_right_at_every_address(query: str, following: str) -> None:
    [(name, value)] = paging.link_header(asked("/v1/things", query), "abc").items()
    reference, _, relation = value.partition("; ")
    assert (name, relation) == ("Link", 'rel="next"')
    for address in ("http://127.0.0.1:8000/v1/things", "https://x.example.org/api/a/v1/things"):
        assert urljoin(f"{address}?{query}", reference.strip("<>")) == f"{address}?{following}"


def test_the_last_page_leads_nowhere() -> None:
    assert paging.link_header(asked("/v1/things", ""), None) == {}


@pytest.mark.parametrize(
    ("found", "page", "last"),
    [([], [], None), ([7], [7], None), ([7, 8], [7, 8], None), ([7, 8, 9], [7, 8], "8")],
)
def test_a_page_leads_on_only_where_more_was_found(
    found: list[int], page: list[int], last: str | None
) -> None:
    following = None if last is None else paging.encode([last])
    assert paging.cut(found, 2, lambda number: number) == (page, following)
