"""What a value in a policy file may be: each function reads one kind, or says what it must be."""

import re
from collections.abc import Callable
from datetime import date
from typing import Final

from attendance_contracts.codes import ABSENCE

_NAME: Final = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")
_AUTHORITY: Final = re.compile(r"[0-9]{3}")
_MOST: Final = 732
"""No school year has more sessions, and no policy will have more versions."""


class Unfit(ValueError):
    """A value that cannot be used; the text says what it must be."""


def a_name(value: str) -> str:
    """Read a name that is the same in files, events and answers."""
    if not _NAME.fullmatch(value):
        raise Unfit("a name in small letters, digits and hyphens")
    return value


def some_text(value: str) -> str:
    """Read words for people."""
    if not value:
        raise Unfit("a text for people to read; it is empty")
    return " ".join(value.split())


def a_whole_number(value: str) -> int:
    """Read a number of sessions, or of a version."""
    if not value.isdecimal() or not 1 <= int(value) <= _MOST:
        raise Unfit(f"a whole number from 1 to {_MOST}")
    return int(value)


def an_authority(value: str) -> str:
    """Read a local authority's code."""
    if not _AUTHORITY.fullmatch(value):
        raise Unfit("a local authority's code of three digits")
    return value


def a_day(value: str) -> date:
    """Read a date."""
    try:
        return date.fromisoformat(value)
    except ValueError:
        raise Unfit("a date, such as 2026-09-01") from None


def a_code_of_absence(value: str) -> str:
    """Read an attendance code that counts as an absence; only absences are kept to be counted."""
    if value not in ABSENCE:
        raise Unfit(f"one of the codes of absence, {' '.join(sorted(ABSENCE))}")
    return value


def a_choice(*choices: str) -> Callable[[str], str]:
    """Read one of a few words."""

    def read(value: str) -> str:
        if value not in choices:
            raise Unfit(f"one of: {', '.join(choices)}")
        return value

    return read
