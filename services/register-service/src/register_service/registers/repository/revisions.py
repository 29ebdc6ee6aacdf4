"""The history of marks: what was written over what, with reason and amender (reg 10)."""

from collections.abc import Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Final, NamedTuple

from sqlalchemy import text

from attendance_runtime.database import SqlSession
from register_service.registers.domain import Amendment, Draft
from register_service.roll.domain import Pupil

FIRST_AMENDMENT: Final = 2
"""The revision that the first amendment of a mark makes."""


class Revision(NamedTuple):
    """One entry of a mark: over which code, which one, and the words that came with it.

    Without a code before it is the first entry, or follows one that was taken back; without a code
    it takes one back.
    """

    draft: Draft
    pupil: Pupil
    previous: str | None
    code: str | None
    revision: int
    amendment: Amendment | None

    def row(self) -> dict[str, object]:
        """Return it as the statement takes it."""
        return {
            "enrolment_id": self.pupil.enrolment_id,
            "date": self.draft.order.at.day,
            "session": self.draft.order.at.session.value,
            "revision": self.revision,
            "previous": self.previous,
            "code": self.code,
            "amended_by": self.draft.order.sender.subject,
            **asdict(self.amendment or Amendment()),
        }


_KEEP_REVISIONS = text("""
    INSERT INTO mark_revisions (enrolment_id, date, session, revision, previous_code, code,
                                reason, amender_name, amender_title, amended_by, recorded_at)
    SELECT *, :now
    FROM unnest(
        CAST(:enrolment_id AS uuid[]), CAST(:date AS date[]), CAST(:session AS text[]),
        CAST(:revision AS integer[]), CAST(:previous AS text[]), CAST(:code AS text[]),
        CAST(:reason AS text[]), CAST(:name AS text[]), CAST(:title AS text[]),
        CAST(:amended_by AS text[])
    )
""")


async def keep_revisions(db: SqlSession, revisions: Sequence[Revision], *, now: datetime) -> None:
    """Keep entries, if there are any."""
    if revisions:
        rows = [revision.row() for revision in revisions]
        columns = {name: [row[name] for row in rows] for name in rows[0]}
        await db.execute(_KEEP_REVISIONS, columns | {"now": now})
