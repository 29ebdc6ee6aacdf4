"""The words of all four APIs: what each name means, and one example of it, the same everywhere.

They speak of one absence: a child of class 5A at school 100001, on Monday 7 September 2026. A field
whose meaning is its own says so itself, with `Field(description=…, examples=[…])`.
"""

from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True, slots=True)
class Word:
    """What a parameter or a property of this name means, and an example as JSON has it."""

    description: str
    example: Any


def _id(last: str) -> str:
    """Return an id of the example's, told from the others by its last two digits."""
    return f"0199f0d2-7c3e-7b6a-9d57-6a3d8f2c1b{last}"


_CURSOR: Final = "WyIwMTk5ZjBkMi03YzNlLTdiNmEtOWQ1Ny02YTNkOGYyYzFiNDEiXQ"

_IDS: Final = {
    "id": Word("Its id.", _id("50")),
    "case_id": Word("The id of a case.", _id("46")),
    "child_id": Word("The id of a child; the same at all schools that are linked.", _id("42")),
    "claim_id": Word("The id of a claim on a child's care that waits.", _id("51")),
    "contact_id": Word("The id of a contact: a parent or carer of an enrolment.", _id("49")),
    "decision_id": Word("The id of the decision behind a case.", _id("47")),
    "enrolment_id": Word("The id of an enrolment: a child's place at one school.", _id("41")),
    "enrolment_ids": Word("The ids of enrolments.", [_id("41")]),
    "episode_id": Word("The id of an episode: one enrolment's day of absence.", _id("48")),
    "proposal_id": Word("The id of a link that was proposed.", _id("52")),
    "school_id": Word("The id of a school, by which the services know it.", _id("43")),
    "mis_id": Word("The pupil's id in the school's own system (MIS).", "4711"),
    "upn": Word("The unique pupil number, with its check letter.", "P332400021017"),
    "former_upn": Word("What the pupil went by before, often a temporary UPN.", "C33240002100A"),
    "urn": Word("The school's URN, six digits.", "100001"),
}

_PARAMETERS: Final = {
    "after": Word("The `next` of the page before; the first page without it.", _CURSOR),
    "day": Word("The day of the register.", "2026-09-07"),
    "Idempotency-Key": Word(
        "A key of the caller's own, one for each thing to create; kept for a day.",
        "8e03978e-40d5-43e8-bc93-6894a57f9324",
    ),
    "If-Match": Word("The ETag of the version that was read and is to be changed.", '"r1"'),
    "limit": Word("How many at most on a page.", 100),
    "next": Word("Send it as `after` for the next page; null on the last.", _CURSOR),
    "partial": Word("Whether the good marks are kept when others are wrong.", "reject"),
    "session_name": Word("Morning or afternoon.", "AM"),
    "state": Word("How it stands.", "open"),
}

_PERSONS: Final = {
    "amender_name": Word("Who amended the mark.", "A. Officer"),
    "amender_title": Word("In which post.", "Attendance officer"),
    "assigned_to": Word("The subject id of who works the case.", "lead-7"),
    "attendance_lead": Word("The subject id of the school's attendance lead.", "lead-7"),
    "by": Word("The subject id of who did it; null: the platform.", "lead-7"),
    "child_name": Word("The child's name, as the family is told it.", "Robin Example"),
    "confidential_address": Word("Whether where the child lives must not be told.", False),
    "confidential_address_reason": Word(
        "Why the address may be shown again; only with `confidential_address` false.",
        "The order has ended",
    ),
    "court_order": Word("Whether a court forbids telling this person; then nobody does.", False),
    "date_of_birth": Word("The child's date of birth.", "2017-05-04"),
    "decided_by": Word("The subject id of who decided; null: a rule.", None),
    "email": Word("Where to write to.", "parent@example.org"),
    "forename": Word("The child's forename.", "Robin"),
    "key": Word("What the school's system calls this contact, unique for the child.", "1"),
    "name": Word("What the person is called.", "Alex Example"),
    "language": Word("In which language to write: `en` or `cy`.", "en"),
    "is_carer": Word(
        "Whether this person looks after a looked-after child; null: the relationship tells.", None
    ),
    "mobile": Word("Which number to text, in any spelling.", "07700 900123"),
    "parental_responsibility": Word("Whether this person has it.", True),
    "priority": Word("Whom to tell first: 1.", 1),
    "relationship": Word("What the person is to the child.", "parent"),
    "sex": Word("As the school's system has it; null: it does not say.", "F"),
    "surname": Word("The child's surname.", "Example"),
    "team": Word("The subject id of the social worker's team.", "team-3"),
    "worker": Word("The subject id of the child's social worker.", "worker-7"),
}

