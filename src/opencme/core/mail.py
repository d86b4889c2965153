"""Mail leaves through the outbox, whoever sends it."""

from __future__ import annotations

import uuid
from collections.abc import Sequence

from django.core.mail import EmailMessage
from django.core.mail.backends.base import BaseEmailBackend
from django.utils import timezone

from .operations import queue_mail


class OutboxBackend(BaseEmailBackend):
    """Django's mail door, for parts that are not ours: each message becomes a row of the outbox.

    Text alone is kept; the parts that would write HTML mail have text of the same content.
    """

    def send_messages(self, email_messages: Sequence[EmailMessage]) -> int:
        at = timezone.now()  # Django hands no time to a mail backend
        for message in email_messages:
            for to in message.recipients():
                queue_mail(
                    key=f"message:{uuid.uuid4()}",
                    to=to,
                    subject=str(message.subject),
                    text=str(message.body),
                    at=at,
                )
        return len(email_messages)
