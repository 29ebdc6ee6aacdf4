"""The rules of a school's settings.

Sources: Working together to improve school attendance (August 2024): a register is open for 30
minutes at most. The defaults for first-day contact are rulings of ours; a school may choose
otherwise within the limits below.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import date, time
from typing import Final
from uuid import UUID

from attendance_contracts.calendar import LONGEST_OPENING_MINUTES
from attendance_contracts.events import SchoolChanged
from attendance_contracts.faults import Fault
from attendance_contracts.words import check_school_name
from register_service.establishments.domain import Establishment
from register_service.lines.domain import State, state_of

GRACE_MINUTES: Final = 5
LONGEST_GRACE_MINUTES: Final = 120
LONGEST_WAIT_FOR_REGISTER_MINUTES: Final = 240
HOURS_PER_DAY: Final = 6.5
QUIET_FROM: Final = time(20)
QUIET_UNTIL: Final = time(8)
CONTACT_CODES: Final = ("N",)
CONTACT_CODES_ALLOWED: Final = frozenset({"N", "O", "U"})
"""`N` asks for contact by law; `O` and `U` by the school's own choice."""

_HOURS_ALLOWED = (1.0, 12.0)
_MINUTES_AN_HOUR: Final = 60


@dataclass(frozen=True, slots=True, kw_only=True)
class SchoolSettings:
    """A school as its authority describes it; times are the school's wall clock.

    Attributes:
        urn: six digits, the natural key.
        authority_code: three digits; the authority in whose area the school lies.
        register_open_minutes: how long each register stays open, from the session's start.
        contact_grace_minutes: how long after closing a first message becomes due; 0 is at once.
        register_missing_after_minutes: how long after closing a register that nobody took is
            missing; None is as long as the grace.
        hours_per_day: what an absence of a day is counted as in hours.
        contact_codes: the codes that ask for first-day contact.
        quiet_from, quiet_until: the hours over night in which no family is sent a correction.
        attendance_lead: opaque subject id of the person who leads on attendance.
    """

    urn: str
    name: str
    phase: str
    authority_code: str
    am_starts_at: time
    pm_starts_at: time
    register_open_minutes: int
    contact_grace_minutes: int = GRACE_MINUTES
    register_missing_after_minutes: int | None = None
    hours_per_day: float = HOURS_PER_DAY
    contact_codes: tuple[str, ...] = CONTACT_CODES
    trust: str | None = None
    mis_supplier: str | None = None
    attendance_lead: str | None = None
    quiet_from: time = QUIET_FROM
    quiet_until: time = QUIET_UNTIL


@dataclass(frozen=True, slots=True, kw_only=True)
class School(SchoolSettings):
    """A school as the register keeps it."""

    id: UUID
    version: int


@dataclass(frozen=True, slots=True)
class Decision:
    """What becomes of one line: the school as it will be, or the faults that refuse it."""

    line: int
    urn: str
    state: State
    school: School | None = None
    faults: tuple[Fault, ...] = ()


def check_settings(settings: SchoolSettings) -> list[Fault]:
    """Return what is wrong with a school's settings, each fault with its pointer."""
    return [
        Fault(detail, f"#/{field}")
        for field, detail in (
            ("name", check_school_name(settings.name)),
            ("register_open_minutes", _opening_refusal(settings.register_open_minutes)),
            ("contact_grace_minutes", _grace_refusal(settings.contact_grace_minutes)),
            ("register_missing_after_minutes", _missing_refusal(settings)),
            ("hours_per_day", _hours_refusal(settings.hours_per_day)),
            ("contact_codes", _codes_refusal(settings.contact_codes)),
            ("quiet_from", _quiet_refusal(settings)),
            ("pm_starts_at", _afternoon_refusal(settings)),
        )
        if detail is not None
    ]


