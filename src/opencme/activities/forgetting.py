"""Addresses on problem reports that need not be kept any longer. What was reported stays."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime

from django.db.models import QuerySet

from .models import Activity, ProblemReport


def forget_reply_addresses(addresses: Collection[str], *, until: datetime) -> int:
    """Blank these addresses on reports made up to then. Say how many there were."""
    made = ProblemReport.objects.filter(reported_at__lte=until, reply_to__in=addresses)
    return made.exclude(reply_to="").update(reply_to="")


def reply_addresses_of_ended(*, ended_before: date) -> QuerySet[ProblemReport]:
    """Reports with an address, about activities that were last offered before that day."""
    ended = Activity.objects.filter(complete_until__lt=ended_before)
    return ProblemReport.objects.filter(activity__in=ended).exclude(reply_to="")


def forget_reply_addresses_of_ended(*, ended_before: date) -> int:
    """Blank the addresses on those reports. Say how many there were."""
    return reply_addresses_of_ended(ended_before=ended_before).update(reply_to="")
