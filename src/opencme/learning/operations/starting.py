"""Starting: the learner takes part from here on."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction

from opencme.activities.models import Activity
from opencme.activities.queries import dates_in_force, document_of
from opencme.core.audit import record
from opencme.core.databases.retrying import retried
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import Reason, Verdict, refused
from opencme.learning.models import Participation, ParticipationRevision, ShownBlock
from opencme.learning.queries import day_in
from opencme.learning.rules import may_start
from opencme.people.models import User
from opencme.people.queries import belongs_to
from opencme.providers.statements.rulebook import source_of


class StartNotAllowed(Exception):
    """Nobody can start this activity now; `verdict` says why."""

    def __init__(self, verdict: Verdict) -> None:
        super().__init__(verdict.blocking[0].message)
        self.verdict = verdict


def _unpublished() -> Reason:
    message = _("This activity is not published.")
    return Reason("START_UNPUBLISHED", message, source_of("START_UNPUBLISHED"))


@retried
@transaction.atomic
def start_participation(
    *,
    learner: User,
    activity: Activity,
    shown_block_sha256: str,
    at: datetime,
    shown_block: str = "",
    is_preview: bool = False,
    door: str = "web",
) -> Participation:
    """Take part in an activity; starting again gives the participation that is there.

    `shown_block_sha256` is the digest of the pre-start block that was on the page: with it the
    disclosures were shown before any content (R#30); `shown_block` is its text, kept once. Raises
    `StartNotAllowed` after the last day to start (R#13), for a withdrawn activity and for one
    without a published revision.
    """
    revision = activity.current_revision
    if revision is None:
        raise StartNotAllowed(refused(_unpublished()))
    document = document_of(revision)
    period = document.designations[0].period if document.designations else "1"
    existing = _standing(learner, activity, period, is_preview=is_preview)
    if existing:
        return existing
    _check_window(activity, at)
    participation, created = Participation.objects.get_or_create(
        learner=learner,
        activity=activity,
        period=period,
        is_preview=is_preview,
        superseded_by=None,
        defaults={
            "provider_id": activity.provider_id,
            "revision": revision,
            "started_at": at,
            "shown_sha256": shown_block_sha256,
            "shown_at": at,
        },
    )
    if created:
        if shown_block:
            ShownBlock.objects.get_or_create(
                sha256=shown_block_sha256,
                defaults={"revision": revision, "html": shown_block, "first_shown_at": at},
            )
        ParticipationRevision.objects.create(
            participation=participation, revision=revision, since=at, reason="start"
        )
        record(
            participation,
            "started",
            at=at,
            by=learner.uuid,
            door=door,
            activity=activity.uuid,
            revision=revision.sha256,
            shown=shown_block_sha256,
            preview=is_preview,
        )
    return participation


def _standing(learner: User, activity: Activity, period: str, *, is_preview: bool) -> Participation | None:
    return (
        Participation.objects.filter(
            belongs_to(learner),
            activity=activity,
            period=period,
            is_preview=is_preview,
            superseded_by=None,
        )
        .order_by("pk")
        .first()
    )


def _check_window(activity: Activity, at: datetime) -> None:
    on = day_in(activity.provider.time_zone, at)
    verdict = may_start(dates_in_force(activity), is_withdrawn=activity.is_withdrawn, on=on)
    if not verdict:
        raise StartNotAllowed(verdict)
