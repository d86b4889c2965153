"""Tables whose rows are evidence: triggers refuse UPDATE and DELETE on both databases.

A model says `append_only = AppendOnly(...)`. `post_migrate` creates the triggers again each time,
since a migration that rebuilds a table drops them. `missing_triggers` is what an operator's check asks.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections, models
from django.db.backends.base.base import BaseDatabaseWrapper


@dataclass(frozen=True, slots=True)
class AppendOnly:
    """What is frozen in a table.

    `once`: the row is frozen from when this column is not null (an attempt may change until it
    is submitted); empty means at once. `blankable`: columns that may still change (erasure of
    personal values, the pointer to a newer row).
    """

    once: str = ""
    blankable: tuple[str, ...] = ()


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


def _frozen_columns(model: type[models.Model], rule: AppendOnly) -> list[str]:
    fields = model._meta.concrete_fields
    return [f.column for f in fields if f.column and f.name not in rule.blankable]


def _sqlite_triggers(model: type[models.Model], rule: AppendOnly) -> Iterator[Trigger]:
    table = model._meta.db_table
    frozen = f'OLD."{rule.once}" IS NOT NULL' if rule.once else "1"
    changed = " OR ".join(f'OLD."{column}" IS NOT NEW."{column}"' for column in _frozen_columns(model, rule))
    for act, condition in (("update", f"{frozen} AND ({changed})"), ("delete", frozen)):
        name = f"{table}_no_{act}"
        yield Trigger(
            name,
            table,
            (
                f'DROP TRIGGER IF EXISTS "{name}"',
                (
                    f'CREATE TRIGGER "{name}" BEFORE {act.upper()} ON "{table}" FOR EACH ROW '
                    f"WHEN {condition} BEGIN "
                    f"SELECT RAISE(ABORT, '{table} is append-only'); END"
                ),
            ),
        )


def _postgresql_triggers(model: type[models.Model], rule: AppendOnly) -> Iterator[Trigger]:
    table = model._meta.db_table
    frozen = f'OLD."{rule.once}" IS NOT NULL' if rule.once else "true"
    changed = " OR ".join(
        f'OLD."{column}" IS DISTINCT FROM NEW."{column}"' for column in _frozen_columns(model, rule)
    )
    function = (
        "CREATE OR REPLACE FUNCTION opencme_refuse() RETURNS trigger AS $$ BEGIN "
        "RAISE EXCEPTION '% is append-only', TG_TABLE_NAME; END $$ LANGUAGE plpgsql"
    )
    for act, condition in (("update", f"{frozen} AND ({changed})"), ("delete", frozen)):
        name = f"{table}_no_{act}"
        yield Trigger(
            name,
            table,
            (
                function,
                f'DROP TRIGGER IF EXISTS "{name}" ON "{table}"',
                (
                    f'CREATE TRIGGER "{name}" BEFORE {act.upper()} ON "{table}" FOR EACH ROW '
                    f"WHEN ({condition}) EXECUTE FUNCTION opencme_refuse()"
                ),
            ),
        )
