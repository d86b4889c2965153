"""Statements that are put together once in a process; afterwards only their values change.

Putting a statement together costs Django many times what running it costs. A hot read is written
as any other queryset, with `Given` wherever a value comes with the call, and kept as a `Compiled`:

    _OF_LEARNER = Compiled(lambda: Participation.objects.filter(learner=Given("learner", BigAutoField())))
    rows = _OF_LEARNER(learner=user.pk)

It gives the same rows as the queryset would, deferred fields, joins and annotations included. A hot
write is `insert(row)` or `update(row, "field")`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, DatabaseError, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.utils import CursorWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators
from django.db.models.sql import InsertQuery, UpdateQuery
from django.db.models.sql.compiler import SQLCompiler
from django.db.transaction import TransactionManagementError

Row = TypeVar("Row", bound=Model)
Converters = tuple[tuple[int, tuple[Callable[..., Any], ...], Any], ...]


class Given(Expression):
    """The place of a value in a statement; each call names the value. The field prepares it."""

    def __init__(self, name: str, field: Field[Any, Any]) -> None:
        super().__init__(output_field=field)
        self.name = name
        self.kind = field

    def as_sql(  # type: ignore[override]
        self, compiler: SQLCompiler, connection: BaseDatabaseWrapper
    ) -> tuple[str, list[Any]]:
        """A parameter that is still to be given; the list of parameters holds this object itself."""
        del compiler, connection
        return "%s", [self]

    def prepared(self, value: Any, connection: BaseDatabaseWrapper) -> Any:
        """The value as this database takes it."""
        return self.kind.get_db_prep_value(value, connection)


class Compiled(Generic[Row]):
    """A queryset of models, compiled at its first call for each kind of database.

    `build` makes the queryset; it runs once, so nothing that changes may go into it but `Given`.
    """

    def __init__(self, build: Callable[[], QuerySet[Row]]) -> None:
        self._build = build
        self._plans: dict[str, _Plan[Row]] = {}

    def __call__(self, **values: Any) -> list[Row]:
        """The rows for these values."""
        connection = connections[DEFAULT_DB_ALIAS]
        plan = self._plans.get(connection.vendor)
        if plan is None:
            plan = self._plans[connection.vendor] = _plan_of(self._build(), connection)
        return list(plan.rows(values, connection))

    def one(self, **values: Any) -> Row | None:
        """The first row, or nothing."""
        found = self(**values)
        return found[0] if found else None


@dataclass(frozen=True, slots=True)
class _Plan(Generic[Row]):
    """A compiled statement, and how its columns become rows."""

    model: type[Row]
    sql: str
    parameters: tuple[Any, ...]
    columns: slice
    names: tuple[str, ...]
    converters: Converters
    related: tuple[RelatedPopulator, ...]
    annotations: tuple[tuple[str, int], ...]
    locks: bool

    def rows(self, values: dict[str, Any], connection: BaseDatabaseWrapper) -> Iterator[Row]:
        """Run the statement and yield what it finds."""
        if self.locks and not connection.in_atomic_block:
            message = "A read that locks its rows belongs into a transaction."
            raise TransactionManagementError(message)
        given = [
            one.prepared(values[one.name], connection) if isinstance(one, Given) else one
            for one in self.parameters
        ]
        with connection.cursor() as cursor:
            cursor.execute(self.sql, given)
            found = cursor.fetchall()
        for columns in found:
            yield self._row(self._converted(columns, connection), connection)

    def _converted(self, columns: tuple[Any, ...], connection: BaseDatabaseWrapper) -> list[Any]:
        row = list(columns)
        for place, functions, expression in self.converters:
            value = row[place]
            for function in functions:
                value = function(value, expression, connection)
            row[place] = value
        return row

    def _row(self, columns: list[Any], connection: BaseDatabaseWrapper) -> Row:
        row = self.model.from_db(connection.alias, self.names, columns[self.columns])
        for populator in self.related:
            populator.populate(columns, row)
        for name, place in self.annotations:
            setattr(row, name, columns[place])
        return row


def _plan_of(rows: QuerySet[Row], connection: BaseDatabaseWrapper) -> _Plan[Row]:
    """Compile as `django.db.models.query.ModelIterable` does, once."""
    compiler = rows.query.get_compiler(connection=connection)
    sql, parameters = compiler.as_sql()
    klass_info: dict[str, Any] = compiler.klass_info
    fields = klass_info["select_fields"]
    columns = slice(fields[0], fields[-1] + 1)
    converters = compiler.get_converters([one[0] for one in compiler.select])
    return _Plan(
        model=rows.model,
        sql=sql,
        parameters=tuple(parameters),
        columns=columns,
        names=tuple(one[0].target.attname for one in compiler.select[columns]),
        converters=tuple(
            (place, tuple(functions), expression) for place, (functions, expression) in converters.items()
        ),
        related=tuple(
            get_related_populators(klass_info, compiler.select, connection.alias)  # type: ignore[call-arg]
        ),
        annotations=tuple(compiler.annotation_col_map.items()),
        locks=rows.query.select_for_update,
    )


# --- writes ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Write:
    """A compiled INSERT or UPDATE: its fields in the order of their values."""

    sql: str
    fields: tuple[Field[Any, Any], ...]

    def run(self, row: Model, connection: BaseDatabaseWrapper, *, add: bool) -> CursorWrapper:
        values = [
            field.get_db_prep_save(field.pre_save(row, add), connection=connection) for field in self.fields
        ]
        cursor = connection.cursor()
        cursor.execute(self.sql, values)
        return cursor


_INSERTS: dict[tuple[type[Model], str], _Write] = {}
_UPDATES: dict[tuple[type[Model], tuple[str, ...], str], _Write] = {}


def insert(row: Row) -> Row:
    """Write a new row, as `save(force_insert=True)` does without its signals."""
    connection = connections[DEFAULT_DB_ALIAS]
    model, key = type(row), (type(row), connection.vendor)
    write = _INSERTS.get(key)
    if write is None:
        write = _INSERTS[key] = _insert_of(model, connection)
    with write.run(row, connection, add=True) as cursor:
        (row.pk,) = cursor.fetchone()
    state = row._state  # noqa: SLF001  Django keeps there whether a row is stored
    state.adding, state.db = False, connection.alias
    return row


def update(row: Model, *names: str) -> None:
    """Write fields of a row that is there, as `save(update_fields=names)` does without its signals.

    Raises `DatabaseError` where the row is gone.
    """
    connection = connections[DEFAULT_DB_ALIAS]
    key = (type(row), names, connection.vendor)
    write = _UPDATES.get(key)
    if write is None:
        write = _UPDATES[key] = _update_of(type(row), names, connection)
    with write.run(row, connection, add=False) as cursor:
        if cursor.rowcount != 1:
            message = f"{type(row).__name__} {row.pk} is not there to be updated."
            raise DatabaseError(message)


def _insert_of(model: type[Model], connection: BaseDatabaseWrapper) -> _Write:
    meta = model._meta
    fields = [field for field in meta.concrete_fields if not field.primary_key]
    query = InsertQuery(model)
    query.insert_values(fields, [model()], raw=False)
    compiler = query.get_compiler(connection=connection)
    compiler.returning_fields = [meta.pk]
    ((sql, _),) = compiler.as_sql()
    return _Write(sql, tuple(fields))


def _update_of(model: type[Model], names: tuple[str, ...], connection: BaseDatabaseWrapper) -> _Write:
    known = {field.name: field for field in model._meta.concrete_fields}
    fields = [known[name] for name in names]
    rows = model._base_manager.filter(pk=Given("pk", model._meta.pk))
    query: Any = rows.query.chain(UpdateQuery)
    query.add_update_values({field.name: Given(field.name, field) for field in fields})
    sql, _ = query.get_compiler(connection=connection).as_sql()
    return _Write(sql, (*fields, model._meta.pk))
