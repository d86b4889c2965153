from datetime import UTC, datetime, timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from django_tasks_db.models import DBTaskResult
from tests.factories.learning import a_learner

from opencme.core.jobs.transitions import fail, plan_recurring, take_next
from opencme.core.models import Worker
from opencme.core.operations import queue_mail

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


@pytest.fixture
def operator(client):
    client.force_login(a_learner("Otto Operator", is_operator=True))
    return client


def a_mail(key):
    return queue_mail(key=key, to="ana@example.org", subject="Your code", text="123456", at=AT)


def failed_for_good(words):
    """A mail that the server refused at each attempt."""
    a_mail(words)
    at = AT
    while at is not None:
        row = take_next("mail", worker="one", at=at)
        at = fail(row, ValueError(words), at=at)
    return row


def page(client):
    return client.get(reverse("jobs")).content.decode()


def test_it_says_where_nobody_works(operator):
    assert "Nobody does this work." in page(operator)


def test_it_shows_who_works_what_waits_and_what_recurs(operator):
    Worker.objects.create(name="host:1:abc", started_at=timezone.now(), beat_at=timezone.now())
    a_mail("one")
    a_mail("two")
    plan_recurring(at=AT)
    said = page(operator)
    assert "Nothing has failed for good." in said
    assert "host:1:abc" in said
    assert "learning.move_held_evaluations" in said
    assert "ana@example.org" not in said


def test_a_failed_job_is_shown_with_its_reason_and_tried_again(operator):
    Worker.objects.create(name="host:1:abc", started_at=timezone.now(), beat_at=timezone.now())
    row = failed_for_good("550 the mailbox of <ana@example.org> is full")
    said = page(operator)
    assert "1 job has failed for good." in said
    assert "550 the mailbox of &lt;[address]&gt; is full" in said
    assert "Tried 10 times" in said
    answer = operator.post(reverse("retry_job", args=[row.id]), follow=True).content.decode()
    assert "The job is tried again now." in answer
    row.refresh_from_db()
    assert (row.status, row.worker_ids) == ("READY", [])
    assert row.run_after <= timezone.now()
    again = operator.post(reverse("discard_job", args=[row.id]), follow=True).content.decode()
    assert "That job has not failed, or is gone" in again


def test_all_that_failed_is_tried_again_with_one_press(operator):
    failed_for_good("no such mailbox")
    assert "Try all again" not in page(operator)
    failed_for_good("the server was away")
    assert "Try all again" in page(operator)
    answer = operator.post(reverse("retry_all_jobs"), follow=True).content.decode()
    assert "2 jobs are tried again now." in answer
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"READY"}


def test_a_failed_job_can_be_given_up(operator):
    row = failed_for_good("no such mailbox")
    answer = operator.post(reverse("discard_job", args=[row.id]), follow=True).content.decode()
    assert "The job was given up." in answer
    assert not DBTaskResult.objects.exists()


def test_one_that_waits_after_a_failure_can_be_tried_now(operator):
    a_mail("one")
    row = take_next("mail", worker="one", at=AT)
    fail(row, ValueError("come back later"), at=timezone.now() + timedelta(hours=3))
    assert "come back later" in page(operator)
    operator.post(reverse("retry_job", args=[row.id]))
    row.refresh_from_db()
    assert row.run_after <= timezone.now()


def test_learners_touch_nothing(client):
    row = failed_for_good("no")
    client.force_login(a_learner("Anna Other"))
    for name in ("retry_job", "discard_job"):
        assert client.post(reverse(name, args=[row.id])).status_code == 403
    assert client.post(reverse("retry_all_jobs")).status_code == 403
    row.refresh_from_db()
    assert row.status == "FAILED"


def test_the_page_costs_the_same_for_any_number_of_jobs(operator, django_assert_max_num_queries):
    for number in range(12):
        failed_for_good(f"no {number}")
    with django_assert_max_num_queries(11):
        page(operator)