def decide_schools(
    lines: Mapping[int, SchoolSettings],
    known: Mapping[str, School],
    new_ids: Sequence[UUID],
    *,
    given: Mapping[str, Establishment],
    today: date,
) -> list[Decision]:
    """Decide each line in order: created, changed, unchanged, or refused with its faults.

    `given` are the schools that the list of establishments gives to the caller: any other is to
    them as one that does not exist. `known` are the schools kept under these URNs, `new_ids` one id
    a line at least.
    """
    decisions = []
    seen: set[str] = set()
    for new_id, (line, settings) in zip(new_ids, lines.items(), strict=False):
        before = known.get(settings.urn)
        listed = given.get(settings.urn)
        if listed is None:
            faults = [Fault("This school is not in your authority's area.", "#/urn")]
        elif settings.urn in seen:
            faults = [Fault("An earlier line of this request names the same school.", "#/urn")]
        else:
            faults = _faults_by_list(settings, listed, is_kept=before is not None, today=today)
            faults += check_settings(settings)
        seen.add(settings.urn)
        if faults:
            decisions.append(Decision(line, settings.urn, State.REFUSED, faults=tuple(faults)))
        else:
            decisions.append(_decided(line, settings, before, new_id))
    return decisions


def moved(schools: Iterable[School], authorities: Mapping[str, str]) -> list[School]:
    """Return those of the schools that lie in another authority's area now, a version on."""
    return [
        replace(school, authority_code=authorities[school.urn], version=school.version + 1)
        for school in schools
        if school.authority_code != authorities[school.urn]
    ]


def school_changed(school: School) -> SchoolChanged:
    """Tell the other services how a school stands."""
    facts = asdict(school)
    return SchoolChanged(school_id=facts.pop("id"), **facts)


def _faults_by_list(
    settings: SchoolSettings, listed: Establishment, *, is_kept: bool, today: date
) -> list[Fault]:
    """Return where settings differ from the list; one that has closed may be kept on, not begun."""
    faults = []
    if settings.authority_code != listed.authority_code:
        faults.append(Fault("Only a new list moves a school to another area.", "#/authority_code"))
    if not is_kept and listed.is_closed(today):
        faults.append(Fault("By the register of schools, this school has closed.", "#/urn"))
    return faults


def _decided(line: int, settings: SchoolSettings, before: School | None, new_id: UUID) -> Decision:
    settings = replace(settings, hours_per_day=to_the_minute(settings.hours_per_day))
    if before is None:
        school = School(**asdict(settings), id=new_id, version=1)
        return Decision(line, settings.urn, State.CREATED, school)
    school = School(**asdict(settings), id=before.id, version=before.version)
    state = state_of(before, school)
    if state is State.CHANGED:
        school = replace(school, version=before.version + 1)
    return Decision(line, settings.urn, state, school)


def _opening_refusal(minutes: int) -> str | None:
    if 1 <= minutes <= LONGEST_OPENING_MINUTES:
        return None
    return f"A register is open for 1 to {LONGEST_OPENING_MINUTES} minutes (statutory guidance)."


def _grace_refusal(minutes: int) -> str | None:
    if 0 <= minutes <= LONGEST_GRACE_MINUTES:
        return None
    return f"The grace is 0 to {LONGEST_GRACE_MINUTES} minutes; 0 is contact at once."


def _missing_refusal(settings: SchoolSettings) -> str | None:
    """Refuse to ask for a register while its first marks still wait for the grace to pass."""
    minutes = settings.register_missing_after_minutes
    least, most = settings.contact_grace_minutes, LONGEST_WAIT_FOR_REGISTER_MINUTES
    if minutes is None or least <= minutes <= most:
        return None
    return f"A register is missing no sooner than contact is due, and {most} minutes on at most."


def _hours_refusal(hours: float) -> str | None:
    least, most = _HOURS_ALLOWED
    return None if least <= hours <= most else "A school day has 1 to 12 hours."


def to_the_minute(hours: float) -> float:
    """Return hours as the minutes that they mean: 6.42 and 6.4167 are both 6 hours 25."""
    return round(round(hours * _MINUTES_AN_HOUR) / _MINUTES_AN_HOUR, 4)


def _codes_refusal(codes: Sequence[str]) -> str | None:
    if codes and CONTACT_CODES_ALLOWED.issuperset(codes) and len(set(codes)) == len(codes):
        return None
    return "Codes that ask for contact are N, O and U, at least one and each once."


def _quiet_refusal(settings: SchoolSettings) -> str | None:
    if settings.quiet_until < settings.quiet_from:
        return None
    return "Quiet hours lie over night: they begin later in the day than they end."


def _afternoon_refusal(settings: SchoolSettings) -> str | None:
    if settings.am_starts_at < settings.pm_starts_at:
        return None
    return "The afternoon session starts after the morning session."
