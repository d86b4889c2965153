"""When two accounts turn out to be one person: which participation counts.

Stands in `credit` because a claimed participation always counts, and only `credit` knows claims.
"""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Q

from opencme.core.audit import record
from opencme.learning.models import Participation
from opencme.people.models import User
from opencme.people.operations import Confirmation, confirm_address
from opencme.people.queries import belongs_to


def confirm_learner(*, user: User, digits: str, at: datetime) -> Confirmation:
    """Confirm the address typed at Start and, where the account was known, make the two one.

    Of two participations in one activity a claimed one counts, else the one furthest along; the
    other is kept as superseded with its evidence, none of it copied. Raises
    `people.operations.CodeNotAccepted`.
    """
    return confirm_address(
        user=user, digits=digits, at=at, on_merge=lambda both: _settle_participations(both, at)
    )


def standing_participation(participation: Participation) -> Participation:
    """The participation that counts where `participation` was superseded by another one."""
    while participation.superseded_by is not None:
        participation = participation.superseded_by
    return participation


def _settle_participations(both: Confirmation, at: datetime) -> None:
    ranked: dict[tuple[int, str], list[Participation]] = {}
    for participation in _participations_of(both.account):
        key = (participation.activity_id, participation.period)
        ranked.setdefault(key, []).append(participation)
    for rivals in ranked.values():
        kept, *others = sorted(rivals, key=_progress, reverse=True)
        for other in others:
            _supersede(other, kept, at, by=both.account)


def _participations_of(user: User) -> list[Participation]:
    locked = Participation.objects.select_for_update().filter(
        belongs_to(user), is_preview=False, superseded_by=None
    )
    primary_keys = list(locked.order_by("pk").values_list("pk", flat=True))
    return list(
        Participation.objects.filter(pk__in=primary_keys).annotate(
            claims_made=Count("claims", distinct=True),
            tests_passed=Count("attempts", filter=Q(attempts__passed=True), distinct=True),
            tests_submitted=Count("attempts", filter=Q(attempts__submitted_at__isnull=False), distinct=True),
            content_met=Count("content_evidence", distinct=True),
        )
    )


def _progress(participation: Participation) -> tuple[int, ...]:
    """How far along: a claim before all else, the earlier start where all is equal."""
    return (
        participation.claims_made,  # type: ignore[attr-defined]
        participation.evaluated_at is not None,
        participation.completed_at is not None,
        participation.tests_passed,  # type: ignore[attr-defined]
        participation.content_met,  # type: ignore[attr-defined]
        participation.tests_submitted,  # type: ignore[attr-defined]
        -participation.pk,
    )


def _supersede(other: Participation, kept: Participation, at: datetime, by: User) -> None:
    other.superseded_by = kept
    other.save(update_fields=["superseded_by"])
    record(other, "superseded", at=at, by=by.uuid, door="web", kept=kept.uuid)
    record(kept, "supersedes", at=at, by=by.uuid, door="web", other=other.uuid)
