from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse

from opencme.core.operations import queue_mail

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def test_mail_of_the_demonstration_is_read_newest_first(client, settings):
    settings.OPENCME_DEMONSTRATION = True
    queue_mail(key="1", to="ana@example.org", subject="The first", text="One <b>", at=AT)
    queue_mail(key="2", to="ana@example.org", subject="The second", text="Two", at=AT + timedelta(hours=1))
    page = client.get(reverse("mail")).content.decode()
    assert page.index("The second") < page.index("The first")
    assert "One &lt;b&gt;" in page
    assert "22 Nov 2026, 11:00 UTC" in page


def test_nobody_reads_mail_elsewhere(client):
    queue_mail(key="1", to="ana@example.org", subject="The first", text="One", at=AT)
    assert client.get(reverse("mail")).status_code == 404
