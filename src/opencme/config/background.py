"""What is done beside the pages, by one thread of the server."""

from __future__ import annotations

import logging
import multiprocessing.util
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Protocol

from django.db import close_old_connections, connections
from django.utils import timezone

from opencme.core.tasks import send_due_mail
from opencme.learning.operations import move_held_evaluations

logger = logging.getLogger(__name__)

PAUSE_SECONDS = 2.0


class Job(Protocol):
    """Work that is due at a time; doing it again does nothing more."""

    def __call__(self, *, at: datetime) -> object: ...


JOBS: tuple[Job, ...] = (send_due_mail, move_held_evaluations)


class BackgroundWork(threading.Thread):
    """Does each job every few seconds until it is stopped. A job that fails is logged and tried again."""

    def __init__(
        self,
        jobs: tuple[Job, ...] = JOBS,
        *,
        pause_seconds: float = PAUSE_SECONDS,
        clock: Callable[[], datetime] = timezone.now,
    ) -> None:
        super().__init__(name="opencme-background", daemon=True)
        self._jobs = jobs
        self._pause_seconds = pause_seconds
        self._clock = clock
        self._stopping = threading.Event()

    def run(self) -> None:
        while not self._stopping.is_set():
            for job in self._jobs:
                self._do(job)
            self._stopping.wait(self._pause_seconds)
        connections.close_all()

    def stop(self, *, within_seconds: float = 5.0) -> None:
        """Let the job at hand end, then stop."""
        self._stopping.set()
        if self.is_alive():
            self.join(within_seconds)

    def _do(self, job: Job) -> None:
        close_old_connections()
        try:
            job(at=self._clock())
        except Exception:  # one bad row or a database that restarts must not end all later work
            logger.exception("%s failed and will be tried again", getattr(job, "__name__", job))


def start_background_work() -> BackgroundWork:
    """Start the thread; it is stopped when the process of the server ends."""
    work = BackgroundWork()
    work.start()
    multiprocessing.util.Finalize(None, work.stop, exitpriority=10)
    return work
