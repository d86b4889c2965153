"""What goes with an account, and what goes when its time of keeping is over."""

from __future__ import annotations

from datetime import date

from django.db.models import QuerySet

from opencme.activities.models import Revision
from opencme.activities.queries import document_of
from opencme.core.batches import delete_in_batches
from opencme.learning.models import (
    Attempt,
    AttemptGrant,
    ContentEvidence,
    HeldEvaluation,
    Participation,
    ParticipationRevision,
    Plan,
    Playback,
)
from opencme.people.models import User

_EVIDENCE = (AttemptGrant, ContentEvidence, HeldEvaluation, ParticipationRevision, Plan, Playback, Attempt)


def forget_what_is_personal(learner: User) -> None:
    """Remove answers never handed in and evaluations still held, and blank the words of plans.

    Evidence stays, and names nobody. A held evaluation would be joined with it, and with the name on a
    certificate, until ten of its version have come, which may be never.
    """
    HeldEvaluation.objects.filter(participation__learner=learner).delete()
    Attempt.objects.filter(participation__learner=learner, submitted_at=None).delete()
    Plan.objects.filter(participation__learner=learner).exclude(text="").update(text="")


def drafts_of_ended(*, ended_before: date) -> QuerySet[Attempt]:
    """Answers that nobody can hand in any more: the last day for it lies before, also by their own version.

    Whoever has started keeps the last day of that version where the activity's own came forward since.
    """
    drafts = Attempt.objects.filter(
        submitted_at=None, participation__activity__complete_until__lt=ended_before
    )
    versions = Revision.objects.filter(pk__in=drafts.values("participation__revision"))
    open_ones = [one for one in versions.defer("canonical", "snapshot") if not _ended(one, ended_before)]
    return drafts.exclude(participation__revision__in=open_ones)


def _ended(version: Revision, before: date) -> bool:
    last_day = document_of(version).dates.complete_until
    return last_day is not None and last_day < before


def forget_drafts_of_ended(*, ended_before: date) -> int:
    """Remove those answers. Say how many attempts there were."""
    return delete_in_batches(drafts_of_ended(ended_before=ended_before))


def forget_evidence(participation: Participation) -> int:
    """Remove the evidence of a participation that was released; say how many rows went.

    Before its release the database refuses.
    """
    return sum(model.objects.filter(participation=participation).delete()[0] for model in _EVIDENCE)
