"""Mail that need not be remembered any longer."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from .models import OutboxMail


def forget_mail_to(addresses: Collection[str], *, until: datetime) -> int:
    """Remove the mail to these addresses that was written up to then; say how much it was."""
    return OutboxMail.objects.filter(to__in=addresses, created_at__lte=until).delete()[0]


def blank_mail_written_before(moment: datetime) -> int:
    """Blank subject and text of old mail; to whom it went and when stays. Say how much it was."""
    old = OutboxMail.objects.filter(created_at__lt=moment).exclude(subject="", text="")
    return old.update(subject="", text="")
