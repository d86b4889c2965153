"""Multiplies learners with all that they did: rows copied under new keys, written in bulk.

Walking a learner through the operations costs tens of milliseconds, so a hundred thousand are made from a few
that were walked. Each copy has keys, codes and an audit chain of its own, which verifies.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count, cycle, islice
from types import SimpleNamespace
from typing import Any
from uuid import UUID, uuid4

from allauth.account.models import EmailAddress
from django.core.management.color import no_style
from django.db import connection, models, transaction
from django.db.models import Max

from opencme.core.audit import digest_of_entry
from opencme.core.ids import new_code, uuid7
from opencme.core.models import AuditEntry
from opencme.credit.models import Certificate, CreditClaim, ReportPermission
from opencme.learning.models import (
    Attempt,
    ContentEvidence,
    Participation,
    ParticipationRevision,
    Playback,
)
from opencme.people.models import Qualification, User

# Each table with the way from a row to its learner; what a row points at comes before it.
OWNED: dict[type[models.Model], str] = {
    User: "pk",
    EmailAddress: "user",
    Qualification: "user",
    Participation: "learner",
    ParticipationRevision: "participation__learner",
    Attempt: "participation__learner",
    Playback: "participation__learner",
    ContentEvidence: "participation__learner",
    CreditClaim: "participation__learner",
    ReportPermission: "participation__learner",
    Certificate: "learner",
    Certificate.claims.through: "certificate__learner",
}

BATCH = 2_000

Row = list[Any]


@dataclass(frozen=True)
class Copy:
    """A learner who was made: the uuids of the account and of the participation."""

    user: UUID
    participation: UUID


class Template:
    """One walked learner: the rows by table, as the database wants them."""

    def __init__(self, learner: User) -> None:
        self.email = learner.email
        found = {model: list(model._base_manager.filter(**{OWNED[model]: learner.pk})) for model in OWNED}
        self.rows = {model: [_prepared(one) for one in rows] for model, rows in found.items()}
        own = [one.uuid for rows in found.values() for one in rows if hasattr(one, "uuid")]
        self.uuids = tuple(own)
        self.user = learner.uuid
        self.participation = found[Participation][0].uuid
        self.codes = tuple((one.code, one.number) for one in found.get(Certificate, ()))
        entries = AuditEntry.objects.filter(stream_uuid__in=own).order_by("stream_uuid", "number")
        self.entries = tuple((one, json.dumps(one.values), _prepared(one)) for one in entries)


class Multiplier:
    """Makes copies of walked learners; keys go on from the highest in the database."""

    def __init__(self, *, prefix: str) -> None:
        self._prefix = prefix
        self._columns = {model: _columns(model) for model in (*OWNED, AuditEntry)}
        self._changing = {
            model: [(place, one) for place, one in enumerate(columns) if one.kind != "plain" or one.is_email]
            for model, columns in self._columns.items()
        }
        self._next = {model: count(highest(model) + 1) for model in self._columns}
        self._number = count(1)

    def multiply(self, learners: Iterable[User], copies: int) -> Iterator[Copy]:
        """Write so many copies of these learners in turn, batch by batch."""
        templates = cycle([Template(learner) for learner in learners])
        with fast_writing():
            while copies > 0:
                batch = min(BATCH, copies)
                yield from self._write(islice(templates, batch))
                copies -= batch
            count_on(self._columns)

    def _write(self, templates: Iterable[Template]) -> list[Copy]:
        out: dict[type[models.Model], list[Row]] = {model: [] for model in self._columns}
        made = [self._copy(template, out) for template in templates]
        with transaction.atomic():
            for model, rows in out.items():
                _write_rows(model, self._columns[model], rows)
        return made

    def _copy(self, template: Template, out: dict[type[models.Model], list[Row]]) -> Copy:
        """The rows of one copy, put to those of the others."""
        number = next(self._number)
        uuids = {old: uuid7() if old.version == 7 else uuid4() for old in template.uuids}
        texts = {str(old): str(new) for old, new in uuids.items()}
        for code, printed in template.codes:
            texts[code] = new_code()
            texts[printed] = f"{printed[:4]}-{texts[code]}"
        heads = self._chain(template, uuids, texts, out[AuditEntry])
        keys: dict[tuple[type[models.Model], Any], int] = {}
        for model in OWNED:
            places = self._columns[model][0].places
            for row in template.rows[model]:
                new = list(row)
                for place, column in self._changing[model]:
                    new[place] = self._value(column, row[place], keys, uuids, texts)
                    if column.is_email:
                        new[place] = f"{self._prefix}{number}@bench.example"
                keys[model, row[0]] = new[0] = next(self._next[model])
                if "audit_head" in places:
                    new[places["audit_head"]] = heads.get(row[places["uuid"]], "")
                out[model].append(new)
        return Copy(uuids[template.user], uuids[template.participation])

    def _value(
        self,
        column: Column,
        value: Any,
        keys: dict[tuple[type[models.Model], Any], int],
        uuids: dict[UUID, UUID],
        texts: dict[str, str],
    ) -> Any:
        if value is None or column.kind == "plain":
            return value
        if column.kind == "key":
            return keys.get((column.target, value), value)
        if column.kind == "uuid":
            return uuids.get(value, value)
        if column.kind == "code":
            return texts.get(value, value)
        return _with_new(value, texts)

    def _chain(
        self, template: Template, uuids: dict[UUID, UUID], texts: dict[str, str], out: list[Row]
    ) -> dict[UUID, str]:
        """The audit entries of one copy; returns the head of each stream by the template's uuid."""
        heads: dict[UUID, str] = {}
        places = self._columns[AuditEntry][0].places
        for entry, text, prepared in template.entries:
            values = _with_new(text, texts)
            copy = SimpleNamespace(
                stream_kind=entry.stream_kind,
                stream_uuid=uuids[entry.stream_uuid],
                number=entry.number,
                event=entry.event,
                at=entry.at,
                by=uuids.get(entry.by, entry.by),
                door=entry.door,
                values=json.loads(values),
                previous=heads.get(entry.stream_uuid, ""),
            )
            heads[entry.stream_uuid] = digest_of_entry(copy)  # type: ignore[arg-type]
            row = list(prepared)
            row[0] = next(self._next[AuditEntry])
            row[places["stream_uuid"]], row[places["by"]] = copy.stream_uuid, copy.by
            row[places["values"]], row[places["previous"]] = values, copy.previous
            row[places["digest"]] = heads[entry.stream_uuid]
            out.append(row)
        return heads


