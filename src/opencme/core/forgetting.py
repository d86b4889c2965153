"""Mail that need not be remembered any longer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db.models import QuerySet

from .batches import batches_of
from .models import OutboxMail


def forget_mail_to(addresses: Collection[str], *, until: datetime) -> int:
    """Remove the mail to these addresses that was written up to then; say how much it was."""
    return OutboxMail.objects.filter(to__in=addresses, created_at__lte=until).delete()[0]


def mail_written_before(moment: datetime) -> QuerySet[OutboxMail]:
    """Old mail that still has its words."""
    return OutboxMail.objects.filter(created_at__lt=moment).exclude(subject="", text="")


def blank_mail_written_before(moment: datetime) -> int:
    """Blank subject and text of old mail; to whom it went and when stays. Say how much it was."""
    return mail_written_before(moment).update(subject="", text="")
