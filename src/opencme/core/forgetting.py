"""Mail that need not be remembered any longer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import connection
from django.db.models import QuerySet

from .batches import delete_in_batches
from .models import OutboxMail


def forget_mail_to(addresses: Collection[str], *, until: datetime) -> int:
    """Remove the mail to these addresses that was written up to then; say how much it was."""
    return OutboxMail.objects.filter(to__in=addresses, created_at__lte=until).delete()[0]


def mail_keyed(beginning: str) -> QuerySet[OutboxMail]:
    """Mail whose key begins so, found by the index of the keys."""
    mail = OutboxMail.objects.filter(key__startswith=beginning)
    if connection.vendor == "sqlite":  # SQLite reads every row for LIKE; PostgreSQL has an index for it
        mail = mail.filter(key__gte=beginning, key__lt=beginning[:-1] + chr(ord(beginning[-1]) + 1))
    return mail


def forget_mail_keyed(beginning: str) -> int:
    """Remove the mail whose key begins so; say how much it was."""
    return mail_keyed(beginning).delete()[0]


def mail_written_before(moment: datetime) -> QuerySet[OutboxMail]:
    """Mail that is older, sent or given up long since."""
    return OutboxMail.objects.filter(created_at__lt=moment)


def forget_mail_written_before(moment: datetime) -> int:
    """Remove older mail; say how much it was."""
    return delete_in_batches(mail_written_before(moment))
