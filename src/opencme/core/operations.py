"""Writes of `core`."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import CharField

from .compiled import Compiled, Given, insert
from .jobs import enqueue
from .models import OutboxMail

_KNOWN = Compiled(lambda: OutboxMail.objects.filter(key=Given("key", CharField())))


@transaction.atomic(savepoint=False)
def queue_mail(*, key: str, to: str, subject: str, text: str, at: datetime) -> OutboxMail:
    """Put a mail into the outbox and ask for its job, inside the caller's transaction; once for a `key`."""
    known = _KNOWN.one(key=key)
    if known:
        return known
    mail = OutboxMail(key=key, to=to, subject=" ".join(subject.split())[:200], text=text, created_at=at)
    try:
        with transaction.atomic():
            insert(mail)
    except IntegrityError:  # another was faster
        return OutboxMail.objects.get(key=key)
    enqueue("core.send_mail", mail.uuid, at=at)
    return mail
