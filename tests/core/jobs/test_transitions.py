from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django_tasks_db.models import DBTaskResult

from opencme.core.jobs import NoSuchJob, enqueue, job_named, queue_state, recurring_jobs
from opencme.core.jobs.standing import failing_jobs
from opencme.core.jobs.transitions import (
    fail,
    finish,
    mend_clock,
    plan_recurring,
    put_back,
    reap,
    reap_own,
    take_next,
)

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("notes")]

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def take(at=NOW, *, queue="default", worker="one"):
    return take_next(queue, worker=worker, at=at)


def state(row):
    row.refresh_from_db()
    return row.status


def test_a_job_is_asked_for_by_name_and_taken_once():
    enqueue("worker_app.write", "a word", 3, at=NOW)
    row = take()
    assert (row.task_path, row.args_kwargs["args"]) == ("tests.worker_app.tasks.write", ["a word", 3])
    assert (row.worker_ids, row.started_at) == (["one"], NOW)
    assert take() is None


def test_a_name_that_nobody_declares_is_refused_at_once():
    for name in ("worker_app.nothing", "nowhere.write", "worker_app.note", "write", "sessions.write"):
        with pytest.raises(NoSuchJob):
            enqueue(name, at=NOW)


def test_what_is_rolled_back_was_never_asked_for():
    with transaction.atomic():
        enqueue("worker_app.write", "a", at=NOW)
        transaction.set_rollback(True)
    assert take() is None


def test_jobs_are_taken_when_they_are_due_the_oldest_first():
    enqueue("worker_app.write", "second", at=NOW)
    enqueue("worker_app.write", "first", at=NOW - SECOND)
    enqueue("worker_app.write", "later", at=NOW + SECOND)
    assert [take().args_kwargs["args"], take().args_kwargs["args"], take()] == [["first"], ["second"], None]
    assert take(NOW + SECOND).args_kwargs["args"] == ["later"]


def test_each_queue_has_its_own():
    enqueue("worker_app.needs_another_server", "a", at=NOW)
    assert take() is None
    assert take(queue="mail") is not None


def test_what_is_done_leaves_nothing():
    enqueue("worker_app.write", "a", at=NOW)
    finish(take(), job_named("worker_app.write"), None, at=NOW)
    assert not DBTaskResult.objects.exists()


def test_a_failure_is_tried_again_after_each_pause_then_it_has_failed_for_good():
    enqueue("worker_app.fail", "a", at=NOW)
    row = take()
    assert fail(row, ValueError("no"), at=NOW) == NOW + SECOND
    assert take(NOW + SECOND / 2) is None
    at = NOW + SECOND
    assert fail(take(at), ValueError("no"), at=at) == at + timedelta(minutes=1)
    at += timedelta(minutes=1)
    assert fail(take(at), ValueError("at the third try"), at=at) is None
    assert state(row) == "FAILED"
    assert take(at + timedelta(days=1000)) is None
    assert row.finished_at == at
    assert "ValueError: at the third try" in row.traceback


def test_what_is_kept_of_an_error_names_nobodys_address():
    enqueue("worker_app.fail", "a", at=NOW)
    row = take()
    fail(row, ValueError("550 <ana.b@mail.example.org>: no such user"), at=NOW)
    row.refresh_from_db()
    assert "550 <[address]>: no such user" in row.traceback


def test_waiting_for_what_is_away_is_no_attempt():
    enqueue("worker_app.needs_another_server", "a", at=NOW)
    for _ in range(20):
        put_back(take(queue="mail"), OSError("away"))
    row = take(queue="mail")
    assert row.worker_ids == ["one"]


def test_what_waits_for_what_is_away_grows_late_and_keeps_its_turn():
    for number, word in enumerate(("first", "second", "third")):
        enqueue("worker_app.needs_another_server", word, at=NOW + number * SECOND)
    for minutes in range(1, 16):
        put_back(take(NOW + timedelta(minutes=minutes), queue="mail"), OSError("away"))
    at = NOW + timedelta(minutes=15)
    state = queue_state(at=at)
    assert (state.due_for_seconds, state.is_late) == (15 * 60, True)
    back_again = [take(at, queue="mail").args_kwargs["args"] for _ in range(3)]
    assert back_again == [["first"], ["second"], ["third"]]


def test_a_unique_job_is_one_row_for_the_same_arguments():
    keys = [enqueue("worker_app.only_one", word, at=NOW) for word in ("a", "a", "b")]
    assert keys[0] == keys[1] != keys[2]
    assert DBTaskResult.objects.count() == 2


def test_a_unique_job_asked_for_while_it_is_done_is_done_once_more():
    enqueue("worker_app.only_one", "a", at=NOW)
    row = take()
    enqueue("worker_app.only_one", "a", at=NOW)
    assert take() is None, "two at once"
    finish(row, job_named("worker_app.only_one"), None, at=NOW)
    again = take()
    assert again.worker_ids == ["one"]
    finish(again, job_named("worker_app.only_one"), None, at=NOW)
    assert not DBTaskResult.objects.exists()


def test_a_unique_job_that_failed_for_good_can_be_asked_for_again():
    enqueue("worker_app.only_one", "a", at=NOW)
    DBTaskResult.objects.update(status="FAILED", worker_ids=["one"] * 5, finished_at=NOW)
    enqueue("worker_app.only_one", "a", at=NOW + SECOND)
    assert take() is None
    assert take(NOW + SECOND).worker_ids == ["one"]