@dataclass(frozen=True)
class Column:
    """A column, and what becomes of its value in a copy."""

    name: str
    sql: str
    kind: str
    field: Any
    target: type[models.Model] | None
    is_email: bool
    places: dict[str, int]


def _with_new(text: str, texts: dict[str, str]) -> str:
    """JSON that names keys and codes of the template, with those of the copy."""
    for old, new in texts.items():
        if old in text:
            text = text.replace(old, new)
    return text


def _columns(model: type[models.Model]) -> list[Column]:
    fields = [model._meta.pk, *(one for one in model._meta.concrete_fields if not one.primary_key)]
    places = {one.attname: place for place, one in enumerate(fields)}
    return [
        Column(
            name=one.attname,
            sql=one.column,
            kind=_kind(model, one),
            field=one,
            target=one.related_model if one.is_relation else None,
            is_email=model in (User, EmailAddress) and one.name == "email",
            places=places,
        )
        for one in fields
    ]


def _kind(model: type[models.Model], field: models.Field[Any, Any]) -> str:
    if field.is_relation:
        return "key"
    if isinstance(field, models.UUIDField):
        return "uuid"
    if isinstance(field, models.JSONField):
        return "json"
    if model is Certificate and field.name in ("code", "number"):
        return "code"
    return "plain"


def _prepared(row: models.Model) -> Row:
    """The values of a row, keys first; JSON as text, uuids as they are."""
    return [_plain(column, getattr(row, column.name)) for column in _columns(type(row))]


def _plain(column: Column, value: Any) -> Any:
    if column.kind == "json":
        return json.dumps(value)
    if column.kind == "uuid":
        return value
    return column.field.get_db_prep_save(value, connection)


def _write_rows(model: type[models.Model], columns: list[Column], rows: list[Row]) -> None:
    names = ", ".join(f'"{column.sql}"' for column in columns)
    table = f'"{model._meta.db_table}"'
    if connection.vendor == "postgresql":
        with (
            connection.cursor() as cursor,
            cursor.copy(f"COPY {table} ({names}) FROM STDIN") as copy,
        ):
            for row in rows:
                copy.write_row(row)
        return
    uuids = [place for place, column in enumerate(columns) if column.kind == "uuid"]
    for row in rows:
        for place in uuids:
            row[place] = row[place].hex if row[place] else None
    marks = ", ".join("%s" for _ in columns)
    with connection.cursor() as cursor:
        cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", rows)


@contextmanager
def fast_writing() -> Iterator[None]:
    """Copies of rows that were checked once need not be checked again, nor survive a power cut."""
    if connection.vendor == "postgresql":
        before, after = (
            ["SET session_replication_role = replica", "SET synchronous_commit = off"],
            [
                "RESET session_replication_role",
                "RESET synchronous_commit",
            ],
        )
    else:
        before = ["PRAGMA foreign_keys = OFF", "PRAGMA synchronous = OFF", "PRAGMA cache_size = -400000"]
        after = ["PRAGMA foreign_keys = ON", "PRAGMA synchronous = NORMAL", "PRAGMA cache_size = -2000"]
    with connection.cursor() as cursor:
        for statement in before:
            cursor.execute(statement)
        try:
            yield
        finally:
            for statement in after:
                cursor.execute(statement)


def count_on(tables: Iterable[type[models.Model]]) -> None:
    """Let the sequences go on after the keys that were given here, and refresh what planners know."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), list(tables)):
            cursor.execute(statement)
        cursor.execute("ANALYZE")


def highest(model: type[models.Model]) -> int:
    return model._base_manager.aggregate(highest=Max("pk"))["highest"] or 0
