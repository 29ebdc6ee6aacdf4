"""Telephone numbers as people write them, read into one form, and which of them a text can reach.

Numbers are compared, looked up and handed to the provider in E.164 (`+447700900123`); what was
written is kept beside it by whoever keeps it. Source of what a number is for: Ofcom, The National
Telephone Numbering Plan.
"""

import re
import unicodedata
from typing import Final

from phonenumbers import (
    Leniency,
    PhoneNumber,
    PhoneNumberFormat,
    PhoneNumberMatch,
    PhoneNumberMatcher,
    format_number,
    is_valid_number,
)

_HOME: Final = "GB"
_HOME_CODE: Final = 44
_DIGITS_AT_HOME: Final = 10

# Nearly all that schools send is written so: the library takes forty times as long to say the same.
# It also takes two numbers with nothing but a space between them for one that is too long.
_PLAIN_MOBILES: Final = re.compile(r"(?:0|\+44)(7[0-9]{9})(?:(?:0|\+44)7[0-9]{9})*")

# 070 are personal numbers, at premium rates, and 076 pagers, but for 07624: mobiles of the Isle of
# Man. Asked of the number itself and not of the library, which knows only blocks given out by the
# time it was made: it calls the newest mobiles unknown, and those that Ofcom keeps free for stories
# and tests (07700 900000 to 900999), which must be texted like any other.
_MOBILE: Final = re.compile(r"\+447(?:[1-57-9][0-9]{8}|624[0-9]{6})")


def read_telephone(written: str) -> str | None:
    """Return the number in E.164 that a person wrote; None if none can be read.

    Any space, dash, dot, stroke and bracket, `+44 (0)` and `0044` are read, and words beside the
    number are passed over. Of two numbers in one text the first that can be texted counts. A number
    of a wrong length is none: left out digits or doubled ones would reach a stranger.
    """
    plain = _PLAIN_MOBILES.fullmatch(written.replace(" ", ""))
    if plain:
        return f"+44{plain[1]}"
    numbers = [format_number(one, PhoneNumberFormat.E164) for one in _numbers(_typed(written))]
    return next(filter(can_be_texted, numbers), numbers[0] if numbers else None)


def can_be_texted(e164: str) -> bool:
    """Tell whether a number is one of the UK's mobiles: no landline, premium rate or number abroad.

    The provider sends texts abroad only to services that have asked for it.
    """
    return _MOBILE.fullmatch(e164) is not None


def number_to_text(written: str | None) -> str | None:
    """Return the number in E.164 that a text may go to; None if what was written names none."""
    number = read_telephone(written) if written else None
    return number if number and can_be_texted(number) else None


def _typed(written: str) -> str:
    """Return a text with plain spaces and digits, and nothing in it that cannot be seen.

    Telephones put marks of direction around the numbers that are copied from them.
    """
    return "".join(
        " " if char.isspace() or char == "_" else char
        for char in unicodedata.normalize("NFKC", written)
        if unicodedata.category(char) not in {"Cf", "Cc"} or char.isspace()
    )


def _numbers(text: str) -> list[PhoneNumber]:
    return [
        match.number
        for match in PhoneNumberMatcher(text, _HOME, leniency=Leniency.POSSIBLE)
        if _is_whole(match.number) and not _has_digits_beside(match, text)
    ]


def _is_whole(number: PhoneNumber) -> bool:
    """Tell whether a number has all its digits.

    At home the library's own answer is not enough: it calls invalid what is not given out yet, and
    what is kept for stories and tests (01632 960000 to 960999 too).
    """
    national = str(number.national_number)
    at_home = number.country_code == _HOME_CODE
    return is_valid_number(number) or (at_home and len(national) == _DIGITS_AT_HOME)


def _has_digits_beside(match: PhoneNumberMatch, text: str) -> bool:
    """Tell whether more digits stand beside a number with nothing but space between them."""
    before, after = text[: match.start].rstrip(), text[match.end :].lstrip()
    return before[-1:].isdigit() or after[:1].isdigit()
