"""Work of `people` that is done beside the pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.contrib.sessions.models import Session

from opencme.core.batches import delete_in_batches
from opencme.core.jobs import job

from .models import AddressCode

CODES_KEPT_FOR = timedelta(days=2)
"""The limits of codes count those of a day back."""


@job(every=timedelta(hours=6))
def forget_expired(*, at: datetime) -> dict[str, int]:
    """Remove sessions that are over, and codes that let nobody in any longer; how many of each."""
    return {
        "sessions": delete_in_batches(Session.objects.filter(expire_date__lt=at)),
        "codes": delete_in_batches(AddressCode.objects.filter(expires_at__lt=at - CODES_KEPT_FOR)),
    }
