"""The statement that finds whom to ask leaves out nobody for whom the rule decides."""

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from uuid_utils.compat import uuid7

from attendance_contracts.calendar import Session, london_date
from attendance_contracts.events import RegisterRecorded
from attendance_runtime.database import SqlSession
from attendance_testing.databases import rolled_back
from escalation_service.absences.domain import EnrolmentYear, ledger_changes
from escalation_service.decisions.domain import Kind
from escalation_service.decisions.repository import decisions_on
from escalation_service.measures.domain import Sessions
from escalation_service.policies.domain import Policies, Policy, Rule
from escalation_service.thresholds import domain, repository
from escalation_testing.facts import (
    NOW,
    SCHOOL_DAYS,
    YEAR,
    ASchool,
    announced,
    both_sessions,
    consume,
)

DAYS = SCHOOL_DAYS[:4]
SESSIONS = both_sessions(DAYS)
CODES = ("/", "I", "N", "O", "U")
LOW = Rule(name="low", title="Low", measure=Sessions(count=("N", "O", "U"), sessions=3))
ILL = Rule(name="ill", title="Ill", measure=Sessions(count=("I",), sessions=2))
POLICIES = Policies(
    tuple(
        Policy(
            name=f"policy-{authority}",
            version=1,
            authority=authority,
            in_force_from=date(2026, 9, 1),
            source="A guide",
            rules=rules,
        )
        for authority, rules in (("332", (LOW, ILL)), ("822", (ILL,)))
    )
)

Sent = tuple[int, int, str]
"""A child's number, a session's number and a code."""

sent_marks = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, len(SESSIONS) - 1), st.sampled_from(CODES)),
    max_size=24,
)
batches = st.lists(sent_marks, min_size=1, max_size=4)
calendars = st.lists(st.sampled_from(DAYS), unique=True, max_size=len(DAYS))
ends = st.one_of(st.none(), st.sampled_from(DAYS))

on_the_database = settings(
    max_examples=60,
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)


def recorded(
    school: ASchool, children: Sequence[UUID], marks: Sequence[Sent]
) -> list[RegisterRecorded]:
    return [
        school.records(*SESSIONS[place], {children[child]: code}) for child, place, code in marks
    ]


async def asked_and_decided(
    db: SqlSession, children: Sequence[UUID], events: Sequence[RegisterRecorded] | None
) -> tuple[set[EnrolmentYear], set[EnrolmentYear]]:
    """Whom the statement finds after some registers (None: after a fact), and who is decided on."""
    years = [EnrolmentYear(child, YEAR) for child in sorted(children)]
    today = london_date(NOW)
    rules = domain.rules_in_force(POLICIES, {YEAR}, today)
    changes = ledger_changes(events or (), POLICIES.codes)
    touched, lowered = (changes.touched, changes.lowered) if events else (years, years)
    asked = await repository.whom_to_ask(db, touched, rules, lowered=lowered)
    decided = {
        EnrolmentYear(history.enrolment_id, YEAR)
        for history in await repository.histories(db, years)
        if domain.evaluate(
            POLICIES.for_year(history.authority, YEAR, today), history, now=NOW, new_id=uuid7
        )
    }
    return set(asked), decided


async def standing_rules(db: SqlSession, child: UUID) -> set[str]:
    return {
        decision.basis.rule.name
        for decision in await decisions_on(db, child)
        if decision.kind is Kind.MET and decision.withdrawn_by is None
    }


@on_the_database
@given(
    batches=batches,
    authority=st.sampled_from(["332", "822", "926"]),
    days=st.tuples(calendars, calendars),
    ends_on=ends,
)
async def test_the_statement_asks_about_everybody_for_whom_the_rule_decides(
    db: SqlSession,
    batches: list[list[Sent]],
    authority: str,
    days: tuple[list[date], list[date]],
    ends_on: date | None,
) -> None:
    """No policies are in force while the facts are saved, so that the question is still open."""
    async with rolled_back(db.savepoint()):
        school = ASchool(authority=authority)
        children = [uuid7() for _ in range(3)]
        roll = [school.enrols(child, ends_on=ends_on) for child in children]
        await consume(db, [school.changed(), school.calendar(days[0]), *roll])
        for marks in batches:
            events = recorded(school, children, marks)
            await consume(db, events, policies=Policies(()))
            asked, decided = await asked_and_decided(db, children, events)
            assert asked >= decided
            await consume(db, events, policies=POLICIES)
        changed = school.calendar(days[1], version=2)
        await consume(db, [changed], policies=Policies(()))
        asked, decided = await asked_and_decided(db, children, None)
        assert asked >= decided


