"""Writes of compliance: publication, which the rules may refuse."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from django.db import transaction

from opencme.activities.document import read_document
from opencme.activities.models import Activity, Draft
from opencme.activities.operations import (
    NothingToPublish,
    Published,
    RenderSnapshot,
    publish_activity,
)
from opencme.core.verdicts import Reason
from opencme.people.models import User

from .rules import findings


class PublicationRefused(Exception):
    """A finding stands against publication."""

    def __init__(self, blocking: tuple[Reason, ...]) -> None:
        super().__init__(f"{len(blocking)} blocking findings")
        self.blocking = blocking


@transaction.atomic
def publish(
    *,
    activity: Activity,
    published_by: User,
    door: str,
    at: datetime,
    render_snapshot: RenderSnapshot,
    approved_by: User | None = None,
) -> Published:
    """Publish the draft if no finding stands against it.

    The installation's own record of the provider is what the rules are given. Raises
    ``PublicationRefused`` and what ``activities.operations.publish_activity`` raises.
    """
    activity = Activity.objects.select_for_update().select_related("provider").get(pk=activity.pk)
    draft = Draft.objects.filter(activity=activity).first()
    if draft is None:
        raise NothingToPublish
    provider = activity.provider.record
    on = at.astimezone(ZoneInfo(provider.time_zone)).date()
    reasons = findings(read_document(draft.canonical), provider, on=on)
    if blocking := tuple(reason for reason in reasons if reason.is_blocking):
        raise PublicationRefused(blocking)
    return publish_activity(
        activity=activity,
        published_by=published_by,
        door=door,
        at=at,
        render_snapshot=render_snapshot,
        approved_by=approved_by,
    )
