"""Who does the jobs: one thread for each queue, and one that says that they live."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import close_old_connections, connections

from opencme.core.models import Worker

from .declaring import QUEUES, Job, job_at
from .standing import BEAT_EVERY, living_workers
from .transitions import Row, Unavailable, fail, finish, plan_recurring, put_back, reap, take_next

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)
LONGEST_PAUSE = timedelta(seconds=30)
"""A mail server that stays away is asked so often."""


class Runner:
    """Does the jobs of all queues in threads until it is stopped.

    `alone`: nothing else may work on this database (SQLite), so whatever is under way when it starts
    is an orphan, and whoever is on the list of workers is dead.
    """

    def __init__(
        self, *, clock: Callable[[], datetime], alone: bool, look_every: timedelta = LOOK_EVERY
    ) -> None:
        self.name = f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(4)}"
        self._clock = clock
        self._alone = alone
        self._look_every = look_every
        self._stopping = threading.Event()
        self._registered = threading.Event()
        self._beater = threading.Thread(target=self._live, name="opencme-worker-beat", daemon=True)
        self._workers = [
            threading.Thread(target=self._work, args=(queue,), name=f"opencme-worker-{queue}", daemon=True)
            for queue in QUEUES
        ]

    def start(self) -> None:
        """Begin; returns at once."""
        self._beater.start()
        for thread in self._workers:
            thread.start()

    def stop(self, *, within_seconds: float = 10.0) -> bool:
        """Let the jobs at hand end, then stop; whether they ended in time.

        One that did not is an orphan when the process ends, and another worker's then.
        """
        self.ask_to_stop()
        until = time.monotonic() + within_seconds
        for thread in [*self._workers, self._beater]:
            if thread.is_alive():
                thread.join(max(0.0, until - time.monotonic()))
        return not self.is_alive()

    def ask_to_stop(self) -> None:
        """Take no further job; safe in the handler of a signal."""
        self._stopping.set()

    def is_alive(self) -> bool:
        return any(thread.is_alive() for thread in self._workers)

    def wait(self) -> None:
        """Wait until it was asked to stop, the jobs at hand have ended and it has signed off."""
        while self._beater.is_alive():  # short joins: a signal must find the main thread awake
            self._beater.join(1.0)

    # --- The thread of a queue

    def _work(self, queue: str) -> None:
        used: set[Job] = set()
        silent_rounds = 0
        self._registered.wait()
        while not self._stopping.is_set():
            close_old_connections()
            try:
                row = take_next(queue, worker=self.name, at=self._clock())
                is_available = row is None or self._do(row, used)
            except Exception:  # a database that restarts must not end all later work
                logger.exception("The worker cannot use the database and will try again")
                row, is_available = None, True
            silent_rounds = 0 if is_available else silent_rounds + 1
            if row is None:
                self._rest(used)
                self._stopping.wait(self._look_every.total_seconds())
            elif not is_available:
                self._stopping.wait(min(5.0 * silent_rounds, LONGEST_PAUSE.total_seconds()))
        self._rest(used)
        connections.close_all()

    def _do(self, row: Row, used: set[Job]) -> bool:
        """Do the job of the row; False where what its queue needs is away."""
        try:
            job = job_at(row.task_path)
            used.add(job)
            result = job.func(*row.args_kwargs["args"], at=self._clock())
        except Unavailable as trouble:
            logger.warning("%s waits: %s", row.task_path, trouble)
            put_back(row, trouble, at=self._clock())
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

    def _rest(self, used: set[Job]) -> None:
        for job in used:
            if job.at_rest is not None:
                job.at_rest()
        used.clear()

    # --- The thread that says so

    def _live(self) -> None:
        while self._is_needed():
            close_old_connections()
            try:
                self._beat()
            except Exception:  # as above
                logger.exception("The worker cannot say that it lives and will try again")
            self._stopping.wait(BEAT_EVERY.total_seconds())
            if self._stopping.is_set():
                self._wait_for_the_last_job()
        self._sign_off()
        connections.close_all()

    def _is_needed(self) -> bool:
        return not self._stopping.is_set() or self.is_alive()

    def _beat(self) -> None:
        at = self._clock()
        if not self._registered.is_set():
            self._sign_on(at)
        else:
            Worker.objects.filter(name=self.name).update(beat_at=at)
        alive = frozenset(worker.name for worker in living_workers(at=at))
        for row in reap(alive=alive | {self.name}, at=at):
            logger.warning("%s was left behind by a worker that died", row.task_path)
        plan_recurring(at=at)
        self._registered.set()

    def _sign_on(self, at: datetime) -> None:
        if self._alone:
            Worker.objects.all().delete()
        Worker.objects.update_or_create(name=self.name, defaults={"started_at": at, "beat_at": at})

    def _wait_for_the_last_job(self) -> None:
        for thread in self._workers:
            thread.join(BEAT_EVERY.total_seconds() / len(self._workers))

    def _sign_off(self) -> None:
        try:
            Worker.objects.filter(name=self.name).delete()
        except Exception:  # the others will notice its silence
            logger.exception("The worker could not sign off")
