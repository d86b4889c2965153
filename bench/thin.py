"""Thin copies on PostgreSQL: ten million in about ten minutes.

The copies of a learner differ in keys, uuids and address alone. PostgreSQL itself says each row of a walked
learner as a line of COPY that leaves these open; a copy is that line with them filled in. Of the attempts the
one that the claim rests on is copied, without its answers, so that ten million fit in 30 GB.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from django.db import connection, models, transaction
from multiply import OWNED, count_on, fast_writing, highest

from opencme.credit.models import CreditClaim
from opencme.learning.models import Attempt, Participation
from opencme.people.models import User

# What points at another comes after it.
THIN: tuple[type[models.Model], ...] = (User, Participation, Attempt, CreditClaim)

BATCH = 100_000  # written to one table before the next has its turn
CHUNK = 500  # rendered at a time, so that PostgreSQL reads some while others are rendered

_INDEXES = """
SELECT format('ALTER TABLE %%s DROP CONSTRAINT %%I', conrelid::regclass, conname),
       format('ALTER TABLE %%s ADD CONSTRAINT %%I ', conrelid::regclass, conname) || pg_get_constraintdef(oid)
  FROM pg_constraint
 WHERE contype = 'u' AND conrelid = ANY(%(tables)s::text[]::regclass[])
UNION ALL
SELECT format('DROP INDEX %%s', indexrelid::regclass), pg_get_indexdef(indexrelid)
  FROM pg_index
 WHERE NOT indisprimary AND indrelid = ANY(%(tables)s::text[]::regclass[])
   AND NOT EXISTS (SELECT FROM pg_constraint WHERE contype = 'u' AND conindid = indexrelid)
"""


@dataclass(frozen=True)
class Lines:
    """What COPY is told of one table: a line for each walked learner, with key and uuid left open."""

    into: str
    texts: tuple[str, ...]
    uuid_version: int

    def write(self, numbers: range) -> None:
        """The copies of these numbers. A number chooses the same learner in every table."""
        with connection.cursor() as cursor, cursor.copy(f"COPY {self.into} FROM STDIN") as copy:
            for start in range(0, len(numbers), CHUNK):
                chunk = numbers[start : start + CHUNK]
                uuids = new_uuids(self.uuid_version, len(chunk))
                filled = [
                    self.texts[number % len(self.texts)] % {"number": number, "uuid": uuid}
                    for number, uuid in zip(chunk, uuids, strict=True)
                ]
                copy.write("".join(filled))


def copy_thinly(learners: Sequence[User], copies: int, *, prefix: str) -> Iterator[int]:
    """Write so many thin copies of these learners in turn; the number of each is its key in every table."""
    tables = [_lines(model, learners, prefix) for model in THIN]
    first = max(map(highest, THIN)) + 1
    numbers = range(first, first + copies)
    with fast_writing(), transaction.atomic(), _indexes_built_last():
        for start in range(0, copies, BATCH):
            batch = numbers[start : start + BATCH]
            for lines in tables:
                lines.write(batch)
            yield from batch
    count_on(THIN)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM")  # or PostgreSQL would by itself, while something is measured


def new_uuids(version: int, number: int) -> list[str]:
    """So many uuids from one reading of random bytes; the digits of version 7 begin with the time."""
    octets = bytearray(os.urandom(16 * number))
    if version == 7:
        for place, octet in enumerate((time.time_ns() // 1_000_000).to_bytes(6, "big")):
            octets[place::16] = bytes([octet]) * number
    octets[6::16] = bytes(octet & 0x0F | version << 4 for octet in octets[6::16])
    octets[8::16] = bytes(octet & 0x3F | 0x80 for octet in octets[8::16])
    digits = octets.hex()
    return [digits[start : start + 32] for start in range(0, len(digits), 32)]


def _lines(model: type[models.Model], learners: Sequence[User], prefix: str) -> Lines:
    """Of each learner the one row that a thin copy has in this table."""
    only = {"passed": True} if model is Attempt else {}
    rows: list[Any] = [model._base_manager.get(**{OWNED[model]: learner.pk}, **only) for learner in learners]
    fields = model._meta.concrete_fields
    table = f'"{model._meta.db_table}"'
    said = ", ".join(_left_open(field, prefix) for field in fields)
    texts = []
    with connection.cursor() as cursor:
        for row in rows:
            with cursor.copy(f"COPY (SELECT {said} FROM {table} WHERE id = {row.pk}) TO STDOUT") as copy:
                texts.append(b"".join(copy).decode())
    names = ", ".join(f'"{field.column}"' for field in fields)
    return Lines(f"{table} ({names})", tuple(texts), rows[0].uuid.version)


def _left_open(field: models.Field[Any, Any], prefix: str) -> str:
    """The SQL of a column: a place to fill in, or the value as it is. Audit entries are not copied."""
    column = f'"{field.column}"'
    if field.primary_key:
        return "'%(number)s'"
    if field.is_relation and field.related_model in THIN:
        return f"CASE WHEN {column} IS NOT NULL THEN '%(number)s' END"
    filled_in = {
        "uuid": "'%(uuid)s'",
        "email": f"'{prefix}%(number)s@bench.example'",
        "audit_head": "''",
        "audit_length": "0",
        "answers": "'{}'",
    }
    return filled_in.get(field.name, f"replace({column}::text, '%', '%%')")


@contextmanager
def _indexes_built_last() -> Iterator[None]:
    """Keep primary keys alone while rows are written, then build the other indexes again, each at one go.

    Foreign keys stay, since `fast_writing` has them not looked at. All is done in the transaction of the
    caller: whatever fails, the tables are as they were.
    """
    with connection.cursor() as cursor:
        cursor.execute(_INDEXES, {"tables": [model._meta.db_table for model in THIN]})
        indexes = cursor.fetchall()
        for drop, _ in indexes:
            cursor.execute(drop)
        yield
        cursor.execute("SET LOCAL maintenance_work_mem = '1GB'")
        for _, build in indexes:
            cursor.execute(build)
