"""The thread that does the jobs of one queue, one after the other."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from uuid import UUID

from django.db import connections

from .declaring import Job, job_at
from .outages import Outages
from .transitions import Row, Unavailable, fail, finish, put_back, take_next

logger = logging.getLogger(__name__)

SHORTEST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=30)
"""A mail server that stays away is asked so often."""


class Lane(threading.Thread):
    """Takes jobs of `queue` in the name of `worker` once `may_begin` is set, until `stopping` is."""

    def __init__(
        self,
        queue: str,
        *,
        worker: str,
        clock: Callable[[], datetime],
        look_every: timedelta,
        may_begin: threading.Event,
        stopping: threading.Event,
    ) -> None:
        super().__init__(name=f"opencme-worker-{queue}", daemon=True)
        self.at_hand: UUID | None = None
        self._queue = queue
        self._worker = worker
        self._clock = clock
        self._look_every = look_every.total_seconds()
        self._may_begin = may_begin
        self._stopping = stopping
        self._outages = Outages("take jobs")
        self._used: set[Job] = set()
        self._vain_rounds = 0

    def run(self) -> None:
        while not self._stopping.is_set() and not self._may_begin.wait(self._look_every):
            pass  # the database cannot be reached yet
        while not self._stopping.is_set():
            did_something = False
            with self._outages.expected():
                did_something = self._round()
            if self._vain_rounds:
                pause = self._vain_rounds * SHORTEST_PAUSE
                self._stopping.wait(min(pause, LONGEST_PAUSE).total_seconds())
            elif not did_something:
                self._rest()
                self._stopping.wait(self._look_every)
        self._rest()
        connections.close_all()

    def _round(self) -> bool:
        """Do the next job; False where none is due."""
        row = take_next(self._queue, worker=self._worker, at=self._clock())
        if row is None:
            self._vain_rounds = 0
            return False
        self.at_hand = row.id
        try:
            is_available = self._attempt(row)
        finally:
            self.at_hand = None
        self._vain_rounds = 0 if is_available else self._vain_rounds + 1
        return True

    def _attempt(self, row: Row) -> bool:
        """Whether what the jobs of this queue need is there."""
        try:
            job = job_at(row.task_path)
            self._used.add(job)
            result = job.func(*row.args_kwargs["args"], at=self._clock())
        except Unavailable as trouble:
            logger.warning("%s waits: %s", row.task_path, trouble)
            put_back(row, trouble)
            return False
        except Exception as trouble:  # noqa: BLE001  whatever it is, the row keeps it and other jobs go on
            self._note_failure(row, trouble)
        else:
            finish(row, job, result, at=self._clock())
        return True

    def _note_failure(self, row: Row, trouble: Exception) -> None:
        # An error may quote what a person wrote; the log names its kind, the row keeps the rest.
        again_at = fail(row, trouble, at=self._clock())
        kind = type(trouble).__name__
        if again_at is None:
            logger.error("%s failed for good (%s). `opencme jobs failed` shows why.", row.task_path, kind)
        else:
            logger.warning("%s failed (%s); again at %s", row.task_path, kind, again_at.isoformat())

    def _rest(self) -> None:
        for job in self._used:
            if job.at_rest is not None:
                job.at_rest()
        self._used.clear()
