"""Every statement of a roll load: what is known of its children, and what it changes.

Each takes a whole load at once, as arrays: ten thousand children cost a handful of statements.
"""

from register_service.imports.repository.known import find_known
from register_service.imports.repository.written import (
    add_children,
    replace_contacts,
    save_first_words,
    save_identities,
    save_keys,
    save_last_sent,
    take_upns,
)

__all__ = [
    "add_children",
    "find_known",
    "replace_contacts",
    "save_first_words",
    "save_identities",
    "save_keys",
    "save_last_sent",
    "take_upns",
]