@st.composite
def two_orders(draw: st.DrawFn) -> tuple[list[Sent], list[Sent]]:
    """The same corrections in two orders; each mark's own keep theirs, as on their partition."""
    marks = draw(sent_marks)
    again = draw(st.permutations(marks))
    chains: dict[tuple[int, int], list[Sent]] = {}
    for mark in marks:
        chains.setdefault(mark[:2], []).append(mark)
    return marks, [chains[mark[:2]].pop(0) for mark in again]


def reached(marks: Sequence[Sent], child: int) -> set[str]:
    """The rules whose thresholds a child's last codes reach."""
    final = {place: code for sent, place, code in marks if sent == child}
    return {
        rule
        for rule, codes, sessions in (("low", "NOU", 3), ("ill", "I", 2))
        if sum(code in codes for code in final.values()) >= sessions
    }


def cut(marks: Sequence[Sent], sizes: Sequence[int]) -> list[Sequence[Sent]]:
    pieces, start = [], 0
    for size in sizes:
        pieces.append(marks[start : start + size])
        start += size
    return [*pieces, marks[start:]]


@on_the_database
@given(
    orders=two_orders(),
    sizes=st.lists(st.integers(1, 6), max_size=5),
    facts_first=st.integers(0, 3),
)
async def test_any_order_of_the_same_corrections_ends_the_same(
    db: SqlSession,
    orders: tuple[list[Sent], list[Sent]],
    sizes: list[int],
    facts_first: int,
) -> None:
    """Cut into any batches, each delivered twice, with the facts about the school anywhere."""
    async with rolled_back(db.savepoint()):
        ends: list[Mapping[int, set[str]]] = []
        for marks, pieces in ((orders[0], []), (orders[1], sizes)):
            school = ASchool()
            children = [uuid7() for _ in range(3)]
            facts: list[object] = [
                school.changed(),
                school.calendar(DAYS),
                *(school.enrols(child) for child in children),
            ]
            await consume(db, facts[:facts_first], policies=POLICIES)
            for piece in cut(marks, pieces):
                events = recorded(school, children, piece)
                for _ in range(2):
                    await consume(db, events, policies=POLICIES)
            await consume(db, facts, policies=POLICIES)
            ends.append({n: await standing_rules(db, child) for n, child in enumerate(children)})
            assert ends[-1] == {number: reached(marks, number) for number in range(3)}
        assert ends[0] == ends[1]


@on_the_database
@given(batches=batches)
async def test_every_threshold_that_stands_has_one_open_case_and_no_other_has(
    db: SqlSession, batches: list[list[Sent]]
) -> None:
    async with rolled_back(db.savepoint()):
        school = ASchool()
        children = [uuid7() for _ in range(3)]
        roll = [school.enrols(child) for child in children]
        await consume(db, [school.changed(), school.calendar(DAYS), *roll])
        for marks in batches:
            await consume(db, recorded(school, children, marks), policies=POLICIES)
        for child in children:
            told = [type(event).__name__ for event in await announced(db, child)]
            standing = len(await standing_rules(db, child))
            assert told.count("CaseOpened") - told.count("CaseClosed") == standing
            assert told.count("CaseAssigned") == told.count("CaseOpened")


@pytest.mark.parametrize("half", list(Session))
async def test_both_halves_of_a_day_count(db: SqlSession, half: Session) -> None:
    """Morning and afternoon must be where the calendar has them."""
    school, child = ASchool(), uuid7()
    await consume(db, [school.changed(), school.calendar(DAYS), school.enrols(child)])
    events = [school.records(day, half, {child: "O"}) for day in DAYS[:3]]
    await consume(db, events, policies=POLICIES)
    assert await standing_rules(db, child) == {"low"}
