"""The end of keeping: a stream is released, its entries go, its head stays."""

from __future__ import annotations

from datetime import datetime

from .models import AuditedStream, AuditEntry, ReleasedStream


def release_stream(stream: AuditedStream, *, kept_until: datetime, at: datetime) -> ReleasedStream:
    """Let what hangs on `stream` be removed, and remove its audit entries.

    The caller holds the lock on `stream` and has asked the rule; the database refuses an `at` before
    `kept_until`. The row that is made says for good what was removed, up to where, and when.
    Released again, a stream stays as it was the first time.
    """
    released, _is_new = ReleasedStream.objects.get_or_create(
        stream_kind=stream.audit_kind,
        stream_uuid=stream.uuid,
        defaults={
            "entries": stream.audit_length,
            "head": stream.audit_head,
            "kept_until": kept_until,
            "released_at": at,
        },
    )
    AuditEntry.objects.filter(
        stream_kind=stream.audit_kind, stream_uuid=stream.uuid, number__lte=released.entries
    ).delete()
    return released
