"""The thread that writes what was played."""

import threading

from django.db import DatabaseError

from opencme.config.writing_beats import BeatWriter


class Kept:
    """Beats that note each writing; the first one fails."""

    def __init__(self):
        self.writes = 0
        self.twice = threading.Event()

    def write(self):
        self.writes += 1
        if self.writes == 1:
            raise DatabaseError("no room")
        self.twice.set()


def test_it_goes_on_after_a_failure_and_writes_once_more_at_the_end():
    kept = Kept()
    writer = BeatWriter(kept, pause_seconds=0.01)
    writer.start()
    assert kept.twice.wait(5)
    writer.stop()
    assert not writer.is_alive()


def test_what_waits_is_written_when_it_ends_before_its_time():
    kept = Kept()
    writer = BeatWriter(kept, pause_seconds=60)
    writer.start()
    writer.stop()
    assert kept.writes == 1
