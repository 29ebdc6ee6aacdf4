"""What later facts make of a case: its threshold is withdrawn, the school has another lead."""

from uuid import UUID

from attendance_contracts.events import CaseAssigned, CaseClosed, CaseOpened
from attendance_runtime.access import Principal
from attendance_runtime.database import SqlSession
from escalation_service.cases import repository, use_cases
from escalation_service.cases.domain import Case, Outcome
from escalation_service.decisions.repository import decisions_on
from escalation_testing.facts import NOW, AChild, ASchool, announced, consume

LEAD = Principal("lead-7", "authority:332", frozenset({"case.write"}))


async def case_of(db: SqlSession, child: AChild) -> Case:
    [met, *_] = await decisions_on(db, child.id)
    return (await repository.cases_opened_by(db, [met.id]))[met.id]


async def correct(db: SqlSession, child: AChild) -> None:
    """Say that the child was there at the first of the twenty sessions."""
    day, half = next(iter(child.school.marks))[1:]
    await consume(db, [child.school.records(day, half, {child.id: "/"})])


async def news_of(db: SqlSession, child: UUID) -> list[type]:
    return [type(event) for event in await announced(db, child)]


async def test_a_case_that_somebody_worked_on_stays_open_and_shows_the_withdrawal(
    db: SqlSession, child: AChild
) -> None:
    case = await case_of(db, child)
    order = use_cases.AssignCase(case_id=case.id, version=case.version, to="officer-1")
    await use_cases.assign_case(db, LEAD, order, now=NOW)

    await correct(db, child)

    case = await case_of(db, child)
    assert case.is_open
    assert case.threshold_withdrawn_at == NOW
    assert CaseClosed not in await news_of(db, child.id)


async def test_a_closed_case_is_left_as_it_is_by_a_withdrawal(
    db: SqlSession, child: AChild
) -> None:
    case = await case_of(db, child)
    order = use_cases.CloseCase(
        case_id=case.id, version=case.version, outcome=Outcome.RESOLVED, note=None
    )
    closed = await use_cases.close_case(db, LEAD, order, now=NOW)
    await correct(db, child)
    assert await case_of(db, child) == closed.case


async def test_a_lead_named_later_is_given_the_case_then(db: SqlSession) -> None:
    child = AChild(school=ASchool(lead=None))
    await consume(db, child.facts())
    assert await news_of(db, child.id) == [CaseOpened]

    child.school.lead = "lead-9"
    await consume(db, [child.school.changed(version=2)])
    *_, assigned = await announced(db, child.id)
    assert isinstance(assigned, CaseAssigned)
    assert assigned.assigned_to == "lead-9"


async def test_another_lead_does_not_take_over_cases_that_somebody_has(
    db: SqlSession, child: AChild
) -> None:
    before = await announced(db, child.id)
    child.school.lead = "lead-9"
    await consume(db, [child.school.changed(version=2)])
    assert await announced(db, child.id) == before
