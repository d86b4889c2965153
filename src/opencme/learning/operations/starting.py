"""Starting: the learner takes part from here on."""

from __future__ import annotations

from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import BigAutoField, CharField

from opencme.activities.models import Activity, Revision
from opencme.activities.queries import dates_in_force, document_of
from opencme.core.audit import record
from opencme.core.compiled import Compiled, Given, insert
from opencme.core.databases.retrying import retried
from opencme.core.sentences import sentence as _
from opencme.core.verdicts import Reason, Verdict, refused
from opencme.learning.models import Participation, ParticipationRevision, ShownBlock
from opencme.learning.queries import counting, day_in, in_activity
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
    participation = Participation(
        learner=learner,
        activity=activity,
        provider_id=activity.provider_id,
        revision=revision,
        period=period,
        started_at=at,
        shown_sha256=shown_block_sha256,
        shown_at=at,
        is_preview=is_preview,
    )
    kept = _kept(participation)
    if kept is participation:
        _note_start(participation, shown_block=shown_block, door=door)
    return kept


_STANDING = Compiled(
    lambda: (
        counting(in_activity(Participation.objects.filter(belongs_to(Given("learner", BigAutoField())))))
        .filter(period=Given("period", CharField()))
        .order_by("pk")[:1]
    )
)
_PREVIEW = Compiled(
    lambda: Participation.objects.filter(
        learner=Given("learner", BigAutoField()),
        activity=Given("activity", BigAutoField()),
        period=Given("period", CharField()),
        is_preview=True,
    ).order_by("pk")[:1]
)
_SHOWN = Compiled(lambda: ShownBlock.objects.filter(sha256=Given("sha256", CharField())).only("pk"))


def _standing(learner: User, activity: Activity, period: str, *, is_preview: bool) -> Participation | None:
    known = _PREVIEW if is_preview else _STANDING
    return known.one(learner=learner.pk, activity=activity.pk, period=period)


def _kept(participation: Participation) -> Participation:
    """Keep it, unless it was started in another window a moment ago: then that one."""
    try:
        with transaction.atomic():
            insert(participation)
    except IntegrityError:
        started = _standing(
            participation.learner,
            participation.activity,
            participation.period,
            is_preview=participation.is_preview,
        )
        if started is None:
            raise
        return started
    return participation


def _note_start(participation: Participation, *, shown_block: str, door: str) -> None:
    """Keep what was on the page, the revision that applies from here on, and the entry of the start."""
    revision, at = participation.revision, participation.started_at
    if shown_block:
        _keep_block(revision, participation.shown_sha256, shown_block, at)
    insert(ParticipationRevision(participation=participation, revision=revision, since=at, reason="start"))
    record(
        participation,
        "started",
        at=at,
        by=participation.learner.uuid,
        door=door,
        activity=participation.activity.uuid,
        revision=revision.sha256,
        shown=participation.shown_sha256,
        preview=participation.is_preview,
    )


def _keep_block(revision: Revision, sha256: str, html: str, at: datetime) -> None:
    """Keep what stood before Start, once for all who were shown the same."""
    if _SHOWN.one(sha256=sha256) is None:
        ShownBlock.objects.get_or_create(
            sha256=sha256, defaults={"revision": revision, "html": html, "first_shown_at": at}
        )


def _check_window(activity: Activity, at: datetime) -> None:
    on = day_in(activity.provider.time_zone, at)
    verdict = may_start(dates_in_force(activity), is_withdrawn=activity.is_withdrawn, on=on)
    if not verdict:
        raise StartNotAllowed(verdict)
