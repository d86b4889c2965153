"""A runner in threads of this process: what it does with jobs that fail, wait and come again."""

import logging
import threading
import time
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from opencme.core.jobs import enqueue, queue_state
from opencme.core.jobs.runner import Runner
from opencme.core.models import Worker

pytestmark = pytest.mark.django_db(transaction=True)

QUICK = timedelta(milliseconds=10)


@pytest.fixture
def runner(notes):
    made = Runner(clock=timezone.now, alone=True, look_every=QUICK)
    made.start()
    yield made
    assert made.stop()


def wait_for(condition, seconds=10):
    pause = threading.Event()
    for _ in range(seconds * 100):
        if condition():
            return
        pause.wait(0.01)
    raise AssertionError(f"not in {seconds} seconds")


def test_jobs_are_done_and_leave_nothing(runner, notes):
    for word in "abc":
        enqueue("worker_app.write", word, at=timezone.now())
    wait_for(lambda: notes() == ["a", "b", "c"])
    wait_for(lambda: not DBTaskResult.objects.filter(task_path__startswith="tests.").exists())


def test_one_that_fails_stops_no_other_and_the_log_quotes_nothing(runner, notes, caplog):
    with caplog.at_level(logging.WARNING):
        enqueue("worker_app.fail", "failing", at=timezone.now())
        enqueue("worker_app.write", "after it", at=timezone.now())
        wait_for(lambda: notes() == ["failing", "after it", "failing"])
        wait_for(lambda: caplog.text.count("tests.worker_app.tasks.fail failed (ValueError); again at") == 2)
    assert "example.org" not in caplog.text


def test_a_queue_whose_server_is_away_waits_and_the_other_goes_on(runner, notes):
    enqueue("worker_app.needs_another_server", "asked", at=timezone.now())
    enqueue("worker_app.needs_another_server", "not asked", at=timezone.now())
    wait_for(lambda: notes() == ["asked"])
    enqueue("worker_app.write", "meanwhile", at=timezone.now())
    wait_for(lambda: "meanwhile" in notes())
    assert notes() == ["asked", "meanwhile"]
    wait_for(lambda: queue_state(at=timezone.now()).running == 0)
    assert queue_state(at=timezone.now()).failed_for_good == 0


def test_what_recurs_is_planned_and_done(runner):
    def done():
        return DBTaskResult.objects.filter(
            task_path="opencme.learning.tasks.move_held_evaluations", return_value=0, status="READY"
        ).exists()

    wait_for(done)


def test_it_ends_after_the_job_at_hand_and_signs_off(notes):
    runner = Runner(clock=timezone.now, alone=True, look_every=QUICK)
    runner.start()
    enqueue("worker_app.linger", "long", 1, at=timezone.now())
    enqueue("worker_app.write", "never", at=timezone.now() + timedelta(milliseconds=1))
    wait_for(lambda: notes() == ["long begins"])
    assert Worker.objects.filter(name=runner.name).exists()
    assert runner.stop()
    assert notes() == ["long begins", "long ends"]
    assert not Worker.objects.exists()


def test_one_that_is_alone_takes_up_what_was_left_behind(notes):
    Worker.objects.create(name="killed", started_at=timezone.now(), beat_at=timezone.now())
    enqueue("worker_app.write", "left behind", at=timezone.now())
    DBTaskResult.objects.update(status="RUNNING", worker_ids=["killed"], started_at=timezone.now())
    runner = Runner(clock=timezone.now, alone=True, look_every=QUICK)
    runner.start()
    try:
        wait_for(lambda: notes() == ["left behind"])
        assert list(Worker.objects.values_list("name", flat=True)) == [runner.name]
    finally:
        assert runner.stop()


def test_several_at_once_do_each_job_once_and_a_unique_one_never_twice_at_once(notes):
    for number in range(30):
        enqueue("worker_app.write", f"job {number}", at=timezone.now())
    runners = [Runner(clock=timezone.now, alone=False, look_every=QUICK) for _ in range(3)]
    for runner in runners:
        runner.start()
    for _ in range(20):
        enqueue("worker_app.only_one", "the one", at=timezone.now())
        time.sleep(0.01)
    wait_for(lambda: not DBTaskResult.objects.filter(task_path__startswith="tests.").exists())
    assert all(runner.stop() for runner in runners)
    lines = notes()
    assert sorted(line for line in lines if line.startswith("job")) == sorted(f"job {n}" for n in range(30))
    alone = [line for line in lines if line.startswith("the one")]
    assert alone == ["the one begins", "the one ends"] * (len(alone) // 2)
    assert 2 <= len(alone) < 40


def test_a_clock_set_back_while_it_works_puts_off_nothing(notes):
    ahead = timedelta(days=1)
    runner = Runner(clock=lambda: timezone.now() + ahead, alone=True, look_every=QUICK)
    enqueue("worker_app.write", "asked for tomorrow", at=timezone.now() + ahead + timedelta(hours=1))
    DBTaskResult.objects.update(enqueued_at=timezone.now() + ahead)
    runner.start()
    wait_for(Worker.objects.exists)
    ahead = timedelta(0)
    wait_for(lambda: notes() == ["asked for tomorrow"])
    assert runner.stop()
