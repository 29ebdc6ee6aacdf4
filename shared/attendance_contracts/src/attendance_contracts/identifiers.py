"""Identifiers of pupils and schools: their shape, their check letter, and which schemes we keep.

An error says what is wrong and never repeats the value: identifiers of children do not belong in
logs or answers.
"""

import re
import unicodedata
from enum import StrEnum
from typing import Final

UPN_ALPHABET: Final = "ABCDEFGHJKLMNPQRTUVWXYZ"
"""The letters of a UPN, worth 0 to 22; I, O and S are left out as they look like digits."""

SUBJECT_ID: Final = "^[A-Za-z0-9._:-]{1,100}$"
"""A person who works here, or a team: an id, never a name or an address, since it travels."""

_UNSEEN: Final = frozenset({"Zs", "Zl", "Zp", "Cf"})
"""Spaces, and format characters: a byte order mark, a zero-width space, a soft hyphen."""

_UPN_BODY: Final = re.compile(rf"[0-9]{{11}}[0-9{UPN_ALPHABET}]")
_URN: Final = re.compile(r"[1-9][0-9]{5}")
_LAESTAB: Final = re.compile(r"([0-9]{3})/?([0-9]{4})")


class Scheme(StrEnum):
    """Where an identifier of a person comes from."""

    UPN = "UPN"
    FORMER_UPN = "FORMER_UPN"
    ULN = "ULN"
    MIS_ID = "MIS_ID"
    WONDE_ID = "WONDE_ID"
    LA_CHILD_ID = "LA_CHILD_ID"
    NHS = "NHS"


class IdentifierError(ValueError):
    """The text is not an identifier of the scheme; the sentence says why, without the value."""


class UPNError(IdentifierError):
    """The text is not a unique pupil number."""


class UPNShapeError(UPNError):
    """A character is missing, in excess or of the wrong kind."""


class UPNCheckLetterError(UPNError):
    """The check letter does not belong to the other twelve characters: a typing error."""


class URNError(IdentifierError):
    """The text is not a unique reference number of a school."""


class LAESTABError(IdentifierError):
    """The text is not an authority and establishment number."""


def read_identifier(text: str) -> str:
    """An identifier in our own spelling: in capitals, without spaces, in Unicode's plainest form.

    Whoever keeps an identifier and whoever looks for it reads it by this: what a roll takes as a
    pupil's UPN or MIS id, a register, a care status or a portal finds, however they spell it.
    """
    if text.isascii() and (text.isdecimal() or (text.isalnum() and text.isupper())):
        return text  # as nearly always, and a register reads a thousand
    seen = "".join(
        char
        for char in unicodedata.normalize("NFKC", text)
        if char not in "\t\r\n" and unicodedata.category(char) not in _UNSEEN
    )
    return unicodedata.normalize("NFKC", seen.upper())


def upn_check_letter(body: str) -> str:
    """The first letter of the UPN whose other twelve characters are `body`.

    Characters 2 to 13 are weighted by their place; a temporary UPN's last letter counts by its
    place in the alphabet. The sum modulo 23 names the letter.
    """
    if not _UPN_BODY.fullmatch(body):
        raise UPNShapeError(
            "A UPN has eleven digits and then a digit, or a letter if temporary, after its check "
            "letter."
        )
    total = sum(
        weight * (int(char) if char.isdigit() else UPN_ALPHABET.index(char))
        for weight, char in enumerate(body, start=2)
    )
    return UPN_ALPHABET[total % len(UPN_ALPHABET)]


def parse_upn(text: str) -> str:
    """The UPN in our own spelling (see `read_identifier`); UPNError if it is not one.

    The authority's number is not looked up: lists of authorities go out of date, and a check
    letter already catches typing errors.
    """
    upn = read_identifier(text)
    expected = upn_check_letter(upn[1:])
    if upn[0] not in UPN_ALPHABET:
        raise UPNShapeError("A UPN starts with a check letter, which is never I, O or S.")
    if upn[0] != expected:
        raise UPNCheckLetterError("The UPN's check letter does not match; look for a typing error.")
    return upn


def is_upn(text: str) -> bool:
    """Whether `parse_upn` would accept the text."""
    try:
        parse_upn(text)
    except UPNError:
        return False
    return True


def is_temporary_upn(upn: str) -> bool:
    """Whether a parsed UPN was issued by a school that did not yet know the permanent one."""
    return upn[-1] in UPN_ALPHABET


def make_upn(authority: int, establishment: int, year: int, serial: int) -> str:
    """A UPN with its right check letter, for generated children; `year` is that of allocation."""
    body = f"{authority:03d}{establishment:04d}{year % 100:02d}{serial:03d}"
    return upn_check_letter(body) + body


def parse_urn(text: str) -> str:
    """The six digits of a school's reference number; URNError if it is not one."""
    urn = read_identifier(text)
    if not _URN.fullmatch(urn):
        raise URNError("A URN has six digits and does not start with 0.")
    return urn


def parse_laestab(text: str) -> str:
    """A school's number as "332/2000": authority, then establishment; the stroke may be absent."""
    match = _LAESTAB.fullmatch(read_identifier(text))
    if not match:
        raise LAESTABError("A LAESTAB has three digits for the authority and four for the school.")
    return "/".join(match.groups())