_SCHOOL: Final = {
    "authority_code": Word("The local authority's code, three digits.", "332"),
    "calendar_version": Word("Of which version of the school's year.", 3),
    "class_code": Word("The class, as the school's system calls it.", "5A"),
    "ends_on": Word("The last day on roll; null: none is set.", None),
    "school_days": Word("School days of the year up to then.", 5),
    "school_name": Word("The school's name.", "Heron Way Primary School"),
    "school_year": Word("The year in which the school year starts.", 2026),
    "slots": Word("Sessions held: days since 1 September, times 2, plus 1 for PM.", [12, 13, 14]),
    "starts_on": Word("The first day on roll.", "2026-09-01"),
    "year_group": Word("The year group.", "5"),
}

_MARKS: Final = {
    "changed": Word("Marks that were other before.", 0),
    "code": Word("The attendance code; null: no mark yet.", "I"),
    "date": Word("The day.", "2026-09-07"),
    "figures_as_of": Word("When the newest register in the figures came.", "2026-09-07T08:05:00Z"),
    "incomplete": Word("Whether the figures may lack something.", False),
    "late_sessions": Word("Sessions to which the child came late.", 1),
    "minutes_late": Word("How late the child came.", None),
    "missing": Word("Enrolments that the register expected and that had no mark in it.", []),
    "missing_marks": Word("Closed sessions that nobody marked.", 0),
    "new": Word("Marks that were not there before.", 30),
    "open": Word("Whether the absence still waits for a reason.", True),
    "persistently_absent": Word("10 % or more missed.", True),
    "previous_code": Word("The code before.", "N"),
    "reason": Word("Why.", "Parent telephoned: unwell"),
    "refused": Word("What was not kept, each with where it stands.", []),
    "revision": Word("How often it was changed; 1: as it came.", 2),
    "severely_absent": Word("Half or more missed.", False),
    "unchanged": Word("Marks that were there already.", 0),
    "last_ten_school_days_from": Word("The first of them.", "2026-09-01"),
    "last_ten_school_days_to": Word("The last of them.", "2026-09-07"),
}

_HISTORY: Final = {
    "at": Word("When.", "2026-09-07T08:05:00Z"),
    "closed_at": Word("When it was closed; null: it is open.", None),
    "decided_at": Word("When it was decided.", "2026-09-07T08:05:00Z"),
    "due_at": Word("When it is due.", "2026-09-07T08:20:00Z"),
    "explanation": Word(
        "The decision in sentences.",
        ["20 sessions of unauthorised absence in 2026/27: the rule asks for 20."],
    ),
    "first": Word("The first day.", "2026-09-01"),
    "kind": Word("Of which kind.", "CIN"),
    "last": Word("The last day.", "2026-09-07"),
    "note": Word("What was written beside it.", "Settled since half-term"),
    "opened_at": Word("When it was opened.", "2026-09-07T08:05:01Z"),
    "outcome": Word("How it ended; null: it has not.", None),
    "proposed_at": Word("When it was proposed.", "2026-09-07T08:05:00Z"),
    "recorded_at": Word("When it was recorded.", "2026-09-07T08:05:00Z"),
    "replaced_at": Word("When it was replaced.", "2026-09-07T08:05:00Z"),
    "replaced_by": Word("The organisation that replaced it.", "supplier:example-mis"),
    "replaced_by_subject": Word("The subject id of who, or what, replaced it.", "mis-sync"),
    "round": Word("Which contact of the day this is.", 1),
    "sent_at": Word("When it was handed over to the provider.", "2026-09-07T08:20:00Z"),
    "settled_at": Word("When it was known what became of it.", "2026-09-07T08:20:04Z"),
    "standing": Word("Whether what was said holds; null: the line was refused.", "in force"),
    "threshold_withdrawn_at": Word("When a correction took its reason away.", None),
    "valid_from": Word("Its first day.", "2026-09-01"),
    "valid_to": Word("Its last day; null: none is set.", None),
    "version": Word("Which version this is.", 2),
    "withdrawn_by": Word("The decision that took this one back.", None),
    "withdraws": Word("The decision that this one takes back.", None),
}

_FAULTS: Final = {
    "detail": Word("What is wrong, or worth a look.", "No pupil of this school has this id."),
    "errors": Word("Why the line was refused; empty: it was not.", []),
    "line": Word("The line's number in the request, the first being 1.", 1),
    "pointer": Word("Where it stands, as a JSON pointer.", "#/marks/3/mis_id"),
    "warnings": Word("What is worth a look, each with where it stands.", []),
}

WORDS: Final = _IDS | _PARAMETERS | _PERSONS | _SCHOOL | _MARKS | _HISTORY | _FAULTS
