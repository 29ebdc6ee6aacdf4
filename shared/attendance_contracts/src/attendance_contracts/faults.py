"""What is wrong with one value, said by a rule and passed on by the edge as it is."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Fault:
    """One wrong value: what is wrong, and a JSON pointer to it (never the value itself)."""

    detail: str
    pointer: str
