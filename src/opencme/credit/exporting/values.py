"""Everything that is kept about a person, as plain values."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from opencme.core.models import AuditEntry
from opencme.credit.queries import CertificateRecord
from opencme.learning.models import Participation
from opencme.people.models import User

from .accounts import account_values, accounts_in_full
from .correspondence import mail_values, mailbox_of, report_values
from .participations import participation_values


def personal_data(
    user: User, rows: Iterable[Participation], records: tuple[CertificateRecord, ...], *, at: datetime
) -> dict[str, Any]:
    """What is kept about the person, over all accounts that turned out to be theirs.

    `rows` and `records`: the person's participations, with all that hangs on them, and certificates.
    """
    accounts = accounts_in_full(user)
    mailbox = mailbox_of(accounts)
    return {
        "written_at": at.isoformat(),
        "accounts": [account_values(account) for account in accounts],
        "participations": [participation_values(row) for row in rows],
        "mail": mail_values(mailbox, accounts, records) if mailbox else [],
        "problems_reported": report_values(mailbox) if mailbox else [],
        "what_happened": _events([account.uuid for account in accounts] + [row.uuid for row in rows]),
    }


def _events(streams: list[UUID]) -> list[dict[str, Any]]:
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
