"""What a database holds, as figures that a copy of it must show too."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.apps import apps
from django.db import connections
from django.db.models import QuerySet

from opencme.core.models import AuditedStream

from .migrations import applied


@dataclass(frozen=True, slots=True)
class Contents:
    """Rows of each table, the audit chains, and the migrations that made the tables.

    `heads` is the sha256 over the kind, uuid, length and head of every chain: equal heads mean that
    the same things happened.
    """

    rows: dict[str, int]
    chains: int
    heads: str
    migrations: tuple[str, ...]


def audited_streams() -> tuple[type[AuditedStream], ...]:
    """Every table whose rows head an audit chain."""
    return tuple(model for model in apps.get_models() if issubclass(model, AuditedStream))


def contents_of(using: str = "default") -> Contents:
    """Read the figures; the caller sees to one view of the database (`snapshot`)."""
    tables = set(connections[using].introspection.table_names())
    chains, heads = _heads(using, tables)
    return Contents(
        rows={table: _count(using, table) for table in sorted(tables)},
        chains=chains,
        heads=heads,
        migrations=tuple(sorted(applied(using))),
    )


def _count(using: str, table: str) -> int:
    connection = connections[using]
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  a table's name
        (number,) = cursor.fetchone()
    return int(number)


def _heads(using: str, tables: set[str]) -> tuple[int, str]:
    digest, chains = hashlib.sha256(), 0
    for model in sorted(audited_streams(), key=lambda model: model.audit_kind):
        if model._meta.db_table not in tables:
            continue
        rows: QuerySet[Any] = model._base_manager.using(using).order_by("uuid")
        for uuid, length, head in rows.values_list("uuid", "audit_length", "audit_head").iterator():
            digest.update(f"{model.audit_kind} {uuid} {length} {head}\n".encode())
            chains += bool(length)
    return chains, digest.hexdigest()
