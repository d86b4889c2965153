"""Work of `core` that is done beside the pages."""

from __future__ import annotations

import smtplib
from datetime import datetime, timedelta
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend
from django.db.models import F

from .models import OutboxMail

BATCH = 50

# How long to wait after the first, second ... try that failed: about four days in all.
PAUSES = (
    timedelta(minutes=1),
    timedelta(minutes=5),
    timedelta(minutes=15),
    timedelta(hours=1),
    timedelta(hours=4),
    timedelta(hours=12),
    timedelta(days=1),
    timedelta(days=1),
    timedelta(days=1),
)

# Whoever takes a mail has this long to send it before another may try.
LEASE = timedelta(minutes=5)


def send_due_mail(*, at: datetime) -> int:
    """Send the mail that is due; return how many went out.

    A mail is taken by moving its due time, so that two senders never send the same one, and no
    transaction stays open while a mail server thinks. A sender that dies in between leaves the
    mail to the next one: it may arrive twice, with the same Message-ID, but is never lost.
    """
    due = list(
        OutboxMail.objects.filter(sent_at=None, gave_up_at=None, due_at__lte=at).order_by("due_at")[:BATCH]
    )
    if not due:
        return 0
    connection = get_connection(settings.OPENCME_MAIL_BACKEND)
    sent = 0
    try:
        for mail in due:
            if not _take(mail, at):
                continue
            try:
                _send(mail, connection)
            except smtplib.SMTPResponseException as refusal:
                _postpone(mail, f"{refusal.smtp_code} {refusal.smtp_error!r}", at)
            except smtplib.SMTPRecipientsRefused as refusal:
                _postpone(mail, str(refusal.recipients), at)
            except (OSError, ValueError) as trouble:
                _postpone(mail, f"{type(trouble).__name__}: {trouble}", at)
                break  # nobody answers there: the others wait for the next round
            else:
                OutboxMail.objects.filter(pk=mail.pk).update(sent_at=at, last_error="")
                sent += 1
    finally:
        connection.close()
    return sent


def _take(mail: OutboxMail, at: datetime) -> bool:
    taken = OutboxMail.objects.filter(pk=mail.pk, sent_at=None, due_at=mail.due_at).update(
        due_at=at + LEASE, tries=F("tries") + 1
    )
    mail.tries += taken
    return bool(taken)


def _send(mail: OutboxMail, connection: BaseEmailBackend) -> None:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    message = EmailMessage(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={"Message-ID": f"<{mail.uuid}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
    message.send()


def _postpone(mail: OutboxMail, error: str, at: datetime) -> None:
    changes: dict[str, object] = {"last_error": error[:300]}
    if mail.tries > len(PAUSES):
        changes["gave_up_at"] = at
    else:
        changes["due_at"] = at + PAUSES[mail.tries - 1]
    OutboxMail.objects.filter(pk=mail.pk).update(**changes)
