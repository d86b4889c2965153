"""Rows of other tables, read beside a row in the same statement.

A page that needs a row with all that hangs on it asks the database once:

    Participation.objects.annotate(all_attempts=beside(Attempt.objects.all(), "participation"))

Each row then carries the list of its attempts, as if they had been read on their own.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import (
    Aggregate,
    AutoField,
    CharField,
    DateTimeField,
    Field,
    FloatField,
    ForeignKey,
    IntegerField,
    JSONField,
    Model,
    OuterRef,
    QuerySet,
    Subquery,
    TextField,
)


def beside(rows: QuerySet[Any], by: str, *, only: tuple[str, ...] = ()) -> Subquery:
    """An annotation with those of `rows` whose foreign key `by` names the row at hand.

    They come in no order. Where `only` names fields, the others are deferred.
    """
    named = {rows.model._meta.pk.name, by, *only}
    fields = [one for one in rows.model._meta.concrete_fields if not only or one.name in named]
    gathered = _Gathered(*(one.name for one in fields), output_field=_Rows(rows.model, fields))
    own = rows.filter(**{by: OuterRef("pk")}).order_by()
    return Subquery(own.values(by).annotate(_rows=gathered).values("_rows"))


class _Gathered(Aggregate):
    """All rows of a group as one JSON array of arrays."""

    name = "Gathered"

    def as_sqlite(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "JSON_GROUP_ARRAY(JSON_ARRAY(%(expressions)s))"
        return super().as_sql(compiler, connection, template=template, **context)

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        template = "JSON_AGG(JSON_BUILD_ARRAY(%(expressions)s))"
        return super().as_sql(compiler, connection, template=template, **context)


class _Rows(Field[Any, Any]):
    """Turns such an array into rows of a model."""

    def __init__(self, model: type[Model], fields: list[Field[Any, Any]]) -> None:
        super().__init__()
        self._row_model = model
        self._names = [one.attname for one in fields]
        self._readers = {
            place: reader for place, one in enumerate(fields) if (reader := _reader_of(one)) is not None
        }

    def from_db_value(self, value: Any, expression: Any, connection: BaseDatabaseWrapper) -> list[Model]:
        """The rows; none where there is nothing."""
        del expression
        if value is None:
            return []
        found = json.loads(value) if isinstance(value, str) else value
        return [self._row(columns, connection) for columns in found]

    def _row(self, columns: list[Any], connection: BaseDatabaseWrapper) -> Model:
        for place, reader in self._readers.items():
            if columns[place] is not None:
                columns[place] = reader(columns[place], connection)
        return self._row_model.from_db(connection.alias, self._names, columns)


Reader = Callable[[Any, BaseDatabaseWrapper], Any]


def _reader_of(field: Field[Any, Any]) -> Reader | None:
    """How a value of this field is read out of JSON, where it does not stand there as it is."""
    if isinstance(field, JSONField):
        return _json
    if isinstance(field, DateTimeField):
        return _instant
    if type(field).to_python is Field.to_python or isinstance(field, _PLAIN):
        return None
    return lambda value, _connection: field.to_python(value)


_PLAIN = (AutoField, CharField, FloatField, ForeignKey, IntegerField, TextField)


def _json(value: Any, connection: BaseDatabaseWrapper) -> Any:
    """SQLite keeps JSON as text."""
    return json.loads(value) if connection.vendor == "sqlite" else value


def _instant(value: str, connection: BaseDatabaseWrapper) -> datetime:
    """SQLite keeps instants in UTC without saying so."""
    del connection
    found = datetime.fromisoformat(value)
    return found if found.tzinfo else found.replace(tzinfo=UTC)
