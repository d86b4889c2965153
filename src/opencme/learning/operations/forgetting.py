"""What goes with an account, and what goes when its time of keeping is over."""

from __future__ import annotations

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
    """Remove answers never handed in, and blank the words of plans. Evidence stays, and names nobody."""
    Attempt.objects.filter(participation__learner=learner, submitted_at=None).delete()
    Plan.objects.filter(participation__learner=learner).exclude(text="").update(text="")


def forget_evidence(participation: Participation) -> int:
    """Remove the evidence of a participation that was released; say how many rows went.

    Before its release the database refuses.
    """
    return sum(model.objects.filter(participation=participation).delete()[0] for model in _EVIDENCE)
