"""Everything that is kept about a learner, for the learner: one archive of plain files."""

from __future__ import annotations

import io
import json
import zipfile
from datetime import datetime
from operator import attrgetter
from pathlib import Path
from typing import Any, TypeVar

from django.db.models import Manager, Model
from django.utils.translation import gettext as _

from opencme.activities.document import ActivityDocument
from opencme.activities.queries import document_of
from opencme.core.models import AuditEntry, OutboxMail
from opencme.learning.models import Attempt, Participation
from opencme.people.models import User
from opencme.people.queries import accounts_of, belongs_to

from .models import CreditClaim
from .operations.files import certificate_pdf_of
from .queries import CertificateRecord, certificates_of
from .tabulating import transcript_table

Row = TypeVar("Row", bound=Model)


def data_archive(user: User, *, folder: Path, at: datetime) -> bytes:
    """A ZIP with what is kept as JSON, the transcript as CSV, and every certificate as PDF.

    `folder` holds the key that signs a certificate which was never asked for before.
    """
    records = certificates_of(user)
    held = io.BytesIO()
    with zipfile.ZipFile(held, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("READ-ME.txt", _explanation(at))
        told = json.dumps(personal_data(user, records, at=at), ensure_ascii=False, indent=2)
        archive.writestr("your-data.json", told)
        archive.writestr("transcript.csv", transcript_table(records))
        for record in records:
            if not record.printed.is_removed:
                pdf = certificate_pdf_of(certificate=record.certificate, folder=folder, at=at)
                archive.writestr(f"certificates/{_file_name(record)}", pdf)
    return held.getvalue()


def personal_data(user: User, records: tuple[CertificateRecord, ...], *, at: datetime) -> dict[str, Any]:
    """What is kept about the person, over all accounts that turned out to be theirs, as plain values.

    `records`: the person's certificates.
    """
    accounts = list(accounts_of(user).order_by("pk").prefetch_related("qualifications"))
    rows = (
        Participation.objects.filter(belongs_to(user))
        .select_related("activity", "provider", "revision", "held_evaluation")
        .defer("revision__snapshot")
        .prefetch_related(
            "attempts",
            "attempt_grants",
            "playbacks",
            "content_evidence",
            "plans",
            "claims",
            "certificates",
            "report_permissions",
        )
        .order_by("started_at")
    )
    participations = [_participation(row) for row in rows]
    streams = [account.uuid for account in accounts] + [row.uuid for row in rows]
    return {
        "written_at": at.isoformat(),
        "accounts": [_account(account) for account in accounts],
        "participations": participations,
        "mail": _mail(user, accounts, records),
        "what_happened": _events(streams),
    }


def _account(account: User) -> dict[str, Any]:
    return {
        "account": str(account.uuid),
        "name": account.name,
        "address": account.contact_address,
        "address_is_confirmed": account.is_confirmed,
        "opened_at": account.date_joined.isoformat(),
        "last_signed_in_at": _moment(account.last_login),
        "merged_at": _moment(account.merged_at),
        "has_password": account.has_usable_password(),
        "qualifications": [
            {
                "profession": one.profession,
                "degrees": one.letters,
                "country": one.country,
                "stated_at": one.stated_at.isoformat(),
            }
            for one in account.qualifications.all()
        ],
    }


def _participation(row: Participation) -> dict[str, Any]:
    document = document_of(row.revision)
    return {
        "participation": str(row.uuid),
        "activity": document.title,
        "provider": row.provider.name,
        "version": row.revision.number,
        "started_at": row.started_at.isoformat(),
        "completed_at": _moment(row.completed_at),
        "evaluated_at": _moment(row.evaluated_at),
        "tests": [_attempt(attempt, document) for attempt in _in_order(row.attempts)],
        "granted_attempts": [
            {"step": one.step_key, "more": one.extra, "reason": one.reason}
            for one in _in_order(row.attempt_grants)
        ],
        "played": [
            {
                "step": one.step_key,
                "seconds_played": one.seconds,
                "seconds_read": one.read_seconds,
                "stretches_played_in_milliseconds": one.intervals,
                "stretches_read_in_milliseconds": one.segments,
            }
            for one in _in_order(row.playbacks)
        ],
        "content_taken": [
            {"step": one.step_key, "how": one.kind, "at": one.at.isoformat(), "wording": one.wording}
            for one in _in_order(row.content_evidence)
        ],
        "plans": [
            {"text": one.text, "ask_in_days": one.ask_in_days, "kept_at": one.kept_at.isoformat()}
            for one in _in_order(row.plans)
        ],
        "evaluation_not_yet_set_free": row.held_evaluation.answers
        if hasattr(row, "held_evaluation")
        else None,
        "claims": [_claim(claim) for claim in _in_order(row.claims)],
        "certificates": [
            {"number": one.number, "code": one.code, "version": one.version, "printed": one.printed}
            for one in _in_order(row.certificates)
        ],
        "permission_to_report_to_boards": [
            {"granted": one.granted, "stated_at": one.stated_at.isoformat()}
            for one in _in_order(row.report_permissions)
        ],
    }


def _in_order(related: Manager[Row]) -> list[Row]:
    """Rows in the order in which they were made; a database gives them in none."""
    return sorted(related.all(), key=attrgetter("pk"))


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
        "submitted_at": _moment(attempt.submitted_at),
        "score": attempt.score,
        "questions": attempt.items,
        "passed": attempt.passed,
        "answers": answers,
    }


