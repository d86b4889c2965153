"""Tables whose rows are evidence: triggers refuse UPDATE and DELETE on both databases.

A model says `append_only = AppendOnly(...)`. `post_migrate` creates the triggers again each time,
since a migration that rebuilds a table drops them. `missing_triggers` is what an operator's check asks.

Two ways out, and no third: a blankable column may become empty, and what hangs on a stream whose
retention is over (`core.releasing`) may be blanked or deleted as its model says.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class Released:
    """What may be done to a row once its stream is released, and how the row leads to that stream.

    `through`: the foreign keys from the row to the stream (`certificate__participation`); empty where
    the row names the stream by its own columns, as an audit entry does. `blanks`: columns that
    may become empty then. `deletes`: whether the row may go altogether.
    """

    through: str = ""
    blanks: tuple[str, ...] = ()
    deletes: bool = False


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """What is frozen in a table.

    `once`: the row is frozen from when this column is not null (an attempt may change until it
    is submitted); empty means at once. `blankable`: columns that may become empty at any time, and
    never anything else. `released`: what is allowed when the time of keeping is over.
    """

    once: str = ""
    blankable: tuple[str, ...] = ()
    released: Released | None = None


@dataclass(frozen=True, slots=True)
class Trigger:
    """One trigger: its name, its table and the statements that create it."""

    name: str
    table: str
    statements: tuple[str, ...]


def protect_tables(using: str = "default", **_: Any) -> None:
    """Create every trigger that is missing."""
    connection = connections[using]
    existing = set(connection.introspection.table_names())
    for trigger in triggers_for(connection):
        if trigger.table in existing:
            with connection.cursor() as cursor:
                for statement in trigger.statements:
                    cursor.execute(statement)


def missing_triggers(using: str = "default") -> tuple[str, ...]:
    """The names of triggers that should stand in the database and do not."""
    connection = connections[using]
    query = (
        "SELECT name FROM sqlite_master WHERE type = 'trigger'"
        if connection.vendor == "sqlite"
        else "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal"
    )
    with connection.cursor() as cursor:
        cursor.execute(query)
        present = {row[0] for row in cursor.fetchall()}
    return tuple(t.name for t in triggers_for(connection) if t.name not in present)


def triggers_for(connection: BaseDatabaseWrapper) -> Iterator[Trigger]:
    """The triggers of all append-only models, in the dialect of `connection`."""
    build = _sqlite_triggers if connection.vendor == "sqlite" else _postgresql_triggers
    for model in apps.get_models():
        rule = getattr(model, "append_only", None)
        if isinstance(rule, AppendOnly):
            yield from build(model, rule)


def unprotect_tables(using: str = "default", plan: Sequence[object] = (), **_: Any) -> None:
    """Take the triggers away while SQLite migrates.

    A table that triggers of other tables mention cannot be rebuilt under them. `protect_tables` puts
    them back when the migration ends; after one that was cut off, the next run does.
    """
    connection = connections[using]
    if not plan or connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        for trigger in triggers_for(connection):
            cursor.execute(f'DROP TRIGGER IF EXISTS "{trigger.name}"')


@dataclass(frozen=True, slots=True)
class _Conditions:
    """When a change is refused. `suspect` is what a trigger can see in the row alone."""

    suspect: str
    refused: str


def _conditions(model: type[models.Model], rule: AppendOnly, sql: _Sql) -> dict[str, _Conditions]:
    frozen = f'OLD."{rule.once}" IS NOT NULL' if rule.once else sql.true
    kept = f"NOT {_is_released(model, rule.released)}" if rule.released else sql.true
    late = rule.released.blanks if rule.released else ()
    columns = [field for field in model._meta.concrete_fields if field.column]
    moved = " OR ".join(sql.differs(f'OLD."{f.column}"', f'NEW."{f.column}"') for f in columns)
    against = [
        _against(field, sql, kept, is_blankable=field.name in rule.blankable, is_late=field.name in late)
        for field in columns
    ]
    stays = kept if rule.released and rule.released.deletes else sql.true
    return {
        "update": _Conditions(f"{frozen} AND ({moved})", f"{frozen} AND ({' OR '.join(against)})"),
        "delete": _Conditions(frozen, f"{frozen} AND {stays}"),
    }


def _against(
    field: models.Field[Any, Any], sql: _Sql, kept: str, *, is_blankable: bool, is_late: bool
) -> str:
    """When a change of this one column is refused."""
    changed = sql.differs(f'OLD."{field.column}"', f'NEW."{field.column}"')
    if not (is_blankable or is_late):
        return changed
    filled = sql.differs(f'NEW."{field.column}"', sql.blank(field))
    return f"({changed} AND {filled if is_blankable else f'({filled} OR {kept})'})"


def _is_released(model: type[models.Model], released: Released) -> str:
    """SQL that asks whether the stream of the row at hand was released."""
    if not released.through:
        return (
            'EXISTS (SELECT 1 FROM "core_releasedstream" r WHERE r."stream_uuid" = OLD."stream_uuid"'
            ' AND r."stream_kind" = OLD."stream_kind" AND OLD."number" <= r."entries")'
        )
    row, found = model, ""
    for name in released.through.split("__"):
        key = row._meta.get_field(name)
        column = key.column  # type: ignore[union-attr]
        found = _looked_up(str(column), row, found) if found else f'OLD."{column}"'
        row = key.related_model  # type: ignore[assignment]
    kind: str = row.audit_kind  # type: ignore[attr-defined]
    return (
        'EXISTS (SELECT 1 FROM "core_releasedstream" r'  # noqa: S608  names of our own tables
        f' WHERE r."stream_uuid" = {_looked_up("uuid", row, found)} AND r."stream_kind" = \'{kind}\')'
    )


def _looked_up(column: str, model: type[models.Model], key: str) -> str:
    return f'(SELECT "{column}" FROM "{model._meta.db_table}" WHERE "id" = {key})'  # noqa: S608


@dataclass(frozen=True, slots=True)
class _Sql:
    """The few words in which the two databases differ."""

    true: str
    unlike: str
    empty_json: str

    def differs(self, one: str, other: str) -> str:
        return f"{one} {self.unlike} {other}"

    def blank(self, field: models.Field[Any, Any]) -> str:
        return self.empty_json if isinstance(field, models.JSONField) else "''"


_SQLITE = _Sql(true="1", unlike="IS NOT", empty_json="'{}'")
_POSTGRESQL = _Sql(true="true", unlike="IS DISTINCT FROM", empty_json="'{}'::jsonb")


def _sqlite_triggers(model: type[models.Model], rule: AppendOnly) -> Iterator[Trigger]:
    table = model._meta.db_table
    for act, condition in _conditions(model, rule, _SQLITE).items():
        name = f"{table}_no_{act}"
        yield Trigger(
            name,
            table,
            (
                f'DROP TRIGGER IF EXISTS "{name}"',
                (
                    f'CREATE TRIGGER "{name}" BEFORE {act.upper()} ON "{table}" FOR EACH ROW '
                    f"WHEN {condition.refused} BEGIN "
                    f"SELECT RAISE(ABORT, '{table} is append-only'); END"
                ),
            ),
        )


def _postgresql_triggers(model: type[models.Model], rule: AppendOnly) -> Iterator[Trigger]:
    """Its trigger conditions may ask no other table, so the function does, for suspect rows alone."""
    table = model._meta.db_table
    for act, condition in _conditions(model, rule, _POSTGRESQL).items():
        name = f"{table}_no_{act}"
        row = "NEW" if act == "update" else "OLD"
        yield Trigger(
            name,
            table,
            (
                (
                    f'CREATE OR REPLACE FUNCTION "{name}"() RETURNS trigger AS $$ BEGIN '
                    f"IF {condition.refused} THEN RAISE EXCEPTION '{table} is append-only'; END IF; "
                    f"RETURN {row}; END $$ LANGUAGE plpgsql"
                ),
                f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
                (
                    f'CREATE TRIGGER "{name}" BEFORE {act.upper()} ON "{table}" FOR EACH ROW '
                    f'WHEN ({condition.suspect}) EXECUTE FUNCTION "{name}"()'
                ),
            ),
        )
