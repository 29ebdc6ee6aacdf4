"""Words that people write: what is kept at all, and which names may stand in a message.

A message reaches a parent's phone under a council's name, so whoever writes a name into the
platform writes into that message. Nothing in a name may read as an address to follow, and nothing
in it may be unseen or turn the text around. A refusal never repeats what was written.
"""

import re
import unicodedata
from typing import Final

PERSON_NAME_AT_MOST: Final = 60
SCHOOL_NAME_AT_MOST: Final = 100

_UNSEEN: Final = frozenset({"Cc", "Cf", "Cn", "Co", "Cs", "Zl", "Zp"})
"""Control, format (zero width, turned direction), unassigned, private, half pairs, line ends."""

_BLANK: Final = _UNSEEN | {"Zs", "Mn", "Me"}
"""The unseen, white space, and accents, which are nothing without a letter below them."""

_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u2800\u3164\uffa0")
"""Fillers of Hangul and the empty Braille pattern: not white space by class, and nothing to see."""

_MARKED_ADDRESS: Final = re.compile(r"://|\bwww\d*\.", re.IGNORECASE)
_DOTTED_WORD: Final = re.compile(r"[^\s.,;:/@()\"]+(?:\.[^\s.,;:/@()\"]+)+(?P<path>/)?")
_ABBREVIATIONS: Final = frozenset(
    {"dr", "md", "mohd", "mr", "mrs", "ms", "mst", "nr", "ss", "st", "ste", "sts"}
)
"""What people join to the next word by a full stop, as they do initials: "St.John", "J.Smith"."""

_COMMON_ENDINGS: Final = frozenset(
    {"app", "biz", "co", "com", "eu", "info", "io", "link", "ly", "me", "net", "online", "org"}
    | {"shop", "site", "uk", "xyz"}
)
"""Endings that make an address even of an initial; nobody's surname is among them."""


def tidy_words(text: str) -> str:
    """A name or a class code as it is kept: letters composed (NFC), one space between words.

    "Zoë" is one letter more to a keyboard that adds the dots afterwards, and one name.
    """
    if text.isascii() and "  " not in text and text.isprintable():
        return text.strip()  # as nearly always
    return " ".join(unicodedata.normalize("NFC", text).split())


def check_text(text: str, *, at_most: int) -> str | None:
    """Why a reason, a note, a name or a title may not be kept, or None.

    Something in it can be seen, it has at most so many characters, and none is U+0000, which
    PostgreSQL cannot keep.
    """
    if is_blank(text):
        return "Write something that can be read, or leave this out."
    if len(text) > at_most:
        return f"At most {at_most} characters."
    if "\0" in text:
        return "Text cannot hold the character U+0000."
    return None


def is_blank(text: str) -> bool:
    """Whether nothing of a text can be seen, whatever white space or zero width it is made of."""
    return all(char in _BLANK_LETTERS or unicodedata.category(char) in _BLANK for char in text)


def check_person_name(text: str) -> str | None:
    """Why a person's name may not be kept, or None.

    At most 60 characters, no digit of any script, nothing unseen, no address of the web. The
    limits are a ruling of ours: no name that schools send needs more.
    """
    if any(unicodedata.category(char).startswith("N") for char in text):
        return "A person's name has no digits."
    return _refusal(text, at_most=PERSON_NAME_AT_MOST)


def check_school_name(text: str) -> str | None:
    """Why a school's name may not be kept, or None: digits pass, and 100 characters."""
    return _refusal(text, at_most=SCHOOL_NAME_AT_MOST)


def _refusal(text: str, *, at_most: int) -> str | None:
    if len(text) > at_most:
        return f"A name has at most {at_most} characters."
    if any(unicodedata.category(char) in _UNSEEN for char in text):
        return "Leave out control characters and others that cannot be seen."
    if _holds_address(text):
        return "This reads as an address of the web; put a space after a full stop."
    return None


def _holds_address(text: str) -> bool:
    # Phones read full-width letters and other scripts' full stops as the plain ones.
    plain = unicodedata.normalize("NFKC", text).replace("\N{IDEOGRAPHIC FULL STOP}", ".")
    return _MARKED_ADDRESS.search(plain) is not None or any(
        word["path"] is not None or _is_domain(word[0]) for word in _DOTTED_WORD.finditer(plain)
    )


def _is_domain(word: str) -> bool:
    *labels, ending = word.casefold().split(".")
    shortened = all(len(label) == 1 or label in _ABBREVIATIONS for label in labels)
    return ending in _COMMON_ENDINGS or (len(ending) > 1 and not shortened)
