"""Reads whose SQL is put together once in a process; afterwards only their values change.

Putting a statement together costs Django many times what running it costs. A hot read is written
as any other queryset, with `Given` wherever a value comes with the call, and kept as a `Compiled`:

    _OF_LEARNER = Compiled(lambda: Participation.objects.filter(learner=Given("learner", BigAutoField())))
    rows = _OF_LEARNER(learner=user.pk)

It gives the same rows as the queryset would, deferred fields, joins and annotations included.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Expression, Field, Model, QuerySet
from django.db.models.query import RelatedPopulator, get_related_populators
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
