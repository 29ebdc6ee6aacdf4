"""What Notify does to a value that a service does not trust: no links, no Markdown."""

import re

_URL = re.compile(r"(?:https?://|www\.)[^\s()\[\]<>]+", re.IGNORECASE)
_MARKDOWN = re.compile(r"([\\\[\]()#*^_`>])")


def sanitised(value: str) -> str:
    """The value without addresses and with every Markdown sign escaped."""
    return _MARKDOWN.sub(r"\\\1", _URL.sub("", value))
