from datetime import UTC, datetime, timedelta
from uuid import uuid4

import pytest
from click.testing import CliRunner
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from opencme.cli.jobs import command
from opencme.core.jobs.standing import SHOWN
from opencme.core.jobs.transitions import fail, finish, plan_recurring, take_next
from opencme.core.models import Worker
from opencme.core.operations import queue_mail
from opencme.people.tasks import forget_expired

pytestmark = pytest.mark.django_db

AT = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def jobs(*arguments):
    result = CliRunner().invoke(command, arguments)
    return result.exit_code, result.output


def failed_for_good(words):
    queue_mail(key=words, to="ana@example.org", subject="Your code", text="123456", at=AT)
    at = AT
    while at is not None:
        row = take_next("mail", worker="one", at=at)
        at = fail(row, ValueError(words), at=at)
    return row


def test_it_lists_who_works_what_waits_and_what_recurs():
    Worker.objects.create(name="host:1:abc", started_at=AT, beat_at=timezone.now())
    queue_mail(key="a", to="ana@example.org", subject="Your code", text="123456", at=AT)
    plan_recurring(at=AT)
    row = DBTaskResult.objects.get(task_path=forget_expired.module_path)
    DBTaskResult.objects.filter(pk=row.pk).update(run_after=AT - timedelta(days=1))
    finish(take_next("default", worker="one", at=AT), forget_expired, {"sessions": 3, "codes": 0}, at=AT)
    status, said = jobs()
    assert status == 0
    assert "1 at work" in said
    assert "Worker host:1:abc, since 2026-11-22 10:00:00 UTC" in said
    assert "Waiting: 1 of core.send_mail, the first for 2026-11-22 10:00:00 UTC" in said
    assert "people.forget_expired, every 6:00:00: last done 2026-11-22 10:00:00 UTC (sessions 3)" in said


def test_nothing_failed_is_status_0():
    assert jobs("failed") == (0, "Nothing has failed for good.\n")


def test_what_failed_is_shown_tried_again_or_given_up():
    first, second = failed_for_good("no such user"), failed_for_good("the mailbox is full")
    status, said = jobs("failed")
    assert status == 1
    assert f"{first.id}  core.send_mail {first.args_kwargs['args'][0]}" in said
    assert "10 times tried, last" in said
    assert "no such user" in said
    assert "Traceback" not in said
    assert "ValueError: no such user" in jobs("failed", "--trace")[1]

    assert jobs("retry", str(first.id)) == (0, f"{first.id}: will be done at once.\n")
    assert jobs("discard", str(first.id)) == (1, f"{first.id}: has not failed, or is gone.\n")
    assert jobs("discard", str(second.id)) == (0, f"{second.id}: given up.\n")
    assert jobs("failed")[0] == 0


def test_all_that_failed_is_tried_again_at_once():
    for words in ("one", "two"):
        failed_for_good(words)
    assert jobs("retry")[0] == 2
    assert jobs("retry", "--all") == (0, "To be done at once: 2.\n")
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"READY"}


def test_of_very_many_that_failed_the_newest_are_shown_and_all_are_tried_again():
    one = failed_for_good("no such user")
    others = DBTaskResult.objects.filter(pk=one.pk).values().get()
    copies = [DBTaskResult(**others | {"id": uuid4()}) for _ in range(SHOWN)]
    DBTaskResult.objects.bulk_create(copies)
    assert "And 1 that failed before these." in jobs("failed")[1]
    assert jobs("retry", "--all") == (0, f"To be done at once: {SHOWN + 1}.\n")
    assert set(DBTaskResult.objects.values_list("status", flat=True)) == {"READY"}