def _claim(claim: CreditClaim) -> dict[str, Any]:
    return {
        "claim": str(claim.uuid),
        "credit_type": claim.credit_type,
        "amount": str(claim.amount),
        "printed_name": claim.printed_name,
        "printed_degrees": claim.printed_letters,
        "qualification": claim.qualification,
        "attestation": claim.attestation,
        "claimed_at": claim.claimed_at.isoformat(),
        "completed_on": claim.completed_on.isoformat(),
        "time_zone": claim.time_zone,
        "is_specimen": claim.is_specimen,
    }


_OF_CERTIFICATES = ("certificate", "revoked")
_OF_ACCOUNTS = ("address-changed",)
"""How the keys of mail begin whose words are handed out; whose it is comes next.

No other mail is told with its words: a code, or the link that opens a closed account again, is for the
eyes of whoever reads the mailbox, not of whoever is signed in.
"""


def _mail(user: User, accounts: list[User], records: tuple[CertificateRecord, ...]) -> list[dict[str, Any]]:
    """Mail to the person's address since it is known to be theirs; before, it may have been another's."""
    if not user.is_confirmed:
        return []
    own = {(kind, record.certificate.code) for kind in _OF_CERTIFICATES for record in records}
    own |= {(kind, str(account.uuid)) for kind in _OF_ACCOUNTS for account in accounts}
    mail = OutboxMail.objects.filter(to=user.email, created_at__gte=_confirmed_at(user))
    return [
        _letter(one, is_own=tuple(one.key.split(":")[:2]) in own) for one in mail.order_by("created_at", "pk")
    ]


def _letter(mail: OutboxMail, *, is_own: bool) -> dict[str, Any]:
    return {
        "to": mail.to,
        "subject": mail.subject if is_own else None,
        "text": mail.text if is_own else None,
        "written_at": mail.created_at.isoformat(),
        "sent_at": _moment(mail.sent_at),
    }


def _confirmed_at(user: User) -> datetime:
    """Since when the account has the address that it has; one that was made confirmed, from the start."""
    events = ("account_opened", "address_confirmed", "address_changed")
    entries = AuditEntry.objects.filter(stream_kind=User.audit_kind, stream_uuid=user.uuid, event__in=events)
    return entries.latest("number").at


def _events(streams: list[Any]) -> list[dict[str, Any]]:
    entries = AuditEntry.objects.filter(stream_uuid__in=streams).order_by("at", "pk")
    return [
        {
            "of": entry.stream_kind,
            "uuid": str(entry.stream_uuid),
            "event": entry.event,
            "at": entry.at.isoformat(),
            "through": entry.door,
            "values": entry.values,
        }
        for entry in entries
    ]


def _moment(at: datetime | None) -> str | None:
    return at.isoformat() if at else None


def _file_name(record: CertificateRecord) -> str:
    return f"{record.printed.completed_on.isoformat()}-{record.certificate.code}.pdf"


def _explanation(at: datetime) -> str:
    return _(
        "What is kept about you, written on %(day)s (UTC).\n\n"
        "your-data.json   everything: account, tests with your answers, what was played and read, claims,\n"
        "                 certificates as printed, mail, and what happened when\n"
        "transcript.csv   your certificates as a table\n"
        "certificates/    each certificate as signed PDF\n\n"
        "What you said in an evaluation is in here only while it waits to be set free from your name.\n"
        "Afterwards nobody can tell which answers were yours, and so they cannot be in here.\n"
    ) % {"day": f"{at:%Y-%m-%d %H:%M}"}
