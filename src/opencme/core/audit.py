"""The audit chain: one per stream, each entry naming the digest of the one before it.

The head (last number and digest) stands on the row that the operation locks anyway, so writing
an entry costs one insert and no extra lock. Entries hold uuids, amounts and salted hashes, never
personal values.
"""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

from django.db import models

from .compiled import insert, update
from .models import AuditedStream, AuditEntry


def record(
    stream: AuditedStream,
    event: str,
    *,
    at: datetime,
    by: uuid.UUID | None = None,
    door: str = "",
    **values: Any,
) -> AuditEntry:
    """Append `event` to the stream and move its head.

    The caller holds the lock on `stream`, and saves nothing else between. `by` is the uuid of the
    acting account, `door` the interface it came through (web, cli, worker).
    """
    payload = {key: _plain(value) for key, value in sorted(values.items())}
    number = stream.audit_length + 1
    entry = AuditEntry(
        stream_kind=stream.audit_kind,
        stream_uuid=stream.uuid,
        number=number,
        event=event,
        at=at,
        by=by,
        door=door,
        values=payload,
        previous=stream.audit_head,
    )
    entry.digest = digest_of_entry(entry)
    insert(entry)
    stream.audit_length = number
    stream.audit_head = entry.digest
    update(stream, "audit_length", "audit_head")
    return entry


class Said(NamedTuple):
    """What an entry says, as its columns give it: what its digest is taken over."""

    kind: str
    stream: str
    number: int
    event: str
    at: datetime
    by: str
    door: str
    values: Any
    previous: str


def digest_of_entry(entry: AuditEntry) -> str:
    """The sha256 over everything the entry says and the digest before it."""
    return digest_of(
        Said(
            entry.stream_kind,
            str(entry.stream_uuid),
            entry.number,
            entry.event,
            entry.at,
            str(entry.by) if entry.by else "",
            entry.door,
            entry.values,
            entry.previous,
        )
    )


def digest_of(said: Said) -> str:
    """The digest of an entry from its columns, for whoever reads a million of them."""
    text = _canonical.encode(
        {
            "stream": said[:3],
            "event": said.event,
            # A database gives instants back in UTC, whatever zone they came in.
            "at": said.at.astimezone(UTC).isoformat(),
            "by": said.by,
            "door": said.door,
            "values": said.values,
            "previous": said.previous,
        }
    )
    return hashlib.sha256(text.encode()).hexdigest()


_canonical = json.JSONEncoder(sort_keys=True, ensure_ascii=False, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _plain(part) for key, part in sorted(value.items())}
    if isinstance(value, list | tuple):
        return [_plain(part) for part in value]
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, models.Model):
        return str(getattr(value, "uuid", value.pk))
    return str(value)
