import smtplib
from datetime import UTC, datetime, timedelta

import pytest
from django.core import mail as django_mail
from django.core.mail import EmailMultiAlternatives
from django.core.mail.backends.base import BaseEmailBackend
from django_tasks_db.models import DBTaskResult

from opencme.core.delivery import MailRefused
from opencme.core.jobs import Unavailable
from opencme.core.models import OutboxMail
from opencme.core.operations import queue_mail
from opencme.core.tasks import send_mail

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DELIVERS = "django.core.mail.backends.locmem.EmailBackend"
REFUSES = "django.core.mail.backends.smtp.EmailBackend"


@pytest.fixture(autouse=True)
def _hung_up():
    yield
    send_mail.at_rest()


def queue(key="code:1", *, to="ana@example.org", at=NOW):
    return queue_mail(key=key, to=to, subject="Your code", text="123456", at=at)


def send(mail, *, at=NOW):
    send_mail.func(str(mail.uuid), at=at)
    mail.refresh_from_db()


def test_mail_asks_for_its_job_and_goes_out_once(settings):
    settings.OPENCME_MAIL_BACKEND = DELIVERS
    mail = queue()
    (row,) = DBTaskResult.objects.all()
    assert row.task_path == "opencme.core.tasks.send_mail"
    assert row.args_kwargs == {"args": [str(mail.uuid)], "kwargs": {}}
    assert (row.queue_name, row.run_after) == ("mail", NOW)
    send(mail)
    send(mail, at=NOW + timedelta(hours=1))
    (sent,) = django_mail.outbox
    assert (sent.to, sent.subject, sent.body) == (["ana@example.org"], "Your code", "123456")
    assert mail.sent_at == NOW


def test_the_same_key_is_one_mail_and_one_job():
    assert queue() == queue()
    assert OutboxMail.objects.count() == DBTaskResult.objects.count() == 1


def test_a_mail_server_that_is_down_is_no_fault_of_the_mail(settings):
    settings.OPENCME_MAIL_BACKEND = REFUSES
    settings.EMAIL_HOST = "127.0.0.1"
    settings.EMAIL_PORT = 9  # nobody listens on the port for discarding
    mail = queue()
    with pytest.raises(Unavailable, match="Connection refused"):
        send(mail)
    settings.OPENCME_MAIL_BACKEND = DELIVERS
    send(mail)
    assert mail.sent_at == NOW


class HangsUp(BaseEmailBackend):
    """A mail server that hangs up after each mail without saying so."""

    opened = 0
    took = 0

    def open(self):
        type(self).opened += 1
        self.may_send = True

    def send_messages(self, email_messages):
        if not self.may_send:
            raise ConnectionResetError
        self.may_send = False
        type(self).took += len(email_messages)


def test_a_connection_that_went_stale_is_opened_again(settings):
    settings.OPENCME_MAIL_BACKEND = f"{__name__}.HangsUp"
    for number in range(3):
        send(queue(f"code:{number}"))
    assert (HangsUp.opened, HangsUp.took) == (3, 3)


class Refuses(BaseEmailBackend):
    def send_messages(self, email_messages):
        raise smtplib.SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"5.1.1 User unknown")})


def test_what_the_mail_server_refuses_with_is_said_in_its_words(settings):
    settings.OPENCME_MAIL_BACKEND = f"{__name__}.Refuses"
    with pytest.raises(MailRefused, match=r"^550 5.1.1 User unknown$"):
        send(queue())


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
    assert DBTaskResult.objects.count() == 2
