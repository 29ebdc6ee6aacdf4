"""The marks and registers of a generated authority."""

from collections import Counter, defaultdict
from datetime import date, timedelta

from attendance_contracts.codes import ABSENCE, NO_MARK, UNAUTHORISED, code_on, numbers_of
from demo_authority.authority.generator import DemoAuthority
from demo_authority.authority.marks import LETTERS, registers

THRESHOLD = 20
UNAUTHORISED_BYTES = numbers_of(UNAUTHORISED)


def _unauthorised(authority: DemoAuthority, enrolment: int, upto: date) -> int:
    marks = authority.marks
    sessions = marks.sessions[authority.roll.enrolments[enrolment].school_urn]
    return sum(
        mark in UNAUTHORISED_BYTES
        for mark, (day, _) in zip(marks.rows[enrolment], sessions, strict=True)
        if day <= upto
    )


def test_no_child_has_two_marks_for_one_session_at_one_school(authority: DemoAuthority) -> None:
    marks = authority.marks
    seen: set[tuple[int, str, date, str]] = set()
    count = 0
    for register in registers(
        authority.roll, marks, first=date(2026, 10, 1), last=date(2026, 10, 14)
    ):
        for child in register.children:
            seen.add((child, register.school_urn, register.day, register.session))
            count += 1
    assert count == len(seen) > 90_000


def test_a_whole_schools_register_holds_its_classes_marks(authority: DemoAuthority) -> None:
    day = date(2026, 11, 10)
    by_class: dict[tuple[str, str], dict[int, str]] = defaultdict(dict)
    for register in registers(authority.roll, authority.marks, first=day, last=day):
        codes = zip(register.enrolments, register.codes, strict=True)
        by_class[register.school_urn, register.session].update(codes)
    whole = registers(authority.roll, authority.marks, first=day, last=day, whole_schools=True)
    assert {
        (r.school_urn, r.session): dict(zip(r.enrolments, r.codes, strict=True)) for r in whole
    } == by_class


def test_every_code_is_in_force_and_allowed_in_its_session(authority: DemoAuthority) -> None:
    day = date(2026, 9, 2)
    marks = authority.marks
    for enrolment in authority.roll.enrolments:
        sessions = marks.sessions[enrolment.school_urn]
        for n, half in enumerate(("AM", "PM")):
            for mark in set(marks.rows[enrolment.key][n::2]) - {NO_MARK}:
                code = code_on(LETTERS[mark], day)
                assert code is not None
                assert half in code.sessions
        assert len(marks.rows[enrolment.key]) == len(sessions)


def test_marks_stand_only_while_on_roll(authority: DemoAuthority) -> None:
    marks = authority.marks
    for enrolment in authority.roll.enrolments:
        sessions = marks.sessions[enrolment.school_urn]
        for mark, (day, _) in zip(marks.rows[enrolment.key], sessions, strict=True):
            on_roll = enrolment.starts_on <= day <= (enrolment.ends_on or date.max)
            assert (mark != NO_MARK) == on_roll


def test_a_dual_registered_child_has_d_at_the_school_not_hosting_it(
    authority: DemoAuthority,
) -> None:
    marks = authority.marks
    shared = [e for e in authority.roll.enrolments if len(e.weekdays) < 5]
    assert shared
    for enrolment in shared:
        sessions = marks.sessions[enrolment.school_urn]
        for mark, (day, _) in zip(marks.rows[enrolment.key], sessions, strict=True):
            if mark != NO_MARK:
                elsewhere = day.weekday() not in enrolment.weekdays
                assert (LETTERS[mark] == "D") == elsewhere


def test_late_marks_have_minutes_and_no_others_do(authority: DemoAuthority) -> None:
    marks = authority.marks
    late = {
        (key, index)
        for key, row in marks.rows.items()
        for index, mark in enumerate(row)
        if LETTERS.get(mark) in {"L", "U"}
    }
    assert late == set(marks.minutes_late)
    for (key, index), minutes in marks.minutes_late.items():
        urn = authority.roll.enrolments[key].school_urn
        limit = authority.roll.school_by_urn[urn].settings.register_open_minutes
        assert (minutes > limit) == (LETTERS[marks.rows[key][index]] == "U")


def test_an_unexplained_absence_is_never_older_than_five_school_days(
    authority: DemoAuthority,
) -> None:
    marks = authority.marks
    for enrolment in authority.roll.enrolments:
        for index, mark in enumerate(marks.rows[enrolment.key]):
            if LETTERS.get(mark) == "N":
                assert index >= len(marks.rows[enrolment.key]) - 10


def test_wednesday_mornings_are_fullest_and_friday_afternoons_emptiest(
    authority: DemoAuthority,
) -> None:
    absent: Counter[tuple[int, str]] = Counter()
    every: Counter[tuple[int, str]] = Counter()
    for register in registers(
        authority.roll, authority.marks, first=date(2026, 9, 7), last=date(2026, 11, 27)
    ):
        key = (register.day.weekday(), register.session.value)
        every[key] += len(register.codes)
        absent[key] += sum(code in ABSENCE for code in register.codes)
    rates = {key: absent[key] / every[key] for key in every}
    assert min(rates, key=rates.__getitem__) == (2, "AM")
    assert max(rates, key=rates.__getitem__) == (4, "PM")
    assert 0.01 < rates[4, "PM"] - rates[2, "AM"] < 0.04


def test_children_on_free_school_meals_or_in_need_miss_more(authority: DemoAuthority) -> None:
    absence = numbers_of(ABSENCE)
    missed: Counter[str] = Counter()
    sessions: Counter[str] = Counter()
    for enrolment in authority.roll.enrolments:
        child = authority.roll.children[enrolment.child]
        row = authority.marks.rows[enrolment.key]
        groups = ["meals" if child.free_school_meals else "no meals"]
        groups += [status.kind for status in child.care] or ["no social worker"]
        for group in groups:
            missed[group] += sum(mark in absence for mark in row)
            sessions[group] += len(row)
    rate = {group: missed[group] / sessions[group] for group in sessions}
    assert 1.4 < rate["meals"] / rate["no meals"] < 2.4
    assert rate["CIN"] > 1.6 * rate["no social worker"]
    assert rate["LAC"] < rate["CIN"]


def test_some_children_cross_twenty_unauthorised_sessions_while_played(
    authority: DemoAuthority,
) -> None:
    eve = authority.marks.play_from - timedelta(days=1)
    assert len(authority.marks.near.drifting) >= 10
    for enrolment in authority.marks.near.drifting:
        assert 18 <= _unauthorised(authority, enrolment, eve) < THRESHOLD
        assert _unauthorised(authority, enrolment, authority.marks.upto) >= THRESHOLD


def test_some_children_stay_below_twenty_once_their_reason_is_known(
    authority: DemoAuthority,
) -> None:
    assert len(authority.marks.near.explained) >= 3
    for enrolment in authority.marks.near.explained:
        assert 18 <= _unauthorised(authority, enrolment, authority.marks.upto) < THRESHOLD


def test_the_silent_school_has_history_but_no_played_register(authority: DemoAuthority) -> None:
    marks = authority.marks
    assert marks.silent_school is not None
    assert max(day for day, _ in marks.sessions[marks.silent_school]) < marks.play_from
