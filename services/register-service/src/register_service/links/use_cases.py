"""What can be done with links between enrolments: propose, read, decide."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from attendance_runtime import access
from attendance_runtime.access import Principal, rights
from attendance_runtime.access.rights import Right
from attendance_runtime.database import SqlSession
from attendance_runtime.errors import Conflict, NotFound, PreconditionFailed
from attendance_runtime.messaging import outbox
from register_service.care import use_cases as care
from register_service.links import domain, repository
from register_service.links.domain import Decide, Proposal, Question, State
from register_service.roll import repository as roll
from register_service.roll.domain import enrolment_changed


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A question, and whether its reader decides on it and so sees both schools' words."""

    question: Question
    decides: bool


async def propose(
    db: SqlSession, proposals: Sequence[Proposal], changed: Sequence[UUID], *, now: datetime
) -> None:
    """Keep what must be asked of a person, and ask again what was refused on other facts.

    `changed` are the children of whom a school says another date of birth or surname now.
    """
    refused = await repository.refused_pairs(db, changed)
    again = [
        Proposal(
            newcomer_enrolment=pair.newcomer_enrolment,
            earlier_enrolment=pair.earlier_enrolment,
            differing=domain.differing(pair.newcomer, pair.earlier),
        )
        for pair in refused
    ]
    await repository.add_proposals(db, [*proposals, *again], now=now)


async def read_proposals(
    db: SqlSession,
    principal: Principal,
    state: State,
    *,
    after: UUID,
    limit: int,
    now: datetime,
) -> list[Seen]:
    """Return the links proposed to children whom a caller's schools knew earlier, oldest first.

    The read is logged.
    """
    today = access.today(now)
    schools = await access.every_object_reached(db, principal, rights.LINK_READ, today=today)
    decides = await access.every_object_reached(db, principal, rights.LINK_DECIDE, today=today)
    questions = await repository.questions_at(db, schools, state, after=after, limit=limit)
    seen = [Seen(question=one, decides=_school_of(one) in decides) for one in questions]
    await _log_read(db, principal, seen)
    return seen


async def read_proposal(
    db: SqlSession, principal: Principal, proposal_id: UUID, *, now: datetime
) -> Seen:
    """Return one proposed link to whoever sees the earlier school's roll; the read is logged."""
    question = await _question_for(db, principal, rights.LINK_READ, proposal_id, now=now)
    decides = await access.objects_reached(
        db,
        principal,
        rights.LINK_DECIDE,
        objects=[_school_of(question)],
        today=access.today(now),
    )
    seen = Seen(question=question, decides=bool(decides))
    await _log_read(db, principal, [seen])
    return seen


async def decide(
    db: SqlSession, principal: Principal, command: Decide, *, now: datetime
) -> Question:
    """Confirm or refuse a link; confirmed, the newcomer's enrolments are the earlier child's.

    The same decision sent twice is taken once. Raises `Conflict` for another one on what is
    settled, and where a school would have the one child twice; `PreconditionFailed` when a school
    has changed what the decision rests on.
    """
    asked = command.proposal_id
    question = await _question_for(db, principal, rights.LINK_DECIDE, asked, now=now)
    upns = await repository.lock_schools(db, question)
    await care.lock_waiting(db, upns, question.children)
    await repository.lock_children(db, question)
    question = await _question_for(db, principal, rights.LINK_DECIDE, asked, now=now)
    if question.is_settled_as(command.decision, principal.organisation):
        return question
    if question.state != "proposed":
        raise Conflict("This has been settled; read it again to see how.")
    if question.version != command.version_seen:
        raise PreconditionFailed("A school has said something else meanwhile; read it again.")
    if command.decision == "confirmed":
        await _require_one_place_each(db, question)
    await repository.save_decision(db, command, principal, now=now)
    if command.decision == "confirmed":
        await _make_one(db, question, upns, now=now)
    return await _question_for(db, principal, rights.LINK_DECIDE, asked, now=now)


async def _require_one_place_each(db: SqlSession, question: Question) -> None:
    if domain.are_side_by_side(await roll.enrolments_of(db, question.children)):
        raise Conflict(
            "A school would have this child on its roll twice at once. Refuse the link, or let the "
            "school say on which day one of the two places ended."
        )


async def _make_one(
    db: SqlSession, question: Question, upns: Sequence[str], *, now: datetime
) -> None:
    """Move everything of the newcomer's child to the earlier one's, and tell everybody."""
    newcomer, child = question.children
    moved = await roll.move_enrolments(db, newcomer, child)
    await repository.overtake_proposals(db, child)
    await outbox.announce(db, [enrolment_changed(one) for one in moved], now=now)
    await care.follow_child(db, newcomer, child, now=now)
    await care.judge_again(db, upns, [child], now=now)


async def _question_for(
    db: SqlSession, principal: Principal, right: Right, proposal_id: UUID, *, now: datetime
) -> Question:
    question = await repository.find_question(db, proposal_id)
    if question is None:
        raise NotFound("There is nothing here that this token may see.")
    school, today = _school_of(question), access.today(now)
    await access.require(db, principal, right, objects=[school], today=today)
    return question


def _school_of(question: Question) -> UUID:
    """Return the school whose relations open a question: the one that knew the child earlier."""
    return question.earlier.enrolment.school_id


async def _log_read(db: SqlSession, principal: Principal, seen: Sequence[Seen]) -> None:
    children = {one.question.earlier.enrolment.child_id for one in seen}
    children |= {one.question.newcomer.enrolment.child_id for one in seen if one.decides}
    await access.log_read(db, principal, rights.LINK_READ, sorted(children))
