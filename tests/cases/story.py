"""A story as plain data, whatever file it came from: steps, and what must have come of them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeAlias

Json: TypeAlias = Any  # a JSON document
Values: TypeAlias = Mapping[str, Json]
"""By JSON pointer, what stands there: a value, or `{not: …}`, `{length: n}`, `{longer_than: n}`."""


@dataclass(frozen=True, slots=True)
class Expected:
    """What an answer must be.

    Attributes:
        statuses: one of these; empty: any.
        values: what stands where in its JSON document.
        lines: what each line of an NDJSON answer holds, among other things; None: not looked at.
        one_of: if there are any, one of these as well.
    """

    statuses: Sequence[int] = ()
    values: Values = field(default_factory=dict)
    lines: Sequence[Mapping[str, Json]] | None = None
    one_of: Sequence["Expected"] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """A request; `{name}` in its path and body stands for a value that was kept.

    Attributes:
        who: `school:<urn>`, `authority:<code>` or `worker:<subject id>`.
        content: the body's bytes with their type, where it is not JSON that we write.
        keep: by name, the pointer of a value of the answer for later steps.
        expected: None where any success will do.
        until: the request is made again until this holds of its answer.
    """

    who: str
    method: str
    service: str
    path: str
    body: Json = None
    content: tuple[bytes, str] | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    keep: Mapping[str, str] = field(default_factory=dict)
    expected: Expected | None = None
    until: Values | None = None


@dataclass(frozen=True, slots=True)
class Clock:
    """The clock is set."""

    to: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Texts:
    """What a number or address has been sent since the story began."""

    to: str
    count: int
    says: Sequence[str] = ()
    never: Sequence[str] = ()


Step: TypeAlias = Ask | Clock | Texts


@dataclass(frozen=True, slots=True, kw_only=True)
class Story:
    """A story and why it ends as it does.

    Attributes:
        urns: the schools that it sets up, of authority 332.
        not_yet: why it is not right yet; None: it is.
    """

    name: str
    because: str
    begins: datetime
    urns: Sequence[str]
    steps: Sequence[Step]
    not_yet: str | None = None
