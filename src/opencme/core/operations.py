"""Writes of `core`."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from .jobs import enqueue
from .models import OutboxMail


@transaction.atomic
def queue_mail(*, key: str, to: str, subject: str, text: str, at: datetime) -> OutboxMail:
    """Put a mail into the outbox and ask for its job, inside the caller's transaction; once for a `key`."""
    mail, is_new = OutboxMail.objects.get_or_create(
        key=key,
        defaults={
            "to": to,
            "subject": " ".join(subject.split())[:200],
            "text": text,
            "created_at": at,
        },
    )
    if is_new:
        enqueue("core.send_mail", mail.uuid, at=at)
    return mail
