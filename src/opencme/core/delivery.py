"""Handing mail to the mail server, over one connection for as long as mail follows mail."""

from __future__ import annotations

import smtplib
import threading
from email.utils import parseaddr

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.core.mail.backends.base import BaseEmailBackend

from .jobs import Unavailable
from .models import OutboxMail


class _Line(threading.local):
    """The connection of this thread, while it is open."""

    connection: BaseEmailBackend | None = None


_line = _Line()


class MailRefused(Exception):
    """The mail server does not take this mail; the words are its own."""


def deliver(mail: OutboxMail) -> None:
    """Hand the mail over. Raises `Unavailable` where no mail server answers, `MailRefused` by one that does.

    Every try has the same Message-ID: whoever gets a mail twice can be shown it once.
    """
    try:
        _send(mail)
    except smtplib.SMTPResponseException as refusal:
        raise MailRefused(_words(refusal.smtp_code, refusal.smtp_error)) from refusal
    except smtplib.SMTPRecipientsRefused as refusal:
        raise MailRefused("; ".join(_words(*said) for said in refusal.recipients.values())) from refusal


def _send(mail: OutboxMail) -> None:
    was_open = _line.connection is not None
    try:
        _message(mail, _connected()).send()
    except (smtplib.SMTPServerDisconnected, ConnectionError):
        hang_up()
        if not was_open:
            raise
        _message(mail, _connected()).send()  # the server had hung up after an earlier mail


def _words(code: int, said: bytes | str) -> str:
    return f"{code} {said.decode(errors='replace') if isinstance(said, bytes) else said}"


def hang_up() -> None:
    """Close the connection, if there is one."""
    connection, _line.connection = _line.connection, None
    if connection is not None:
        connection.close()


def _connected() -> BaseEmailBackend:
    if _line.connection is None:
        connection = get_connection(settings.OPENCME_MAIL_BACKEND)
        try:
            connection.open()
        except OSError as trouble:
            raise Unavailable(f"The mail server cannot be used: {trouble}") from trouble
        _line.connection = connection
    return _line.connection


def _message(mail: OutboxMail, connection: BaseEmailBackend) -> EmailMessage:
    domain = parseaddr(settings.DEFAULT_FROM_EMAIL)[1].partition("@")[2] or "localhost"
    return EmailMessage(
        subject=mail.subject,
        body=mail.text,
        to=[mail.to],
        headers={"Message-ID": f"<{mail.uuid}@{domain}>", "Auto-Submitted": "auto-generated"},
        connection=connection,
    )
