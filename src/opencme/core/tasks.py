"""Work of `core` that is done beside the pages; `enqueue` asks for work of any app."""

from __future__ import annotations

from datetime import datetime, timedelta

from .databases.housekeeping import tidy
from .delivery import deliver, hang_up
from .jobs import MAIL_QUEUE, QueueState, enqueue, job, queue_state
from .models import OutboxMail

__all__ = ["QueueState", "enqueue", "queue_state", "send_mail", "tidy_database"]

MAIL_PAUSES = (
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
"""About four days for a mail that the server refuses; a server that is away costs no attempt."""


@job(queue=MAIL_QUEUE, pauses=MAIL_PAUSES, at_rest=hang_up)
def send_mail(uuid: str, *, at: datetime) -> None:
    """Send one mail of the outbox, unless that has been done.

    A worker that dies between sending and noting it leaves the mail to the next one: it may arrive
    twice, with the same Message-ID, but is never lost.
    """
    mail = OutboxMail.objects.filter(uuid=uuid, sent_at=None).exclude(text="").first()
    if mail is None:  # sent, or so old that its text was blanked
        return
    deliver(mail)
    OutboxMail.objects.filter(pk=mail.pk).update(sent_at=at)


@job(every=timedelta(hours=1))
def tidy_database(*, at: datetime) -> None:
    """What the database needs from time to time; `at` decides nothing."""
    del at
    tidy()
