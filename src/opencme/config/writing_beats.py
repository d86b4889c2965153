"""Writes what was played every few seconds, and when the process ends."""

from __future__ import annotations

import logging
import multiprocessing.util
import threading

from django.db import Error, close_old_connections, connections

from opencme.learning.operations import Beats, unwritten_beats

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 5.0


class BeatWriter(threading.Thread):
    """Writes what waits, again and again until it is stopped, and then once more."""

    def __init__(self, beats: Beats = unwritten_beats, *, pause_seconds: float = PAUSE_SECONDS) -> None:
        super().__init__(name="opencme-beats", daemon=True)
        self._beats = beats
        self._pause_seconds = pause_seconds
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.wait(self._pause_seconds):
            self._write()
        self._write()
        connections.close_all()

    def stop(self, *, within_seconds: float = 10.0) -> None:
        """Write what still waits, and end."""
        self._stopping.set()
        if self.is_alive():
            self.join(within_seconds)

    def _write(self) -> None:
        """Write what waits; where that fails it goes on waiting, and browsers send it again."""
        try:
            close_old_connections()
            self._beats.write()
        except Error as trouble:
            logger.warning("What was played waits to be written: %s", trouble)
        except Exception:  # without this thread nothing would be written until the server starts anew
            logger.exception("What was played waits to be written")


def start_writing_beats() -> BeatWriter:
    """Start the thread; it writes once more when the process of the server ends."""
    writer = BeatWriter()
    writer.start()
    multiprocessing.util.Finalize(None, writer.stop, exitpriority=20)
    return writer
