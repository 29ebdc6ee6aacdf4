"""What is found after a fault: how much was lost, said twice or never came, and where."""

from dataclasses import dataclass, field
from typing import Final

SENTENCES_KEPT: Final = 20


@dataclass
class Findings:
    """Counts of what went wrong, with a sentence for the first of them; ids only, no names.

    Attributes:
        lost: marks that were accepted and are not there, in the register or further on.
        repeated: messages, cases, timers and amendments more than there should be.
        missing: messages, cases and announcements that were owed and did not come.
        amiss: everything else that should not be: answers, readiness, not coming to rest.
    """

    lost: int = 0
    repeated: int = 0
    missing: int = 0
    amiss: list[str] = field(default_factory=list)
    compared: dict[str, int] = field(default_factory=dict)

    def lose(self, sentence: str, count: int = 1) -> None:
        """Note marks that are lost."""
        self.lost += count
        self.say(sentence)

    def repeat(self, sentence: str, count: int = 1) -> None:
        """Note what was done more often than it should."""
        self.repeated += count
        self.say(sentence)

    def miss(self, sentence: str, count: int = 1) -> None:
        """Note what was owed and did not come."""
        self.missing += count
        self.say(sentence)

    def say(self, sentence: str) -> None:
        """Keep a sentence, the first of them at least."""
        if len(self.amiss) < SENTENCES_KEPT:
            self.amiss.append(sentence)

    @property
    def hold(self) -> bool:
        """Whether nothing at all is wrong."""
        return not (self.lost or self.repeated or self.missing or self.amiss)
