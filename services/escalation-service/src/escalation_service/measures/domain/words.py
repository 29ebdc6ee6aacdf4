"""Words that measures and explanations share."""

from collections.abc import Sequence
from datetime import date
from typing import Final

from attendance_contracts.codes import CODES

_MEANING: Final = {code.code: code.meaning for code in CODES}


def coded(codes: Sequence[str]) -> str:
    """Name attendance codes with their meanings: "N (reason not yet established) or O (…)"."""
    named = [f"{code} ({_MEANING[code]})" for code in codes]
    return named[0] if len(named) == 1 else f"{', '.join(named[:-1])} or {named[-1]}"


def so_many(sessions: int) -> str:
    """Name a number of sessions."""
    return "1 session" if sessions == 1 else f"{sessions} sessions"


def said(day: date) -> str:
    """Name a day: "1 September 2026"."""
    return f"{day.day} {day:%B %Y}"
