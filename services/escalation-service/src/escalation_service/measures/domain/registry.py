"""The word in a policy file → the measure."""

from collections.abc import Callable, Mapping
from typing import Final

from escalation_service.measures.domain.measure import Measure
from escalation_service.measures.domain.sessions import Sessions

MEASURES: Final[Mapping[str, Callable[..., Measure]]] = {
    "sessions": Sessions,
}

_WORDS: Final = {measure: word for word, measure in MEASURES.items()}


def word_of(measure: Measure) -> str:
    """Return the word that a policy file calls this kind of measure by."""
    return _WORDS[type(measure)]
