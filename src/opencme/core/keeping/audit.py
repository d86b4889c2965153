"""Walk every audit chain of a database: no entry may be changed, missing, or out of its place.

Streams are read in portions, each in one snapshot of the database: memory stays flat, no writer
waits, and no reader holds back SQLite's log for long.
"""

from __future__ import annotations

import enum
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeAlias
from uuid import UUID

from django.db import connections
from django.db.models import QuerySet, TextField
from django.db.models.functions import Cast

from opencme.core.audit import Said, digest_of
from opencme.core.models import AuditEntry, ReleasedStream

from .contents import audited_streams
from .snapshots import snapshot

PORTION = 20_000

# As text: making uuids of a million rows takes longer than taking their digests.
_COLUMNS = ("stream_kind", "stream", "number", "event", "at", "actor", "door", "values", "previous", "digest")


class Fault(enum.StrEnum):
    """What can be wrong at one place of a chain."""

    CHANGED = "changed"
    MISSING = "missing"
    OUT_OF_PLACE = "out of place"
    NOT_COUNTED = "not counted"
    HEAD_DIFFERS = "head differs"


@dataclass(frozen=True, slots=True)
class BrokenPlace:
    """One place where a chain does not hold: the stream, its entries `first` to `last`, and the fault."""

    kind: str
    uuid: UUID
    first: int
    last: int
    fault: Fault


@dataclass(frozen=True, slots=True)
class AuditReport:
    """What was walked, and every place that does not hold."""

    streams: int
    entries: int
    broken: tuple[BrokenPlace, ...]


@dataclass(frozen=True, slots=True)
class _Head:
    """Where a chain ends, and where it begins: behind what went when its stream was released."""

    length: int
    digest: str
    released: int = 0
    released_digest: str = ""


_Key: TypeAlias = tuple[str, UUID]
_Entry: TypeAlias = tuple[Any, ...]


def verify_audit(*, using: str = "default", tell: Callable[[int], None] = lambda _: None) -> AuditReport:
    """Walk every chain from its first entry to its head. `tell` hears how many entries each portion had."""
    streams = entries = 0
    broken: list[BrokenPlace] = []
    after: UUID | None = None
    while True:
        with snapshot(using):
            upto = _end_of_portion(using, after)
            heads = _heads(using, after, upto)
            streams += len(heads)
            walked = 0
            for key, chain in groupby(_entries(using, after, upto), key=lambda entry: entry[:2]):
                stream = (key[0], UUID(key[1]))
                counted, faults = _walk(stream, chain, heads.pop(stream, None))
                walked += counted
                broken += faults
            for key, head in heads.items():
                broken += _walk(key, (), head)[1]
        entries += walked
        tell(walked)
        if upto is None:
            return AuditReport(streams, entries, tuple(broken))
        after = upto


def _end_of_portion(using: str, after: UUID | None) -> UUID | None:
    """The last stream of the next portion; none when the rest is small enough."""
    ordered = _between(AuditEntry.objects.using(using), "stream_uuid", after, None).order_by("stream_uuid")
    last: UUID | None = ordered.values_list("stream_uuid", flat=True)[PORTION : PORTION + 1].first()
    return last


def _heads(using: str, after: UUID | None, upto: UUID | None) -> dict[_Key, _Head]:
    released = _released(using, after, upto)
    return {
        (model.audit_kind, uuid): _Head(length, digest, *released.get((model.audit_kind, uuid), ()))
        for model in audited_streams()
        for uuid, length, digest in _between(model._base_manager.using(using), "uuid", after, upto)
        .exclude(audit_length=0, audit_head="")
        .values_list("uuid", "audit_length", "audit_head")
        .iterator()
    }


def _released(using: str, after: UUID | None, upto: UUID | None) -> dict[_Key, tuple[int, str]]:
    """Where chains begin whose first entries went. A database of release 0.1.0 has no such table."""
    if ReleasedStream._meta.db_table not in connections[using].introspection.table_names():
        return {}
    rows = _between(ReleasedStream.objects.using(using), "stream_uuid", after, upto)
    columns = rows.values_list("stream_kind", "stream_uuid", "entries", "head")
    return {(kind, uuid): (entries, head) for kind, uuid, entries, head in columns.iterator()}


def _entries(using: str, after: UUID | None, upto: UUID | None) -> Iterator[_Entry]:
    rows = _between(AuditEntry.objects.using(using), "stream_uuid", after, upto)
    ordered = rows.order_by("stream_uuid", "stream_kind", "number")
    as_text = ordered.annotate(stream=Cast("stream_uuid", TextField()), actor=Cast("by", TextField()))
    yield from as_text.values_list(*_COLUMNS).iterator(chunk_size=PORTION)


@lru_cache(maxsize=1024)
def _dashed(uuid: str | None) -> str:
    return str(UUID(uuid)) if uuid else ""


def _between(rows: QuerySet[Any], field: str, after: UUID | None, upto: UUID | None) -> QuerySet[Any]:
    if after is not None:
        rows = rows.filter(**{f"{field}__gt": after})
    return rows if upto is None else rows.filter(**{f"{field}__lte": upto})


def _walk(key: _Key, chain: Iterable[_Entry], head: _Head | None) -> tuple[int, list[BrokenPlace]]:
    """How many entries a chain has, and where it does not hold."""
    faults: list[tuple[int, int, Fault]] = []
    kind, stream = key[0], str(key[1])
    counted, last, previous = 0, head.released if head else 0, head.released_digest if head else ""
    for _kind, _stream, number, event, at, actor, door, values, names, digest in chain:
        counted += 1
        if number > last + 1:
            faults.append((last + 1, number - 1, Fault.MISSING))
        elif number <= last:
            faults.append((number, number, Fault.NOT_COUNTED))
        if digest != digest_of(Said(kind, stream, number, event, at, _dashed(actor), door, values, names)):
            faults.append((number, number, Fault.CHANGED))
        elif number == last + 1 and names != previous:
            faults.append((number, number, Fault.OUT_OF_PLACE))
        last, previous = number, digest
    faults += _at_the_end(head, last, previous)
    return counted, [BrokenPlace(*key, first, through, fault) for first, through, fault in faults]


def _at_the_end(head: _Head | None, last: int, digest: str) -> list[tuple[int, int, Fault]]:
    if head is None:
        return [(1, last, Fault.NOT_COUNTED)]
    if head.length > last:
        return [(last + 1, head.length, Fault.MISSING)]
    if head.length < last:
        return [(head.length + 1, last, Fault.NOT_COUNTED)]
    return [] if head.digest == digest else [(last, last, Fault.HEAD_DIFFERS)]