def test_what_a_dead_worker_did_is_given_to_another():
    enqueue("worker_app.linger", "a", 1, at=NOW)
    enqueue("worker_app.linger", "b", 1, at=NOW)
    dead, living = take(worker="dead"), take(worker="living")
    assert [row.id for row in reap(alive=frozenset({"living"}), at=NOW)] == [dead.id]
    assert (state(dead), state(living)) == ("READY", "RUNNING")
    assert "was killed or lost the database" in dead.traceback
    assert take(worker="living").worker_ids == ["dead", "living"]


def test_a_job_that_kills_its_worker_again_and_again_fails_for_good():
    enqueue("worker_app.linger", "a", 1, at=NOW)
    for number in range(4):
        row = take(worker=str(number))
        reap(alive=frozenset(), at=NOW)
    assert state(row) == "FAILED"


def test_what_a_living_worker_lost_with_the_database_is_tried_again():
    for word in ("at hand", "lost", "just taken", "another's"):
        enqueue("worker_app.linger", word, 1, at=NOW)
    at_hand, lost = take(), take()
    just_taken, anothers = take(NOW + 30 * SECOND), take(worker="another")
    found = reap_own("one", at_hand=frozenset({at_hand.id}), before=NOW + SECOND, at=NOW + 30 * SECOND)
    assert [row.id for row in found] == [lost.id]
    assert [state(row) for row in (at_hand, lost, just_taken, anothers)] == ["RUNNING", "READY"] + [
        "RUNNING"
    ] * 2


def test_a_worker_that_was_thought_dead_changes_nothing():
    enqueue("worker_app.linger", "a", 1, at=NOW)
    slow = take(worker="slow")
    reap(alive=frozenset(), at=NOW)
    row = take(NOW + SECOND, worker="quick")
    job = job_named("worker_app.linger")
    finish(slow, job, None, at=NOW + 2 * SECOND)
    fail(slow, ValueError("too late"), at=NOW + 2 * SECOND)
    assert (state(row), row.worker_ids) == ("RUNNING", ["slow", "quick"])
    finish(row, job, None, at=NOW + 2 * SECOND)
    assert not DBTaskResult.objects.exists()


def test_a_job_that_only_another_version_knows_is_tried_for_an_hour():
    enqueue("worker_app.write", "a", at=NOW)
    DBTaskResult.objects.update(task_path="opencme.core.tasks.of_the_future")
    at = NOW
    while (next_at := fail(take(at), NoSuchJob("core.of_the_future"), at=at)) is not None:
        at = next_at
    assert timedelta(hours=1) < at - NOW < timedelta(hours=2)


def test_what_recurs_has_one_row_that_comes_again():
    plan_recurring(at=NOW)
    plan_recurring(at=NOW)
    assert DBTaskResult.objects.count() == len(recurring_jobs()) > 0
    row = DBTaskResult.objects.get(task_path="opencme.learning.tasks.move_held_evaluations")
    DBTaskResult.objects.exclude(pk=row.pk).delete()
    row = take()
    finish(row, job_named("learning.move_held_evaluations"), 7, at=NOW)
    assert (state(row), row.return_value, row.finished_at) == ("READY", 7, NOW)
    assert row.run_after == NOW + timedelta(minutes=1)


def test_planning_again_writes_nothing(django_assert_num_queries):
    plan_recurring(at=NOW)
    with django_assert_num_queries(1):
        plan_recurring(at=NOW)


def test_what_recurs_never_fails_for_good():
    plan_recurring(at=NOW)
    row = DBTaskResult.objects.get(task_path="opencme.learning.tasks.move_held_evaluations")
    DBTaskResult.objects.exclude(pk=row.pk).delete()
    at = NOW
    for _ in range(30):
        at = fail(take(at), ValueError("no"), at=at)
    assert at - NOW <= timedelta(minutes=30)
    assert len(take(at).worker_ids) == 20


def test_what_fails_again_and_again_is_counted_by_name_until_it_is_done():
    enqueue("learning.move_held_evaluations", at=NOW)
    at, said = NOW, []
    for _ in range(3):
        at = fail(take(at), ValueError("no"), at=at)
        said.append(failing_jobs())
    assert said == [{}, {}, {"learning.move_held_evaluations": 1}]
    finish(take(at), job_named("learning.move_held_evaluations"), 0, at=at)
    assert failing_jobs() == {}


def test_what_recurs_and_failed_where_another_version_did_not_know_it_is_planned_again():
    plan_recurring(at=NOW)
    row = DBTaskResult.objects.get(task_path="opencme.learning.tasks.move_held_evaluations")
    DBTaskResult.objects.filter(pk=row.pk).update(status="FAILED", worker_ids=["one", "two"], finished_at=NOW)
    plan_recurring(at=NOW + SECOND)
    assert state(row) == "READY"
    assert (row.worker_ids, row.run_after, row.finished_at) == ([], NOW + SECOND, None)


def test_a_clock_that_was_set_back_puts_off_nothing_that_recurs():
    plan_recurring(at=NOW + timedelta(days=365))
    plan_recurring(at=NOW)
    assert set(DBTaskResult.objects.values_list("run_after", flat=True)) == {NOW}


def test_a_clock_that_was_set_back_puts_off_nothing_that_was_asked_for_before():
    hour = timedelta(hours=1)
    for word, asked_at, due_at in (
        ("before", NOW + hour, NOW + hour),
        ("after", NOW, NOW),
        ("for later", NOW, NOW + hour),
    ):
        key = enqueue("worker_app.write", word, at=due_at)
        DBTaskResult.objects.filter(id=key).update(enqueued_at=asked_at)
    assert mend_clock(at=NOW + SECOND) == 1
    taken = [take(NOW + SECOND), take(NOW + SECOND), take(NOW + SECOND)]
    assert [row.args_kwargs["args"][0] for row in taken if row] == ["after", "before"]
