"""Fields of a line that nobody reads: they are named, so that none is missed in silence.

A misspelled field that must be there refuses its line. One that may be left out would only be
missing: a number that was sent, and no family that is reached by it.
"""

import re
from collections.abc import Callable, Iterator, Mapping
from difflib import get_close_matches
from itertools import islice
from typing import Final, TypeAlias

import msgspec
from msgspec.inspect import (
    DataclassType,
    Type,
    UnionType,
    VarTupleType,
    type_info,
)

from attendance_contracts.faults import Fault

Fields: TypeAlias = Mapping[str, "Fields"]
"""What is read of an object, and what of the objects in it."""

NAMED_AT_MOST: Final = 20
_A_NAME: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,59}")
"""What is pointed at by its name; anything else may be somebody's, and is counted as its object."""


def fields_passed_over(kind: type[object]) -> Callable[[bytes], tuple[Fault, ...]]:
    """Return what points at the fields of a line that its dataclass does not have."""
    known = _fields_of(type_info(kind))

    def look(line: bytes) -> tuple[Fault, ...]:
        return tuple(islice(_unknown(msgspec.json.decode(line), known, "#"), NAMED_AT_MOST))

    return look


def _fields_of(kind: Type) -> Fields:
    """Return the fields of the objects that a type holds, however deep."""
    match kind:
        case DataclassType():
            return {field.encode_name: _fields_of(field.type) for field in kind.fields}
        case VarTupleType():
            return _fields_of(kind.item_type)
        case UnionType():
            return {name: deep for one in kind.types for name, deep in _fields_of(one).items()}
        case _:
            return {}


def _unknown(sent: object, known: Fields, pointer: str) -> Iterator[Fault]:
    if isinstance(sent, list):
        for place, one in enumerate(sent):
            yield from _unknown(one, known, f"{pointer}/{place}")
    if isinstance(sent, dict) and known:
        for name, value in sent.items():
            if name in known:
                yield from _unknown(value, known[name], f"{pointer}/{name}")
            else:
                yield _passed_over(name, known, pointer)


def _passed_over(name: str, known: Fields, pointer: str) -> Fault:
    if not _A_NAME.fullmatch(name):
        return Fault("Passed over: a field of this is none that is known here.", pointer)
    meant = get_close_matches(name.lower(), known, n=1)
    hint = f" Is `{meant[0]}` meant?" if meant else ""
    return Fault(f"Passed over: no such field is known here.{hint}", f"{pointer}/{name}")
