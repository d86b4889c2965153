from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend

from opencme.core.models import OutboxMail
from opencme.core.operations import queue_mail
from opencme.core.tasks import PAUSES, send_due_mail

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DELIVERS = "django.core.mail.backends.locmem.EmailBackend"
REFUSES = "django.core.mail.backends.smtp.EmailBackend"


def queue(key="code:1", *, to="ana@example.org", at=NOW):
    return queue_mail(key=key, to=to, subject="Your code", text="123456", at=at)


def deliver_to_nobody(settings):
    settings.OPENCME_MAIL_BACKEND = REFUSES
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = 9  # nobody listens on the port for discarding


def test_due_mail_goes_out_once(settings):
    settings.OPENCME_MAIL_BACKEND = DELIVERS
    queue()
    assert send_due_mail(at=NOW) == 1
    assert send_due_mail(at=NOW + timedelta(hours=1)) == 0
    (sent,) = django_mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ana@example.org"], "Your code", "123456")


def test_the_same_key_is_one_mail(settings):
    settings.OPENCME_MAIL_BACKEND = DELIVERS
    queue()
    queue()
    assert send_due_mail(at=NOW) == 1


def test_mail_waits_until_it_is_due(settings):
    settings.OPENCME_MAIL_BACKEND = DELIVERS
    queue(at=NOW + timedelta(minutes=1))
    assert send_due_mail(at=NOW) == 0
    assert send_due_mail(at=NOW + timedelta(minutes=1)) == 1


def test_a_mail_server_that_is_down_postpones(settings):
    deliver_to_nobody(settings)
    queue()
    assert send_due_mail(at=NOW) == 0
    mail = OutboxMail.objects.get()
    assert (mail.tries, mail.sent_at, mail.due_at) == (1, None, NOW + PAUSES[0])
    assert "refused" in mail.last_error

    settings.OPENCME_MAIL_BACKEND = DELIVERS
    assert send_due_mail(at=NOW + PAUSES[0]) == 1


def test_a_mail_server_that_is_down_is_asked_once_a_round(settings):
    deliver_to_nobody(settings)
    queue("code:1")
    queue("code:2")
    send_due_mail(at=NOW)
    assert sorted(OutboxMail.objects.values_list("tries", flat=True)) == [0, 1]


def test_after_the_last_pause_it_is_given_up(settings):
    deliver_to_nobody(settings)
    queue()
    at = NOW
    for pause in PAUSES:
        send_due_mail(at=at)
        at += pause
    assert OutboxMail.objects.get().gave_up_at is None
    send_due_mail(at=at)
    assert OutboxMail.objects.get().gave_up_at == at
    settings.OPENCME_MAIL_BACKEND = DELIVERS
    assert send_due_mail(at=at + timedelta(days=9)) == 0


class AnotherSenderWasFaster(BaseEmailBackend):
    """Delivers, and shows what a second sender would find while this one is at work."""

    found_meanwhile = None

    def send_messages(self, email_messages):
        type(self).found_meanwhile = OutboxMail.objects.filter(sent_at=None, due_at__lte=NOW).count()
        return len(email_messages)


def test_a_mail_being_sent_is_not_there_for_another_sender(settings):
    settings.OPENCME_MAIL_BACKEND = f"{__name__}.AnotherSenderWasFaster"
    queue()
    assert send_due_mail(at=NOW) == 1
    assert AnotherSenderWasFaster.found_meanwhile == 0


def test_mail_of_other_parts_becomes_rows():
    message = EmailMultiAlternatives("Reset your password", "Text", to=["a@example.org", "b@example.org"])
    message.attach_alternative("<p>Text</p>", "text/html")
    message.connection = django_mail.get_connection("opencme.core.mail.OutboxBackend")
    message.send()
    rows = OutboxMail.objects.order_by("to").values_list("to", "subject", "text")
    assert list(rows) == [
        ("a@example.org", "Reset your password", "Text"),
        ("b@example.org", "Reset your password", "Text"),
    ]
