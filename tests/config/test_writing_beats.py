"""The thread that writes what was played."""

import threading

import pytest
from django.db import DatabaseError, InterfaceError

from opencme.config.writing_beats import BeatWriter


class Kept:
    """Beats that note each writing; the first one fails."""

    def __init__(self, trouble=None):
        self.trouble = trouble or DatabaseError("no room")
        self.writes = 0
        self.twice = threading.Event()

    def write(self):
        self.writes += 1
        if self.writes == 1:
            raise self.trouble
        self.twice.set()


@pytest.mark.parametrize("kind", [DatabaseError, InterfaceError, RuntimeError])
def test_it_goes_on_after_a_failure_and_writes_once_more_at_the_end(kind, caplog):
    kept = Kept(kind("no room"))
    writer = BeatWriter(kept, pause_seconds=0.01)
    writer.start()
    assert kept.twice.wait(5)
    writer.stop()
    assert not writer.is_alive()
    assert "What was played waits to be written" in caplog.text
    assert "no room" in caplog.text


def test_what_waits_is_written_when_it_ends_before_its_time():
    kept = Kept()
    writer = BeatWriter(kept, pause_seconds=60)
    writer.start()
    writer.stop()
    assert kept.writes == 1


def test_it_goes_on_where_an_old_connection_cannot_be_closed(monkeypatch):
    def refuse():
        monkeypatch.undo()
        raise InterfaceError("it is gone")

    monkeypatch.setattr("opencme.config.writing_beats.close_old_connections", refuse)
    kept = Kept()
    writer = BeatWriter(kept, pause_seconds=0.01)
    writer.start()
    assert kept.twice.wait(5)
    writer.stop()
