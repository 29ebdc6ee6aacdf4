"""The bodies of the register routes, in and out."""

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated, Any, Final, Literal, Self
from uuid import UUID

import msgspec
from pydantic import BaseModel, Field
from sqlalchemy import RowMapping

from attendance_contracts.calendar import Session
from attendance_contracts.counting import shows_register_taken
from attendance_contracts.identifiers import read_identifier
from attendance_runtime.errors import Fault, Invalid
from register_service.absences.domain import NOT_GIVEN
from register_service.calendar.domain import SchoolSession
from register_service.registers.domain import (
    LATEST_MINUTES,
    LONGEST_NAME,
    LONGEST_REASON,
    NO_MARK_YET,
    Amendment,
    Recorded,
    SentMark,
    Unmarked,
)
from register_service.roll.domain import LONGEST_CLASS_CODE

MARKS_AT_MOST: Final = 5000
"""In one register; more pupils than any school has."""


# msgspec rather than model classes on the hottest body: a register is decoded and checked in one
# pass, some ten times faster.
class MarkBody(msgspec.Struct, forbid_unknown_fields=True, gc=False):
    """One pupil's mark: the pupil by `upn`, `mis_id` or `enrolment_id`, and a code.

    Without a code it is no mark: one that was sent before is taken back.
    """

    code: str | None
    upn: str | None = None
    mis_id: str | None = None
    enrolment_id: str | None = None
    minutes_late: int | None = None
    reason: str | None = None
    amender_name: str | None = None
    amender_title: str | None = None


class RegisterBody(msgspec.Struct, forbid_unknown_fields=True):
    """A register: one mark for each pupil."""

    marks: Annotated[list[MarkBody], msgspec.Meta(max_length=MARKS_AT_MOST)]


def _words(at_most: int) -> dict[str, Any]:
    return {"type": ["string", "null"], "minLength": 1, "maxLength": at_most}


REGISTER_BODY: dict[str, Any] = {  # an OpenAPI fragment
    "requestBody": {
        "required": True,
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "required": ["marks"],
                    "additionalProperties": False,
                    "properties": {
                        "marks": {
                            "type": "array",
                            "maxItems": MARKS_AT_MOST,
                            "items": {
                                "type": "object",
                                "required": ["code"],
                                "additionalProperties": False,
                                "properties": {
                                    "upn": {"type": "string"},
                                    "mis_id": {"type": "string"},
                                    "enrolment_id": {"type": "string", "format": "uuid"},
                                    "code": {
                                        "type": ["string", "null"],
                                        "maxLength": 4,
                                        "description": "The attendance code; null or `-`: no "
                                        "mark, which takes back one that was sent before.",
                                    },
                                    "minutes_late": {
                                        "type": ["integer", "null"],
                                        "minimum": 0,
                                        "maximum": LATEST_MINUTES,
                                    },
                                    "reason": _words(LONGEST_REASON),
                                    "amender_name": _words(LONGEST_NAME),
                                    "amender_title": _words(LONGEST_NAME),
                                },
                            },
                        }
                    },
                },
                "example": {
                    "marks": [
                        {"mis_id": "4711", "code": "N"},
                        {"mis_id": "4712", "code": "/"},
                        {"mis_id": "4713", "code": "L", "minutes_late": 12},
                    ]
                },
            }
        },
    }
}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    return {"name": name, "in": "path", "required": True, "schema": schema}


# OpenAPI fragments of what `RegisterPath` reads, and of the writing route's one choice.
PATH_PARAMETERS: list[dict[str, Any]] = [
    _in_path("urn", {"type": "string"}),
    _in_path("day", {"type": "string", "format": "date"}),
    _in_path("session_name", {"type": "string", "enum": [half.value for half in Session]}),
]
CLASS_PARAMETER = _in_path("class_code", {"type": "string", "maxLength": LONGEST_CLASS_CODE})
PARTIAL_PARAMETER: dict[str, Any] = {
    "name": "partial",
    "in": "query",
    "required": False,
    "description": "Whether the good marks are kept when others are wrong.",
    "schema": {"type": "string", "enum": ["reject", "accept"], "default": "reject"},
}


