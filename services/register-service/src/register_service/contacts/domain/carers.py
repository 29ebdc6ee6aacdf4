"""Who looks after a looked-after child, by what the school's system calls them.

Source: Working together to improve school attendance (August 2024): where a child is looked after,
foster carer and social worker take the parent's place. Which words systems have for them is a
reading of ours; a sender that has another word marks the contact with `is_carer`.
"""

import re
import unicodedata
from typing import Final

_CARERS: Final = re.compile(
    "foster(?:er|ing|care|parent|mother|father|mum|mam|mom|dad|famil|home|placement)"
    "|residential(?:care|worker|key|social|support|staff|home|unit)"
    "|childrenshome|specialguardian|^sgo$|kinship|familyandfriends|connected(?:person|carer)"
    "|socialworker|supportedlodging"
    # "Carer" and nothing beside it: "parent/carer" is what forms call any parent.
    "|^(?:main|primary)?carers?$"
)

# Who was one, a parent whose place they take, and whoever else lives in their house.
_NOT_THEY: Final = re.compile(
    r"\b(?:former|formerly|ex|previous|previously|past|old|late|no|not|was"
    r"|birth|biological|natural|son|daughter|brother|sister)\b"
)

_APOSTROPHES: Final = str.maketrans("", "", "'\N{RIGHT SINGLE QUOTATION MARK}")


def is_carers_title(relationship: str) -> bool:
    """Tell whether a relationship to a child is that of whoever looks after them in care.

    Case, accents, spaces, hyphens, apostrophes and plurals are as people write them.
    """
    plain = unicodedata.normalize("NFKD", relationship).casefold()
    words = re.findall(r"[^\W\d_]+", plain.translate(_APOSTROPHES))
    return not _NOT_THEY.search(" ".join(words)) and bool(_CARERS.search("".join(words)))
