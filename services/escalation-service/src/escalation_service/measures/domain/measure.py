"""What every measure can be asked."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import NamedTuple, Protocol

from escalation_service.measures.domain.record import AbsenceMark, Record, Run, Span


class Wide(NamedTuple):
    """So many marks of these codes at least, whether they count or not, in the days that matter."""

    codes: tuple[str, ...]
    at_least: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Value:
    """What a measure read from a record.

    Attributes:
        number: what is held against the threshold.
        window: the days that were looked at.
        marks: the marks that the number rests on, in order.
        run: the longest run of them without another session between.
    """

    number: int
    window: Span
    marks: tuple[AbsenceMark, ...]
    run: Run


class Measure(Protocol):
    """A number read from a child's record, and the threshold it is held against.

    A frozen dataclass: its fields are the keys of a rule in a policy file, and what a decision
    keeps of the rule. It asks no database and no clock. As a `str` it says in a few words what it
    asks for, for a list of rules.
    """

    def window(self, today: date) -> Span:
        """Return the days whose marks can matter on this day: too many, never too few."""

    def wide_question(self) -> Wide:
        """Return what the database is asked of that window: it may find too many, never too few.

        Marks of other codes can change no answer.
        """

    def value(self, record: Record, now: datetime) -> Value:
        """Read the record, exactly, as it stands at `now`."""

    def met(self, value: Value) -> bool:
        """Whether a value meets the threshold."""

    def asks(self) -> str:
        """Say what the threshold is, for whoever reads a decision."""

    def words(self, value: Value) -> str:
        """Say what was read, and over which days."""

    def beside(self, value: Value) -> str | None:
        """Say what is shown for information and not asked for, if there is anything."""
