"""The played days, replayed under the rule of two masters: the school's system and its office."""

from collections import Counter
from datetime import date, time

import pytest

from attendance_contracts.calendar import LONDON, Session
from attendance_contracts.codes import UNAUTHORISED
from demo_authority.authority.generator import DemoAuthority, generate
from demo_authority.authority.marks import registers
from demo_authority.authority.model import Amendment, Event, EventKind, Register

Cell = tuple[int, date, Session]


class Replay:
    """Marks as they stand after each event; a push changes only what differs from the last."""

    def __init__(self, authority: DemoAuthority) -> None:
        self.pushed: dict[Cell, str] = {}
        self.current: dict[Cell, str] = {}
        self.unauthorised: Counter[int] = Counter()
        self.crossed: list[int] = []
        self.fell_back: list[int] = []
        self.resent_marks_out_of_date = 0
        for register in registers(
            authority.roll, authority.marks, first=date.min, last=authority.marks.play_from
        ):
            if register.day < authority.marks.play_from:
                for enrolment, code in zip(register.enrolments, register.codes, strict=True):
                    self.unauthorised[enrolment] += code in UNAUTHORISED

    def apply(self, event: Event) -> None:
        payload = event.payload
        if isinstance(payload, Amendment):
            cell = (payload.enrolment, event.day, event.session)
            assert self.current[cell] == payload.previous
            self._set(cell, payload.code)
            return
        for enrolment, code in zip(payload.enrolments, payload.codes, strict=True):
            cell = (enrolment, event.day, event.session)
            if event.kind is EventKind.RESENT_REGISTER:
                self.resent_marks_out_of_date += self.current[cell] != code
            if self.pushed.get(cell) != code:
                self.pushed[cell] = code
                self._set(cell, code)

    def _set(self, cell: Cell, code: str) -> None:
        enrolment, before = cell[0], self.unauthorised[cell[0]]
        self.unauthorised[enrolment] -= self.current.get(cell) in UNAUTHORISED
        self.current[cell] = code
        self.unauthorised[enrolment] += code in UNAUTHORISED
        if before < 20 <= self.unauthorised[enrolment]:
            self.crossed.append(enrolment)
        if before >= 20 > self.unauthorised[enrolment]:
            self.fell_back.append(enrolment)


@pytest.fixture(scope="module")
def replayed(authority: DemoAuthority) -> Replay:
    """Return the whole timeline replayed."""
    replay = Replay(authority)
    for event in authority.timeline:
        replay.apply(event)
    return replay


def _final(authority: DemoAuthority) -> dict[Cell, str]:
    marks = authority.marks
    return {
        (enrolment, register.day, register.session): code
        for register in registers(authority.roll, marks, first=marks.play_from, last=marks.upto)
        for enrolment, code in zip(register.enrolments, register.codes, strict=True)
    }


def test_events_come_in_order_and_on_played_days_only(authority: DemoAuthority) -> None:
    moments = [event.at for event in authority.timeline]
    assert moments == sorted(moments)
    assert all(at.tzinfo is LONDON for at in moments)
    assert moments[0].date() == authority.marks.play_from
    assert moments[-1].date() == authority.marks.upto
    assert all(time(8, 30) < at.time() < time(16, 0) for at in moments)


def test_replayed_events_end_in_the_final_marks(authority: DemoAuthority, replayed: Replay) -> None:
    assert replayed.current == _final(authority)


def test_replayed_events_end_in_the_final_marks_however_few_days_are_played() -> None:
    for played_days in (1, 2):
        small = generate(pupils=400, played_days=played_days, seed=5)
        replay = Replay(small)
        for event in small.timeline:
            replay.apply(event)
        assert replay.current == _final(small)


def test_children_placed_near_the_threshold_cross_it_and_the_explained_fall_back(
    authority: DemoAuthority, replayed: Replay
) -> None:
    near = authority.marks.near
    assert set(near.drifting) | set(near.explained) <= set(replayed.crossed)
    assert set(near.explained) <= set(replayed.fell_back)


def test_the_morning_has_late_arrivals_and_corrections_before_and_after_contact(
    authority: DemoAuthority,
) -> None:
    schools = authority.roll.school_by_urn
    arrivals, early, late, later_days = 0, 0, 0, 0
    for event in authority.timeline:
        arrivals += event.kind is EventKind.LATE_ARRIVAL
        if event.kind is EventKind.CORRECTION and event.session is Session.AM:
            settings = schools[event.school_urn].settings
            start = settings.am_starts_at
            minutes = (event.at.hour - start.hour) * 60 + event.at.minute - start.minute
            due = settings.register_open_minutes + settings.contact_grace_minutes
            later_days += event.at.date() > event.day
            early += event.at.date() == event.day and minutes < due
            late += event.at.date() == event.day and minutes >= due
    assert min(arrivals, early, late, later_days) > 50


def test_some_children_marked_absent_by_mistake_were_there(authority: DemoAuthority) -> None:
    mistakes = [
        event.payload
        for event in authority.timeline
        if isinstance(event.payload, Amendment) and event.payload.code in {"/", "\\"}
    ]
    assert 2 < len(mistakes) < 100
    assert all(amendment.previous == "N" and amendment.reason for amendment in mistakes)


def test_one_school_never_sends_and_another_sends_an_old_register_again(
    authority: DemoAuthority,
) -> None:
    silent = authority.marks.silent_school
    assert all(event.school_urn != silent for event in authority.timeline)
    resent = [e for e in authority.timeline if e.kind is EventKind.RESENT_REGISTER]
    assert len({event.school_urn for event in resent}) == 1
    assert all(event.at.date() > event.day for event in resent)


def test_the_register_sent_again_is_older_than_an_office_correction(replayed: Replay) -> None:
    assert replayed.resent_marks_out_of_date > 0


def test_the_share_of_unknown_reasons_can_be_chosen() -> None:
    def first_n(share: float) -> int:
        events = generate(pupils=600, unexplained_share=share, played_days=2).timeline
        return sum(e.payload.codes.count("N") for e in events if isinstance(e.payload, Register))

    assert first_n(1.0) > 1.2 * first_n(0.5) > 1.2 * first_n(0.0)
