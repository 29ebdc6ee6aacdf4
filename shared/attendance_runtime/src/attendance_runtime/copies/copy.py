"""`Copy`: what another service says of each of its things, kept in a table at its newest version.

An event tells the whole state of a thing, numbered by its owner. Events come late, twice and in any
order, and a dead letter is settled by the state of now: what is older than known changes nothing,
whoever brings it (ADR 35). What follows from a change is each service's own.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Final, Generic, NamedTuple, TypeAlias, TypeVar, get_type_hints

import msgspec
from sqlalchemy import Table, TextClause, text
from sqlalchemy.dialects import postgresql

from attendance_runtime.database import SqlSession
from attendance_runtime.versions import Versioned, newest

E = TypeVar("E", bound=Versioned)

Row: TypeAlias = Mapping[str, object]
"""A row of a copy, by its columns."""

_DIALECT: Final = postgresql.dialect()  # type: ignore[no-untyped-call] # SQLAlchemy's own


class Change(NamedTuple, Generic[E]):
    """An event that stands now, the row it found (None: nothing was known) and the one it left."""

    event: E
    before: Row | None
    after: Row

    def is_in(self, columns: Sequence[str]) -> bool:
        """Whether one of these columns says something else than before, or anything at all."""
        before = self.before or {}
        return any(before.get(column) != self.after[column] for column in columns)


@dataclass(frozen=True, slots=True)
class Kept(Generic[E]):
    """What a batch has made of a copy: a change of each thing, in the order of their keys.

    Nothing is in it of what was known by a newer version. The same version once more is in it.
    """

    changes: Sequence[Change[E]]

    @property
    def newer(self) -> list[E]:
        """The events that stand now."""
        return [change.event for change in self.changes]

    def new_or_other(self, *columns: str) -> list[E]:
        """Return those of what is new, or of which one of the columns says something else now."""
        return [
            change.event
            for change in self.changes
            if change.before is None or change.is_in(columns)
        ]

    def other(self, *columns: str) -> list[E]:
        """Return those of what was known, and of which one of the columns says something else."""
        return [
            change.event
            for change in self.changes
            if change.before is not None and change.is_in(columns)
        ]


class Copy(Generic[E]):
    """A service's copy of what one kind of event tells of.

    Its table names what is kept: a column holds the event's field of its name. The primary key
    holds the fields of `key`, in their order; one of the columns is `version`.

    Args:
        table: the service's own.
        of: the kind of event.
        key: the fields that say which thing an event tells of.
        columns: what is worked out of an event instead, by column.

    Raises:
        TypeError: a column is left that nothing fills, or one is worked out that is not there.
    """

    def __init__(
        self,
        table: Table,
        *,
        of: type[E],
        key: str | tuple[str, ...],
        columns: Mapping[str, Callable[[E], object]] | None = None,
    ) -> None:
        fields = (key,) if isinstance(key, str) else key
        names = table.columns.keys()
        keys = table.primary_key.columns.keys()
        given = columns or {}
        field_of = {name: name for name in names} | dict(zip(keys, fields, strict=True))
        told = get_type_hints(of)
        unfilled = [name for name in names if name not in given and field_of[name] not in told]
        if unfilled or not given.keys() <= field_of.keys():
            raise TypeError(
                f"{of.__name__} fills {table.name} but for {unfilled}, from {[*given]}."
            )
        self._values = {name: given.get(name, attrgetter(field_of[name])) for name in names}
        self._key_of = attrgetter(*fields)
        self._key_in = itemgetter(*keys)
        self._statement = _statement(table)

    async def keep(self, db: SqlSession, events: Iterable[E]) -> Kept[E]:
        """Keep the newest that these events say of each thing, unless something newer is known.

        The same version once more is kept once more: it mends a row that was damaged, and fills
        columns that have been added since.
        """
        told = newest(events, self._key_of)
        rows = [
            {name: value_of(event) for name, value_of in self._values.items()}
            for event in told.values()
        ]
        found = await db.execute(self._statement, {"rows": msgspec.json.encode(rows).decode()})
        changes: list[Change[E]] = []
        for row in found:
            after = dict(zip(self._values, row, strict=False))
            before = dict(zip(self._values, row[len(after) :], strict=True))
            known = before["version"] is not None
            changes.append(Change(told[self._key_in(after)], before if known else None, after))
        return Kept(changes)


def _statement(table: Table) -> TextClause:
    """Return the statement that keeps the rows of a JSON array, in the order of their keys.

    One order for everybody: two workers with the same things would otherwise wait for each other.
    """
    names = table.columns.keys()
    keys = table.primary_key.columns.keys()
    types = [f"{one.name} {one.type.compile(_DIALECT)}" for one in table.columns]
    replaced = [f"{name} = excluded.{name}" for name in names if name not in keys]
    found = [f"old.{name} AS before_{name}" for name in names]
    left = [f"new.{name}" for name in names]
    return text(f"""
        INSERT INTO {table.name} AS known ({", ".join(names)})
        SELECT {", ".join(names)}
        FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS told ({", ".join(types)})
        ORDER BY {", ".join(keys)}
        ON CONFLICT ({", ".join(keys)}) DO UPDATE SET {", ".join(replaced)}
        WHERE known.version <= excluded.version
        RETURNING {", ".join([*left, *found])}
    """)  # noqa: S608 - the names of our own tables
