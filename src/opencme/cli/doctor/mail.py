"""Whether the mail server takes our mail, and what lies waiting."""

from __future__ import annotations

import smtplib
import socket
import ssl
from collections.abc import Iterator
from datetime import datetime, timedelta

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db.models import Max

from opencme.cli.doctor.findings import Finding, fine, trouble, warning
from opencme.core.jobs.standing import arguments_of
from opencme.core.models import OutboxMail
from opencme.core.tasks import send_mail

SUBJECT = "mail"
LATE = timedelta(minutes=15)


def examine_mail_server(*, send_to: str = "") -> Iterator[Finding]:
    """Connect and log in as the sender would; with `send_to`, send one message there."""
    where = f"{settings.EMAIL_HOST}:{settings.EMAIL_PORT}"
    connection = get_connection(settings.OPENCME_MAIL_BACKEND)
    try:
        connection.open()
        if send_to:
            EmailMessage(
                subject="OpenCME can send mail",
                body="This message was sent by `opencme doctor`. Mail leaves this installation.",
                to=[send_to],
                headers={"Auto-Submitted": "auto-generated"},
                connection=connection,
            ).send()
        connection.close()
    except (OSError, ValueError) as error:  # those of smtplib and ssl are kinds of OSError
        yield trouble(SUBJECT, f"{where} does not take mail: {said_by(error)}.", remedy_for(error))
        return
    yield fine(
        SUBJECT, f"{where} lets us in." + (f" A message to {send_to} was handed over." if send_to else "")
    )
    if settings.EMAIL_HOST_PASSWORD and not (settings.EMAIL_USE_TLS or settings.EMAIL_USE_SSL):
        yield warning(
            SUBJECT,
            f"The password for {where} travels unencrypted.",
            "Write smtp+tls:// (port 587) or smtp+ssl:// (port 465) in OPENCME_MAIL_URL.",
        )


class NotSent(Exception):
    """The mail server did not take a report; the text says why."""


def send_report(text: str, *, to: str) -> None:
    """Send what needs somebody, past the outbox: its worker may be the trouble. Raises `NotSent`."""
    message = EmailMessage(
        subject=f"{settings.OPENCME_SITE_NAME} needs you ({settings.OPENCME_BASE_URL})",
        body=f"This is what `opencme doctor` found.\n\n{text}\n",
        to=[to],
        headers={"Auto-Submitted": "auto-generated"},
        connection=get_connection(settings.OPENCME_MAIL_BACKEND),
    )
    try:
        message.send()
    except (OSError, ValueError) as error:
        raise NotSent(said_by(error)) from error


def said_by(error: Exception) -> str:
    """What was answered, in one line."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, text = next(iter(error.recipients.values()))
        return f"{code} {_text(text)}"
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    return str(getattr(error, "strerror", None) or error).rstrip(".")


def _text(said: bytes | str) -> str:
    text = said.decode(errors="replace") if isinstance(said, bytes) else said
    return " ".join(text.split()).rstrip(".")


def remedy_for(error: Exception) -> str:
    """What to do about a mail server that does not answer as it should."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return "User or password is wrong: mend OPENCME_MAIL_URL (write %40 for an @ in the password)."
    if isinstance(error, socket.gaierror):
        return "No machine has that name: mend the host in OPENCME_MAIL_URL, or the name service here."
    if isinstance(error, ssl.SSLError | smtplib.SMTPNotSupportedError):
        return (
            "Encryption failed: smtp+tls:// is for port 587, smtp+ssl:// for 465;"
            " the server's certificate must be valid."
        )
    if isinstance(error, smtplib.SMTPException):
        return "The mail server refuses: ask who runs it to let this machine and OPENCME_MAIL_FROM send."
    return "Nobody answers: mend host and port in OPENCME_MAIL_URL, or let the firewall pass them."


def examine_outbox(*, at: datetime) -> Iterator[Finding]:
    """Mail that should have left."""
    late = _still_to_be_sent(before=at - LATE)
    if late:
        told = "1 message has" if late == 1 else f"{late:,} messages have"
        yield warning(
            SUBJECT,
            f"{told} waited for more than a quarter of an hour, or failed for good.",
            "See that the server (on PostgreSQL also `opencme worker`) runs; `opencme jobs` says more.",
        )
        return
    last = OutboxMail.objects.aggregate(last=Max("sent_at"))["last"]
    sent = "none was sent yet" if last is None else f"the last left at {last:%Y-%m-%d %H:%M} UTC"
    yield fine(SUBJECT, f"No message is late; {sent}.")


def _still_to_be_sent(*, before: datetime) -> int:
    """How many were written before that moment; one whose job an operator discarded is meant to stay."""
    unsent = OutboxMail.objects.filter(sent_at=None, created_at__lt=before).values_list("uuid", flat=True)
    asked_for = set(arguments_of(send_mail))
    return sum((str(uuid),) in asked_for for uuid in unsent.iterator())
