"""A proof is a list of checks: what should be, what is, and the first places where they differ."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

FAULTS_SHOWN: Final = 5


@dataclass(frozen=True, slots=True)
class Check:
    """One claim about the platform, compared on many things.

    Attributes:
        claim: what should hold, as a sentence without a full stop.
        compared: how many things were compared.
        faults: a sentence for each thing that differs; ids and days only, never a name.
    """

    claim: str
    compared: int
    faults: Sequence[str] = field(default_factory=tuple)

    @property
    def holds(self) -> bool:
        """Whether nothing differs, and something was there to be compared."""
        return self.compared > 0 and not self.faults
