"""`ETag` and `If-Match`: where two people can edit, a change names the version it changes."""

import re
from typing import Annotated

from fastapi import Depends, Header

from attendance_runtime.errors import PreconditionFailed, PreconditionRequired
from attendance_runtime.web.refusals import refuses

_VERSION = re.compile(r'^"r(\d{1,9})"$')


def etag(version: int) -> str:
    """Return the strong entity tag of a version."""
    return f'"r{version}"'


@refuses(412, 428)
async def required_version(
    if_match: Annotated[str | None, Header(alias="If-Match")] = None,
) -> int:
    """Return the version that `If-Match` names; raise when it is missing or not one of ours."""
    if if_match is None:
        raise PreconditionRequired('Read it first and send its ETag: `If-Match: "r1"`.')
    match = _VERSION.match(if_match.strip())
    if match is None:
        raise PreconditionFailed("No version has this ETag; read it again.")
    return int(match[1])


RequiredVersion = Annotated[int, Depends(required_version)]
