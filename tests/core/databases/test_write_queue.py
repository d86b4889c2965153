"""Writers come in one at a time and in the order they came."""

import threading
import time

from opencme.core.databases.write_queue import WriteQueue, queue_of


def wait_until(condition):
    end = time.monotonic() + 5
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.001)


def test_the_first_come_is_the_first_served():
    queue, served, threads = WriteQueue(), [], []
    assert queue.enter(within_seconds=0)

    def write(number):
        assert queue.enter(within_seconds=5)
        served.append(number)
        queue.leave()

    for number in range(20):
        threads.append(threading.Thread(target=write, args=(number,)))
        threads[-1].start()
        wait_until(lambda count=number + 1: len(queue) == count)
    queue.leave()
    for thread in threads:
        thread.join()
    assert served == list(range(20))


def test_waiting_is_bounded_and_whoever_gave_up_is_passed_over():
    queue = WriteQueue()
    assert queue.enter(within_seconds=0)
    assert not queue.enter(within_seconds=0.01)
    queue.leave()
    assert queue.enter(within_seconds=0)
    queue.leave()


def test_two_are_never_in_at_once():
    queue, inside, most = WriteQueue(), 0, 0

    def write():
        nonlocal inside, most
        for _ in range(200):
            if not queue.enter(within_seconds=0.0005):
                continue
            inside += 1
            most = max(most, inside)
            time.sleep(0.0001)
            inside -= 1
            queue.leave()

    threads = [threading.Thread(target=write) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert most == 1
    assert queue.enter(within_seconds=0), "nobody left with the turn"


def test_one_file_has_one_queue_by_whatever_name(tmp_path):
    (tmp_path / "file").touch()
    (tmp_path / "link").symlink_to(tmp_path / "file")
    assert queue_of(str(tmp_path / "link")) is queue_of(str(tmp_path / "file"))
    assert queue_of(str(tmp_path / "other")) is not queue_of(str(tmp_path / "file"))
