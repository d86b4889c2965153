"""Writes of `core`."""

from __future__ import annotations

from datetime import datetime

from .models import OutboxMail


def queue_mail(*, key: str, to: str, subject: str, text: str, at: datetime) -> OutboxMail:
    """Put a mail into the outbox, inside the caller's transaction; the same `key` only once."""
    mail, _ = OutboxMail.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": " ".join(subject.split())[:200],
            "text": text,
            "created_at": at,
            "due_at": at,
        },
    )
    return mail
