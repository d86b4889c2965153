"""Mail that goes with an account is found without reading all other mail."""

from datetime import UTC, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from opencme.core.forgetting import forget_mail_keyed
from opencme.core.models import OutboxMail
from opencme.core.operations import queue_mail

AT = datetime(2026, 11, 22, 12, tzinfo=UTC)

pytestmark = pytest.mark.django_db


@pytest.fixture
def mail():
    for key in ("code:a:1", "code:a:22", "code:ab:1", "code:A:1", "code:a", "code:a;", "codes:a:1"):
        queue_mail(key=key, to="x@hospital.example", subject="S", text="T", at=AT)


def test_mail_goes_by_how_its_key_begins(mail):
    assert forget_mail_keyed("code:a:") == 2
    assert sorted(OutboxMail.objects.values_list("key", flat=True)) == [
        "code:A:1",
        "code:a",
        "code:a;",
        "code:ab:1",
        "codes:a:1",
    ]


@pytest.mark.sqlite  # PostgreSQL plans by how many rows there are
def test_the_index_of_the_keys_finds_it(mail):
    with CaptureQueriesContext(connection) as asked:
        forget_mail_keyed("code:a:")
    plans = []
    with connection.cursor() as cursor:
        for one in asked:
            cursor.execute(f"EXPLAIN QUERY PLAN {one['sql']}")
            plans += [row[3] for row in cursor.fetchall()]
    assert plans
    assert not [plan for plan in plans if plan.startswith("SCAN")]
