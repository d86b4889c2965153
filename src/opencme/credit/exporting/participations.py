"""What is kept of a person in an activity: evidence, claims, certificates."""

from __future__ import annotations

from typing import Any

from django.db.models import Prefetch

from opencme.activities.document import ActivityDocument
from opencme.activities.queries import document_of
from opencme.credit.models import Certificate, CreditClaim
from opencme.learning.models import Attempt, HeldEvaluation, Participation, ParticipationRevision, Playback
from opencme.people.models import User
from opencme.people.queries import belongs_to

from .telling import in_order, moment

_VERSIONS = ParticipationRevision.objects.select_related("revision").defer(
    "revision__canonical", "revision__snapshot"
)


def participations_in_full(user: User) -> list[Participation]:
    """The person's participations with all that hangs on them, in as many queries for many as for one."""
    rows = Participation.objects.filter(belongs_to(user)).select_related(
        "activity", "provider", "revision", "held_evaluation", "superseded_by"
    )
    return list(
        rows.defer("revision__snapshot")
        .prefetch_related(
            Prefetch("revision_history", _VERSIONS.all()),
            "attempts",
            "attempt_grants",
            "playbacks",
            "content_evidence",
            "plans",
            "claims",
            "certificates__revocations",
            "report_permissions",
        )
        .order_by("started_at")
    )


def shown_file(sha256: str) -> str:
    """Where the archive has what stood before Start."""
    return f"shown/{sha256}.html"


def participation_values(row: Participation) -> dict[str, Any]:
    """One participation: what was shown, done, said, claimed and certified."""
    document = document_of(row.revision)
    return {
        "participation": str(row.uuid),
        "activity": document.title,
        "provider": row.provider.name,
        "version": row.revision.number,
        "certification_period": row.period,
        "is_preview": row.is_preview,
        "superseded_by": str(row.superseded_by.uuid) if row.superseded_by else None,
        "shown_before_start": {"file": shown_file(row.shown_sha256), "at": row.shown_at.isoformat()},
        "started_at": row.started_at.isoformat(),
        "completed_at": moment(row.completed_at),
        "evaluated_at": moment(row.evaluated_at),
        "versions": [
            {"version": one.revision.number, "since": one.since.isoformat(), "reason": one.reason}
            for one in in_order(row.revision_history)
        ],
        "tests": [_attempt(attempt, document) for attempt in in_order(row.attempts)],
        "granted_attempts": [
            {
                "step": one.step_key,
                "more": one.extra,
                "reason": one.reason,
                "granted_at": one.granted_at.isoformat(),
            }
            for one in in_order(row.attempt_grants)
        ],
        "played": [_playback(one) for one in in_order(row.playbacks)],
        "content_taken": [
            {"step": one.step_key, "how": one.kind, "at": one.at.isoformat(), "wording": one.wording}
            for one in in_order(row.content_evidence)
        ],
        "plans": [
            {"text": one.text, "ask_in_days": one.ask_in_days, "kept_at": one.kept_at.isoformat()}
            for one in in_order(row.plans)
        ],
        "evaluation_not_yet_set_free": _evaluation(row.held_evaluation)
        if hasattr(row, "held_evaluation")
        else None,
        "claims": [_claim(claim) for claim in in_order(row.claims)],
        "certificates": [_certificate(one) for one in in_order(row.certificates)],
        "permission_to_report_to_boards": [
            {"granted": one.granted, "wording": one.wording, "stated_at": one.stated_at.isoformat()}
            for one in in_order(row.report_permissions)
        ],
    }


def _attempt(attempt: Attempt, document: ActivityDocument) -> dict[str, Any]:
    """A test with its questions and the chosen answers in words; never with what would have been right."""
    answers = []
    for key, answer in attempt.answers.items():
        item = document.item_of[key]
        chosen = set(answer["value"])
        answers.append(
            {
                "question": item.stem,
                "chosen": [option.text for option in item.options if option.key in chosen],
                "at": answer.get("at"),
            }
        )
    return {
        "step": attempt.step_key,
        "attempt": attempt.number,
        "started_at": attempt.started_at.isoformat(),
        "submitted_at": moment(attempt.submitted_at),
        "score": attempt.score,
        "questions": attempt.items,
        "passed": attempt.passed,
        "answers": answers,
    }


def _playback(playback: Playback) -> dict[str, Any]:
    return {
        "step": playback.step_key,
        "seconds_played": playback.seconds,
        "first_played_at": moment(playback.first_beat_at),
        "last_played_at": moment(playback.last_beat_at),
        "goes_on_at_second": playback.position,
        "seconds_read": playback.read_seconds,
        "first_read_at": moment(playback.first_read_at),
        "last_read_at": moment(playback.last_read_at),
        "stretches_played_in_milliseconds": playback.intervals,
        "stretches_read_in_milliseconds": playback.segments,
    }


def _evaluation(held: HeldEvaluation) -> dict[str, Any]:
    """What was said, with the group and the month that may go with it once it is set free."""
    return {
        "step": held.step_key,
        "profession_group": held.profession_group,
        "month": held.month,
        "answers": held.answers,
    }


def _claim(claim: CreditClaim) -> dict[str, Any]:
    return {
        "claim": str(claim.uuid),
        "number": claim.seq,
        "credit_type": claim.credit_type,
        "amount": str(claim.amount),
        "units": claim.units,
        "printed_name": claim.printed_name,
        "printed_degrees": claim.printed_letters,
        "qualification": claim.qualification,
        "attestation": claim.attestation,
        "claimed_at": claim.claimed_at.isoformat(),
        "completed_on": claim.completed_on.isoformat(),
        "time_zone": claim.time_zone,
        "is_specimen": claim.is_specimen,
    }


def _certificate(certificate: Certificate) -> dict[str, Any]:
    """One version of a certificate, and the revocation where that was the version revoked."""
    return {
        "number": certificate.number,
        "code": certificate.code,
        "version": certificate.version,
        "kind": certificate.kind,
        "issued_at": certificate.issued_at.isoformat(),
        "issued_again_for": certificate.reason,
        "is_specimen": certificate.is_specimen,
        "printed": certificate.printed,
        "revoked": [
            {"at": one.revoked_at.isoformat(), "reason": one.reason}
            for one in in_order(certificate.revocations)
        ],
    }
