"""The published attendance figures of one authority, as the generator's targets.

Source: Department for Education, "Pupil attendance in schools" 2025/26, Open Government Licence
v3.0; see ``data/LICENCE``.
"""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Literal, get_args

Phase = Literal["primary", "secondary", "special"]
PHASES: tuple[Phase, ...] = get_args(Phase)

PERIOD = "2025/26 (the academic year)"
"""What the published figures cover."""

PRESENT = "/\\"
"""The share of plain presence, morning and afternoon marks together."""

# One published column per code; the two present marks are published as one sum.
# Withdrawn codes (H, J) are left out: the generator writes only codes in force.
_COLUMN_OF = {
    PRESENT: "reason_present",
    "L": "reason_l_present_late_before_registers_closed",
    "I": "reason_i_authorised_illness",
    "M": "reason_m_authorised_medical_dental",
    "R": "reason_r_authorised_religious_observance",
    "S": "reason_s_authorised_study_leave",
    "T": "reason_t_authorised_mobile_child",
    "E": "reason_e_authorised_excluded",
    "C": "reason_c_authorised_other",
    "C1": "reason_c1_authorised_regulated_performance",
    "J1": "reason_j1_authorised_interview",
    "C2": "reason_c2_authorised_temp_reduced_timetable",
    "B": "reason_b_aea_education_off_site",
    "P": "reason_p_aea_approved_sporting_activity",
    "V": "reason_v_aea_educational_visit_trip",
    "W": "reason_w_aea_work_experience",
    "K": "reason_k_aea_education_arranged_by_la",
    "G": "reason_g_unauthorised_holiday",
    "U": "reason_u_unauthorised_late_after_registers_closed",
    "O": "reason_o_other_unauthorised",
    "N": "reason_n_no_reason_yet",
}
_SUPPRESSED = {"", "c", "z", "x"}


class UnknownAuthorityError(LookupError):
    """No complete published figures for this authority code; choose another."""


@dataclass(frozen=True, slots=True)
class PhaseFigures:
    """One phase of an authority. Every share and rate is a fraction, never a percentage."""

    phase: Phase
    schools: float
    enrolments: float
    possible_sessions: int
    shares: Mapping[str, float]
    """Code → fraction of possible sessions; plain presence under ``PRESENT``."""
    absence: float
    persistent_absence: float
    """Fraction of enrolments that missed a tenth or more of their possible sessions."""


@dataclass(frozen=True, slots=True)
class AuthorityFigures:
    """The phases of one authority for which everything is published."""

    code: str
    name: str
    phases: Mapping[Phase, PhaseFigures]


def figures_of(authority: str) -> AuthorityFigures:
    """Read the figures of a three-digit authority code; ``UnknownAuthorityError`` if none."""
    name = ""
    phases: dict[Phase, PhaseFigures] = {}
    for row in _rows():
        if row["old_la_code"] != authority:
            continue
        name = row["la_name"]
        for phase in PHASES:
            if row["education_phase"] == phase.capitalize() and _complete(row):
                phases[phase] = _phase_figures(phase, row)
    if not phases:
        raise UnknownAuthorityError(
            f"No published figures for authority {authority!r}: use a three-digit code such as 332."
        )
    return AuthorityFigures(authority, name, phases)


@cache
def _rows() -> tuple[dict[str, str], ...]:
    return tuple(_read())


def _read() -> Iterator[dict[str, str]]:
    source = files("demo_authority.authority") / "data" / "dfe_attendance_2025_26_by_la.csv"
    yield from csv.DictReader(source.read_text(encoding="utf-8").splitlines())


def _complete(row: Mapping[str, str]) -> bool:
    """Say whether nothing the generator needs is withheld to protect individuals."""
    needed = (*_COLUMN_OF.values(), "num_schools", "enrolments", "possible_sessions", "pa_perc")
    return not any(row[column] in _SUPPRESSED for column in needed)


def _phase_figures(phase: Phase, row: Mapping[str, str]) -> PhaseFigures:
    possible = int(row["possible_sessions"])
    return PhaseFigures(
        phase=phase,
        schools=float(row["num_schools"]),
        enrolments=float(row["enrolments"]),
        possible_sessions=possible,
        shares={code: int(row[column]) / possible for code, column in _COLUMN_OF.items()},
        absence=int(row["overall_absence"]) / possible,
        persistent_absence=float(row["pa_perc"]) / 100,
    )
