"""What is known of a day, and when contact about it is due."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from attendance_contracts.calendar import Session
from notification_service.contacts.domain import Episode, Fact, Stands, as_it_stands, fold, opened
from notification_service.recipients.domain import State
from notification_service.schools.domain import Hours
from notification_testing.facts import MONDAY, Pupil, at

HOURS = Hours(time(8, 45), time(13), register_open_minutes=30, contact_grace_minutes=5)
AN_ID = UUID(int=1)


def an_episode(day: date = MONDAY, **facts: tuple[State, datetime]) -> Episode:
    return Episode(
        id=AN_ID,
        enrolment_id=uuid4(),
        child_id=uuid4(),
        school_id=uuid4(),
        date=day,
        facts={Session(session): Fact(*fact) for session, fact in facts.items()},
    )


@pytest.mark.parametrize(
    ("day", "session", "due"),
    [
        (date(2026, 9, 7), Session.AM, "2026-09-07T08:20Z"),  # summer time
        (date(2026, 9, 7), Session.PM, "2026-09-07T12:35Z"),
        (date(2026, 10, 23), Session.AM, "2026-10-23T08:20Z"),  # the last school day of summer time
        (date(2026, 10, 26), Session.AM, "2026-10-26T09:20Z"),  # the first of winter time
        (date(2027, 3, 26), Session.AM, "2027-03-26T09:20Z"),
        (date(2027, 3, 29), Session.AM, "2027-03-29T08:20Z"),
    ],
)
def test_contact_is_due_when_the_register_has_closed_and_the_grace_has_passed(
    day: date, session: Session, due: str
) -> None:
    assert HOURS.contact_from(day, session) == datetime.fromisoformat(due)


def test_contact_about_a_mark_that_arrives_later_is_due_at_once() -> None:
    episode = an_episode(AM=("unexplained", at("09:02")))

    assert episode.first_due_at(HOURS) == at("09:02")


def test_an_afternoon_joins_the_morning_and_its_due_time() -> None:
    episode = an_episode(AM=("unexplained", at("08:00")), PM=("unexplained", at("08:01")))

    assert episode.first_due_at(HOURS) == at("08:20")


def test_a_morning_that_was_explained_leaves_the_afternoon_its_own_due_time() -> None:
    episode = an_episode(AM=("explained", at("08:05")), PM=("unexplained", at("12:05")))

    assert episode.first_due_at(HOURS) == at("12:35")


@pytest.mark.parametrize(
    ("recorded_at", "is_first_day"),
    [
        (datetime(2026, 9, 7, 8, tzinfo=UTC), True),
        (datetime(2026, 9, 7, 22, 59, tzinfo=UTC), True),
        (datetime(2026, 9, 7, 23, 1, tzinfo=UTC), False),  # past midnight in England
        (datetime(2026, 9, 21, 8, tzinfo=UTC), False),
    ],
)
def test_an_absence_is_first_day_news_only_on_its_own_day_in_england(
    recorded_at: datetime, *, is_first_day: bool
) -> None:
    assert an_episode(AM=("unexplained", recorded_at)).is_first_day() is is_first_day


def test_an_absence_that_was_explained_from_the_start_opens_nothing() -> None:
    (news,) = fold([Pupil(uuid4()).absent(state="explained")]).values()

    assert opened(news, AN_ID) is None


def test_an_unexplained_absence_opens_one_episode_for_both_sessions() -> None:
    robin = Pupil(uuid4())
    (news,) = fold([robin.absent(), robin.absent(session=Session.PM)]).values()

    episode = opened(news, AN_ID)

    assert episode is not None
    assert episode.unexplained == [Session.AM, Session.PM]


@pytest.mark.parametrize(
    ("am", "pm", "stands"),
    [
        ("unexplained", None, Stands.MISSED),
        ("explained", None, Stands.EXPLAINED),
        ("settled", None, Stands.EXPLAINED),
        ("retracted", None, Stands.RETRACTED),
        ("withdrawn", None, Stands.HERE),
        ("explained", "unexplained", Stands.MISSED),
        ("withdrawn", "unexplained", Stands.MISSED),
        ("withdrawn", "explained", Stands.EXPLAINED),
        ("retracted", "settled", Stands.EXPLAINED),
        ("retracted", "withdrawn", Stands.RETRACTED),
        ("withdrawn", "withdrawn", Stands.HERE),
    ],
)
def test_what_stands_of_a_day_is_the_worst_of_its_sessions(
    am: State, pm: State | None, stands: Stands
) -> None:
    morning = an_episode(AM=(am, at("08:00")))
    day = (
        replace(morning, facts={**morning.facts, Session.PM: Fact(pm, at("12:05"))})
        if pm
        else morning
    )

    assert day.stands is stands


@pytest.mark.parametrize("word", ["explained", "withdrawn", "retracted"])
def test_of_a_session_in_which_nobody_looked_for_the_child_nothing_is_kept(word: str) -> None:
    robin = Pupil(uuid4())
    (missed,) = fold([robin.absent()]).values()
    (later,) = fold([robin.withdrawn(), getattr(robin, word)(session=Session.PM)]).values()
    episode = opened(missed, AN_ID)

    assert episode is not None
    assert episode.after(later).stands is Stands.HERE


def test_a_day_is_put_right_by_what_the_register_says_of_each_session() -> None:
    known = an_episode(AM=("unexplained", at("08:00")), PM=("unexplained", at("12:05")))
    states: list[State] = ["explained", "settled", "retracted", "withdrawn"]

    for state in states:
        news = as_it_stands(known, {Session.AM: state, Session.PM: "unexplained"}, now=at("14:00"))
        assert [(one.session, one.state) for one in news] == [(Session.AM, state)]
    assert as_it_stands(known, dict.fromkeys(Session, "unexplained"), now=at("14:00")) == []


def test_a_day_without_marks_takes_back_what_was_known_and_nothing_else() -> None:
    known = an_episode(AM=("unexplained", at("08:00")))

    (news,) = as_it_stands(known, {}, now=at("14:00"))

    assert (news.session, news.state) == (Session.AM, "retracted")
    assert as_it_stands(an_episode(), {Session.AM: "explained"}, now=at("14:00")) == []


def test_one_event_tells_of_many_children() -> None:
    school, first, second = uuid4(), uuid4(), uuid4()
    both = replace(Pupil(school).absent(), enrolments=(first, second), children=(second, first))

    days = fold([both])

    assert [(key, day.child_id) for key, day in days.items()] == sorted(
        [((first, MONDAY), second), ((second, MONDAY), first)]
    )
    assert {day.school_id for day in days.values()} == {school}


def test_what_was_taken_back_within_a_batch_was_never_said() -> None:
    robin = Pupil(uuid4())
    (news,) = fold([robin.absent(), robin.withdrawn()]).values()

    assert opened(news, AN_ID) is None


def test_each_school_of_a_dual_registered_child_has_an_episode_of_its_own() -> None:
    child = uuid4()
    main, subsidiary = (Pupil(uuid4(), child_id=child) for _ in range(2))

    assert len(fold([main.absent(), subsidiary.absent()])) == 2


@given(
    st.lists(
        st.tuples(st.sampled_from(Session), st.sampled_from(("absent", "explained", "withdrawn"))),
        min_size=1,
    ),
    st.integers(min_value=0),
)
def test_however_the_events_are_cut_into_batches_the_last_word_stands(
    words: list[tuple[Session, str]], cut: int
) -> None:
    robin = Pupil(uuid4())
    events = [getattr(robin, word)(session=session) for session, word in words]
    whole = fold(events)[robin.enrolment_id, MONDAY]
    cut %= len(events)

    facts: dict[Session, Fact] = {}
    for batch in (events[:cut], events[cut:]):
        for day in fold(batch).values():
            facts.update(day.facts)

    assert facts == whole.facts
