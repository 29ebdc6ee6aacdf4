"""What is read from a child's record; each measure is a file here and a line of the registry."""

from escalation_service.measures.domain.measure import Measure, Value, Wide
from escalation_service.measures.domain.record import AbsenceMark, Record, Run, Span, judged_on
from escalation_service.measures.domain.registry import MEASURES, word_of
from escalation_service.measures.domain.sessions import Sessions
from escalation_service.measures.domain.words import coded, said, so_many

__all__ = [
    "MEASURES",
    "AbsenceMark",
    "Measure",
    "Record",
    "Run",
    "Sessions",
    "Span",
    "Value",
    "Wide",
    "coded",
    "judged_on",
    "said",
    "so_many",
    "word_of",
]