def sent_marks(body: RegisterBody) -> tuple[list[SentMark], list[Unmarked]]:
    """Read a body's marks, and the pupils it names without one.

    Raises `Invalid` where a mark names no pupil, or names one in more than one way.
    """
    marks: list[SentMark] = []
    unmarked: list[Unmarked] = []
    wrong: list[Fault] = []
    for position, mark in enumerate(body.marks):
        scheme, key = _key(mark)
        if key is None:
            detail = "Name the pupil by one of `upn`, `mis_id` and `enrolment_id`."
            wrong.append(Fault(detail, f"#/marks/{position}"))
        elif (code := mark.code) is not None and code not in NO_MARK_YET:
            late, amendment = mark.minutes_late, _amendment(mark)
            marks.append(SentMark(position, scheme, key, code, late, amendment))
        else:
            unmarked.append(Unmarked(position, scheme, key))
    if wrong:
        raise Invalid("Some marks do not name one pupil.", wrong)
    return marks, unmarked


def _key(mark: MarkBody) -> tuple[str, str | None]:
    """Return the one key by which a mark names its pupil, with its scheme; no key for several."""
    match mark.mis_id, mark.upn, mark.enrolment_id:
        case str(key), None, None:
            return "MIS_ID", read_identifier(key)
        case None, str(key), None:
            return "UPN", read_identifier(key)
        case None, None, str(key):
            return "ENROLMENT_ID", read_identifier(key).lower()
    return "", None


def _amendment(mark: MarkBody) -> Amendment | None:
    if mark.reason is None and mark.amender_name is None and mark.amender_title is None:
        return None
    said = (mark.reason, mark.amender_name, mark.amender_title)
    return Amendment(*(NOT_GIVEN if text is None else text for text in said))


class PointedFault(BaseModel):
    """What is wrong, or worth a look, with one value of the body."""

    detail: str
    pointer: str

    @classmethod
    def of(cls, fault: Fault) -> Self:
        """Put a fault into words for the sender."""
        return cls(detail=fault.detail, pointer=fault.pointer)


class RegisterAnswer(BaseModel):
    """What became of a register: `state` says whether it changed anything."""

    state: Literal["recorded", "unchanged"]
    new: int
    changed: int
    unchanged: int
    missing: list[UUID]
    refused: list[PointedFault]
    warnings: list[PointedFault]

    @classmethod
    def of(cls, recorded: Recorded) -> Self:
        """Put the outcome of the use case into words for the sender."""
        return cls(
            state="recorded" if recorded.new or recorded.changed else "unchanged",
            new=recorded.new,
            changed=recorded.changed,
            unchanged=recorded.unchanged,
            missing=list(recorded.missing),
            refused=list(map(PointedFault.of, recorded.refused)),
            warnings=list(map(PointedFault.of, recorded.warnings)),
        )


class RegisterEntry(BaseModel):
    """One child's line in a register; `code` is null while there is no mark."""

    enrolment_id: UUID
    class_code: str
    code: str | None
    minutes_late: int | None
    revision: int | None
    planned: Annotated[
        bool,
        Field(
            description="entered before the session began, by somebody who expected it: it counts "
            "from then on, and takes no register",
            examples=[False],
        ),
    ]

    @classmethod
    def of(cls, row: RowMapping, begins_at: datetime | None) -> Self:
        """Tell what a child's mark is in a session that begins then."""
        values = dict(row)
        recorded_at = values.pop("recorded_at")
        planned = (
            values["code"] is not None
            and begins_at is not None
            and not shows_register_taken(values["code"], recorded_at, begins_at)
        )
        return cls(**values, planned=planned)


class Register(BaseModel):
    """A register as it stands; "not-taken": nobody has looked for the children yet."""

    state: Literal["taken", "partly-taken", "not-taken", "no-session"]
    entries: list[RegisterEntry]

    @classmethod
    def of(cls, rows: Sequence[RowMapping], at: SchoolSession) -> Self:
        """Say how far a register has been taken, and what it holds."""
        entries = [RegisterEntry.of(row, at.begins_at) for row in rows]
        marked = [entry for entry in entries if entry.code is not None]
        if not at.taught:
            return cls(state="no-session", entries=entries)
        if all(entry.planned for entry in marked):
            return cls(state="not-taken", entries=entries)
        state: Literal["taken", "partly-taken"] = (
            "taken" if len(marked) == len(entries) else "partly-taken"
        )
        return cls(state=state, entries=entries)
