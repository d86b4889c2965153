"""Copy every row of one database into another of a different kind, and show that none was lost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import DataError, IntegrityError, connections, models, transaction

_AT_A_TIME = 2_000
_TOLD_EACH = 1_000


class RowsRefused(Exception):
    """The target does not take what a table holds; the message names the table and says why."""


@dataclass(frozen=True, slots=True)
class Sum:
    """How many rows a table has, and a sum of their digests that does not depend on their order."""

    rows: int
    digests: int


def moved_models() -> tuple[type[models.Model], ...]:
    """Every table of ours and of the libraries, those that join two others among them."""
    found = apps.get_models(include_auto_created=True)
    return tuple(model for model in found if model._meta.managed and not model._meta.proxy)


def copy_rows(*, source: str, target: str, tell: Callable[[int], None] = lambda _: None) -> dict[str, Sum]:
    """Copy all tables within one transaction of the target; return what was read from each.

    `tell` hears of each thousand rows.

    The target has the tables, and in them nothing but what making them wrote; that is replaced.
    Raises `RowsRefused`; then the target is as before.
    """
    with transaction.atomic(using=target):
        _empty(target)
        return {model._meta.db_table: _copy_table(model, source, target, tell) for model in moved_models()}


def sums_of(using: str, *, tell: Callable[[int], None] = lambda _: None) -> dict[str, Sum]:
    """Read all tables again and sum them up; `tell` hears of each thousand rows."""
    return {model._meta.db_table: _sum(_rows(model, using), tell) for model in moved_models()}


def raise_sequences(*, source: str, target: str) -> dict[str, int]:
    """Let PostgreSQL number new rows after the last number that SQLite ever gave; return what it was."""
    with connections[source].cursor() as cursor:
        cursor.execute("SELECT name, seq FROM sqlite_sequence WHERE seq > 0")
        given = {table: int(number) for table, number in cursor.fetchall()}
    ours = {model._meta.db_table: model._meta.pk.column for model in moved_models()}
    with connections[target].cursor() as cursor:
        for table, number in given.items():
            if table in ours:
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), %s)", [f'"{table}"', ours[table], number]
                )
        cursor.execute("ANALYZE")
    return {table: number for table, number in given.items() if table in ours}


def sequences_of(target: str, tables: dict[str, int]) -> dict[str, int]:
    """The last number that PostgreSQL has given in each of the tables."""
    found = {}
    columns = {model._meta.db_table: model._meta.pk.column for model in moved_models()}
    with connections[target].cursor() as cursor:
        for table in tables:
            cursor.execute(
                "SELECT pg_sequence_last_value(pg_get_serial_sequence(%s, %s)::regclass)",
                [f'"{table}"', columns[table]],
            )
            found[table] = int(cursor.fetchone()[0])
    return found


def _empty(target: str) -> None:
    quote = connections[target].ops.quote_name
    tables = ", ".join(quote(model._meta.db_table) for model in moved_models())
    with connections[target].cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables}")


def _copy_table(model: type[models.Model], source: str, target: str, tell: Callable[[int], None]) -> Sum:
    connection = connections[target]
    fields = model._meta.concrete_fields
    columns = ", ".join(connection.ops.quote_name(str(field.column)) for field in fields)
    total = _Sum(tell)
    try:
        with (
            connection.cursor() as cursor,
            connection.wrap_database_errors,
            cursor.copy(
                f"COPY {connection.ops.quote_name(model._meta.db_table)} ({columns}) FROM STDIN"
            ) as copy,
        ):
            for row in _rows(model, source):
                total.add(row)
                copy.write_row(
                    [
                        field.get_db_prep_save(value, connection)
                        for field, value in zip(fields, row, strict=True)
                    ]
                )
    except (DataError, IntegrityError) as trouble:
        raise RowsRefused(f"{model._meta.db_table}: {str(trouble).strip()}") from trouble
    return total.done()


def _rows(model: type[models.Model], using: str) -> Iterator[tuple[Any, ...]]:
    names = [field.attname for field in model._meta.concrete_fields]
    rows: models.QuerySet[Any] = model._base_manager.using(using).order_by("pk")
    return rows.values_list(*names).iterator(chunk_size=_AT_A_TIME)


class _Sum:
    """A sum that grows row by row."""

    def __init__(self, tell: Callable[[int], None]) -> None:
        self._tell = tell
        self._rows = self._digests = 0

    def add(self, row: tuple[Any, ...]) -> None:
        self._digests += int.from_bytes(hashlib.sha256(_canonical.encode(row).encode()).digest())
        self._rows += 1
        if self._rows % _TOLD_EACH == 0:
            self._tell(_TOLD_EACH)

    def done(self) -> Sum:
        return Sum(self._rows, self._digests % (1 << 256))


def _sum(rows: Iterator[tuple[Any, ...]], tell: Callable[[int], None]) -> Sum:
    total = _Sum(tell)
    for row in rows:
        total.add(row)
    return total.done()


def _plain(value: Any) -> str:
    """What JSON has no words for: bytes by their digest, instants, dates and uuids as they are written."""
    if isinstance(value, bytes | memoryview):
        return hashlib.sha256(value).hexdigest()
    return str(value)


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, default=_plain)
