"""What was mailed to a person's address, and what they reported with it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from opencme.activities.models import ProblemReport
from opencme.activities.queries import document_of
from opencme.core.models import AuditEntry, OutboxMail
from opencme.credit.queries import CertificateRecord
from opencme.people.models import User

from .telling import moment

_OF_CERTIFICATES = ("certificate", "revoked")
_OF_ACCOUNTS = ("address-changed",)
"""How the keys of mail begin whose words are handed out; whose it is comes next.

No other mail is told with its words: a code, or the link that opens a closed account again, is for the
eyes of whoever reads the mailbox, not of whoever is signed in.
"""


@dataclass(frozen=True, slots=True)
class Mailbox:
    """An address, and since when it is known to be the person's; until when, where the account was closed.

    Before and after, it may have been another's.
    """

    address: str
    since: datetime
    until: datetime | None


def mailbox_of(accounts: list[User]) -> Mailbox | None:
    """The person's address, `accounts` beginning with the one that they go by.

    A closed account has one until it is blanked; an address that was only typed is nobody's.
    """
    user = accounts[0]
    closing = next((one for one in user.closings.all() if one.undone_at is None), None)
    address = closing.address if closing else user.email
    if not address:
        return None
    return Mailbox(address, _confirmed_at(user), closing.closed_at if closing else None)


def _confirmed_at(user: User) -> datetime:
    """Since when the account has the address that it has; one that was made confirmed, from the start."""
    events = ("account_opened", "address_confirmed", "address_changed")
    entries = AuditEntry.objects.filter(stream_kind=User.audit_kind, stream_uuid=user.uuid, event__in=events)
    return entries.latest("number").at


def mail_values(
    mailbox: Mailbox, accounts: list[User], records: tuple[CertificateRecord, ...]
) -> list[dict[str, Any]]:
    """Mail to the person's address; with its words where it is about what is theirs."""
    own = {(kind, record.certificate.code) for kind in _OF_CERTIFICATES for record in records}
    own |= {(kind, str(account.uuid)) for kind in _OF_ACCOUNTS for account in accounts}
    mail = OutboxMail.objects.filter(to=mailbox.address, created_at__gte=mailbox.since)
    if mailbox.until:
        mail = mail.filter(created_at__lte=mailbox.until)
    return [
        _letter(one, is_own=tuple(one.key.split(":")[:2]) in own) for one in mail.order_by("created_at", "pk")
    ]


def _letter(mail: OutboxMail, *, is_own: bool) -> dict[str, Any]:
    return {
        "to": mail.to,
        "subject": mail.subject if is_own else None,
        "text": mail.text if is_own else None,
        "written_at": mail.created_at.isoformat(),
        "sent_at": moment(mail.sent_at),
    }


def report_values(mailbox: Mailbox) -> list[dict[str, Any]]:
    """Problems reported with the person's address for the answer."""
    made = ProblemReport.objects.filter(reply_to=mailbox.address, reported_at__gte=mailbox.since)
    if mailbox.until:
        made = made.filter(reported_at__lte=mailbox.until)
    rows = made.select_related("activity", "revision").defer("revision__snapshot")
    return [_report(one) for one in rows.order_by("reported_at", "pk")]


def _report(report: ProblemReport) -> dict[str, Any]:
    return {
        "report": str(report.uuid),
        "activity": str(report.activity.uuid),
        "title": document_of(report.revision).title if report.revision else None,
        "kind": report.kind,
        "text": report.text,
        "answer_to": report.reply_to,
        "reported_at": report.reported_at.isoformat(),
    }
