"""Who does the jobs: a thread for each queue, and one that says that they live."""

from __future__ import annotations

import logging
import os
import secrets
import socket
import threading
import time
from collections.abc import Callable
from datetime import datetime, timedelta

from django.db import connections

from .declaring import QUEUES
from .lane import Lane
from .living import BEAT_EVERY, DEAD_AFTER, beat, living_workers, sign_off, sign_on
from .outages import Outages
from .transitions import mend_clock, plan_recurring, reap, reap_own

logger = logging.getLogger(__name__)

LOOK_EVERY = timedelta(seconds=1)


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
        self._last_at = clock()
        self._is_known = threading.Event()
        self._stopping = threading.Event()
        self._outages = Outages("say that it lives")
        self._beater = threading.Thread(target=self._live, name="opencme-worker-beat", daemon=True)
        self._lanes = [
            Lane(
                queue,
                worker=self.name,
                clock=clock,
                look_every=look_every,
                may_begin=self._is_known,
                stopping=self._stopping,
            )
            for queue in QUEUES
        ]

    def start(self) -> None:
        """Begin; returns at once."""
        for thread in [self._beater, *self._lanes]:
            thread.start()

    def ask_to_stop(self) -> None:
        """Take no further job; safe in the handler of a signal."""
        self._stopping.set()

    def stop(self, *, within_seconds: float = 10.0) -> bool:
        """Let the jobs at hand end, then stop; whether they ended in time.

        One that did not is an orphan when the process ends, and another worker's then.
        """
        self.ask_to_stop()
        until = time.monotonic() + within_seconds
        if self._beater.is_alive():
            self._beater.join(within_seconds)
        return not self._is_at_work() and time.monotonic() < until

    def wait(self) -> None:
        """Wait until it was asked to stop, the jobs at hand have ended and it has signed off."""
        while self._beater.is_alive():  # short joins: a signal must find the main thread awake
            self._beater.join(1.0)

    def _is_at_work(self) -> bool:
        return any(lane.is_alive() for lane in self._lanes)

    def _live(self) -> None:
        while not self._stopping.wait(self._beat()):
            pass
        while self._is_at_work():  # a long job is still at hand: this worker lives
            self._wait_for_the_lanes(self._beat())
        with self._outages.expected():
            sign_off(self.name)
        connections.close_all()

    def _wait_for_the_lanes(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        for lane in self._lanes:
            lane.join(max(0.0, until - time.monotonic()))

    def _beat(self) -> float:
        """Say that this worker lives, and see to what others left; how long to wait before the next."""
        with self._outages.expected():
            at = self._clock()
            if self._is_known.is_set():
                beat(self.name, at=at)
            else:
                sign_on(self.name, alone=self._alone, at=at)
            self._gather_orphans(at)
            plan_recurring(at=at)
            if at < self._last_at or not self._is_known.is_set():
                mend_clock(at=at)
            self._last_at = at
            self._is_known.set()
        return BEAT_EVERY.total_seconds() if self._is_known.is_set() else LOOK_EVERY.total_seconds()

    def _gather_orphans(self, at: datetime) -> None:
        alive = frozenset(worker.name for worker in living_workers(at=at))
        at_hand = frozenset(lane.at_hand for lane in self._lanes if lane.at_hand is not None)
        left = reap(alive=alive | {self.name}, at=at)
        left += reap_own(self.name, at_hand=at_hand, before=at - DEAD_AFTER, at=at)
        for row in left:
            logger.warning("%s was left behind and is tried again", row.task_path)
