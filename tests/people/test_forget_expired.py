from datetime import UTC, datetime, timedelta

import pytest
from django.contrib.sessions.models import Session
from tests.factories.learning import a_learner

from opencme.core.batches import delete_in_batches
from opencme.people.models import AddressCode
from opencme.people.tasks import forget_expired

pytestmark = pytest.mark.django_db

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def a_session(number, expires_at):
    Session.objects.create(session_key=f"key{number}", session_data="", expire_date=expires_at)


def a_code(expires_at):
    return AddressCode.objects.create(
        user=a_learner(), address="a@example.org", digest="0", sent_at=expires_at, expires_at=expires_at
    )


def test_sessions_and_codes_go_when_they_are_over_and_no_sooner():
    a_session(1, NOW - DAY)
    a_session(2, NOW + DAY)
    a_code(NOW - 3 * DAY)
    counted_by_limits = a_code(NOW - DAY)
    assert forget_expired.func(at=NOW) == {"sessions": 1, "codes": 1}
    assert [one.session_key for one in Session.objects.all()] == ["key2"]
    assert list(AddressCode.objects.all()) == [counted_by_limits]
    assert forget_expired.func(at=NOW) == {"sessions": 0, "codes": 0}


def test_many_go_few_at_once(django_assert_num_queries):
    for number in range(5):
        a_session(number, NOW)
    # Two statements for each of three batches, and one that finds no more.
    with django_assert_num_queries(7):
        assert delete_in_batches(Session.objects.all(), size=2) == 5
