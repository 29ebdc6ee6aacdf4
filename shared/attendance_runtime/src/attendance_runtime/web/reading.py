"""What a request sends is read here, whichever route takes it: one grammar, one refusal."""

import codecs
import re
from typing import Any, TypeVar

import msgspec
from starlette.requests import Request

from attendance_runtime import errors

Read = TypeVar("Read")

_LOCATED = re.compile(r"(?P<detail>.*) - at `\$(?P<path>.*)`", re.DOTALL)
_UNKNOWN_FIELD = "Object contains unknown field"
# Named where it is a word: a field may be somebody's name or number by mistake.
_ABOUT_A_FIELD = re.compile(
    rf"(?P<what>Object missing required field|{_UNKNOWN_FIELD}) `(?P<field>[A-Za-z]\w{{0,59}})`",
    re.ASCII,
)
# "Invalid enum value 'x'", and "Invalid value 'x'" for the tag of a union.
_QUOTES_WHAT_WAS_SENT = ("Invalid enum value", "Invalid value")


class SentRequest(Request):
    """A request whose body is read alike by every route, whether FastAPI asks for it or we do."""

    async def body(self) -> bytes:
        """Return the whole body, from what follows a byte order mark.

        Whatever saved the file put it there: a parser may ignore it (RFC 8259, section 8.1), and a
        child must not be lost for it.
        """
        if not hasattr(self, "_body"):
            self._body = (await super().body()).removeprefix(codecs.BOM_UTF8)
        return self._body

    async def json(self) -> Any:  # noqa: ANN401 - any JSON
        """Return the body, or raise `Invalid`, which FastAPI makes the cause of a 400.

        Python's own `json` would guess at UTF-16 and take `NaN` for a number.
        """
        return await decode_body(self, Any)


async def decode_body(request: Request, kind: type[Read]) -> Read:
    """Decode and check a JSON body in one pass, or raise `Invalid` with a pointer."""
    try:
        return msgspec.json.decode(await request.body(), type=kind)
    except msgspec.ValidationError as error:
        raise errors.Invalid("Correct the value pointed at.", [fault_of(error)]) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        wrong = "The body is not JSON in UTF-8, was cut short, or is nested too deep."
        raise errors.Invalid("Send a complete JSON body.", [errors.Fault(wrong, "#")]) from error


def read_path(request: Request, kind: type[Read]) -> Read:
    """Read and check a path's parameters in one pass, or raise `Invalid` with a pointer."""
    try:
        return msgspec.convert(request.path_params, kind, strict=False)
    except msgspec.ValidationError as error:
        fault = fault_of(error)
        at_path = errors.Fault(fault.detail, fault.pointer.replace("#/", "path:"))
        raise errors.Invalid("Correct the value pointed at.", [at_path]) from error


def fault_of(error: msgspec.ValidationError) -> errors.Fault:
    """Turn msgspec's "… - at `$.marks[3].code`" into a fault at `#/marks/3/code`.

    Sentences that would repeat what was sent are replaced: it may be about a person.
    """
    located = _LOCATED.fullmatch(str(error))
    detail, path = (located["detail"], located["path"]) if located else (str(error), "")
    if detail.startswith(_QUOTES_WHAT_WAS_SENT):
        detail = "This is not one of the values allowed."
    path = path.partition("[...]")[0]  # any key of an object: msgspec does not say which
    if about := _ABOUT_A_FIELD.fullmatch(detail):
        detail, path = about["what"], f"{path}.{about['field']}"
    elif detail.startswith(_UNKNOWN_FIELD):
        detail = _UNKNOWN_FIELD
    pointer = path.replace("[", "/").replace("]", "").replace(".", "/")
    return errors.Fault(detail.replace("`", ""), f"#{pointer}")
