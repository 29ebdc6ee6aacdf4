"""The recount of a generated authority, against sums taken another way."""

from attendance_contracts.codes import ABSENCE, POSSIBLE
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.marks import registers
from demo_authority.proof.recount import Recount


def test_a_year_adds_up_the_final_registers(authority: DemoAuthority) -> None:
    marks = authority.marks
    absent: dict[int, int] = {}
    possible: dict[int, int] = {}
    first = authority.roll.schools[0].calendar.school_days[0]
    for register in registers(authority.roll, marks, first=first, last=marks.upto):
        for key, code in zip(register.enrolments, register.codes, strict=True):
            absent[key] = absent.get(key, 0) + (code in ABSENCE)
            possible[key] = possible.get(key, 0) + (code in POSSIBLE)
    recount = Recount(authority)
    for enrolment in authority.roll.enrolments[::10]:
        year = recount.year(enrolment)
        assert year["sessions"] == absent[enrolment.key]
        assert year["possible_sessions"] == possible[enrolment.key]


def test_only_the_silent_schools_children_miss_marks(authority: DemoAuthority) -> None:
    recount = Recount(authority)
    for enrolment in authority.roll.enrolments[::7]:
        missing = recount.late_and_missing(enrolment)["missing_marks"]
        stays = enrolment.ends_on is None
        silent = enrolment.school_urn == authority.marks.silent_school
        assert missing == (10 if silent and stays else 0)


def test_a_schools_day_counts_everybody_on_roll(authority: DemoAuthority) -> None:
    recount = Recount(authority)
    for school in authority.roll.schools:
        for figures in recount.school_today(school).values():
            silent = school.urn == authority.marks.silent_school
            assert figures["marked"] == (0 if silent else figures["expected"])
            states = ("present", "late", "elsewhere", "absent", "not_required")
            counted = [figures[state] for state in states]
            assert sum(n for n in counted if isinstance(n, int)) == figures["marked"]
