import logging
import threading
from datetime import UTC, datetime

from opencme.config.background import BackgroundWork

NOW = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


def wait_for(condition):
    done = threading.Event()
    for _ in range(500):
        if condition():
            return
        done.wait(0.01)
    raise AssertionError("not in five seconds")


def test_jobs_are_done_again_and_again_with_the_time():
    times = []

    def note(*, at):
        times.append(at)

    work = BackgroundWork((note,), pause_seconds=0.01, clock=lambda: NOW)
    work.start()
    wait_for(lambda: len(times) >= 3)
    work.stop()
    assert set(times) == {NOW}


def test_a_job_that_fails_stops_neither_itself_nor_the_next(caplog):
    tries, others = [], []

    def fail(*, at):
        tries.append(at)
        raise ValueError("one bad row")

    def go_on(*, at):
        others.append(at)

    work = BackgroundWork((fail, go_on), pause_seconds=0.01, clock=lambda: NOW)
    with caplog.at_level(logging.ERROR):
        work.start()
        wait_for(lambda: len(tries) >= 2 and len(others) >= 2)
        work.stop()
    assert "fail failed and will be tried again" in caplog.text
    assert "one bad row" in caplog.text


def test_it_ends_after_the_job_at_hand():
    begun, may_end, ended = threading.Event(), threading.Event(), threading.Event()

    def take_long(*, at):
        begun.set()
        may_end.wait(5)
        ended.set()

    work = BackgroundWork((take_long,), pause_seconds=60)
    work.start()
    begun.wait(5)
    threading.Timer(0.05, may_end.set).start()
    work.stop()
    assert ended.is_set()
    assert not work.is_alive()
