"""Workers that take, finish, fail, die and come back from the dead, in any order: no job is lost."""

import random
from datetime import UTC, datetime, timedelta

import pytest
from django_tasks_db.models import DBTaskResult

from opencme.core.jobs import enqueue, job_named
from opencme.core.jobs.transitions import fail, finish, reap, take_next

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("notes")]

START = datetime(2026, 11, 22, 10, 0, tzinfo=UTC)


class Workers:
    def __init__(self):
        DBTaskResult.objects.all().delete()
        self.at = START
        self.asked = []
        self.done = set()
        self.generation = 0
        self.names = {seat: seat for seat in "abc"}
        self.held = {}
        self.ghosts = []
        self.asked_for_one = self.begun_since = 0

    def tick(self):
        """Two things never happen in the same instant."""
        self.at += timedelta(microseconds=1)
        return self.at

    def ask(self):
        self.asked.append(str(enqueue("worker_app.linger", len(self.asked), 0, at=self.tick())))

    def ask_for_the_only_one(self):
        enqueue("worker_app.only_one", "one", at=self.tick())
        self.asked_for_one, self.begun_since = self.asked_for_one + 1, 0

    def take(self, seat):
        if seat not in self.held:
            row = take_next("default", worker=self.names[seat], at=self.tick())
            if row is not None:
                self.held[seat] = row
                self.begun_since += "only_one" in row.task_path

    def finish(self, seat):
        if seat in self.held:
            self._finish(self.held.pop(seat))

    def fail(self, seat):
        if seat in self.held:
            fail(self.held.pop(seat), ValueError("no"), at=self.tick())

    def die(self, seat):
        """Its work goes on somewhere as a ghost: a process that was only slow."""
        self.generation += 1
        self.names[seat] = f"{seat}{self.generation}"
        if seat in self.held:
            self.ghosts.append(self.held.pop(seat))

    def reap(self):
        reap(alive=frozenset(self.names.values()), at=self.tick())

    def a_ghost_finishes(self):
        if self.ghosts:
            self._finish(self.ghosts.pop(0))

    def wait(self):
        self.at += timedelta(minutes=90)

    def _finish(self, row):
        job = job_named(f"worker_app.{row.task_path.rpartition('.')[2]}")
        self.done.add(str(row.id))
        finish(row, job, None, at=self.tick())

    def check(self):
        rows = {str(row.id): row for row in DBTaskResult.objects.all()}
        assert set(self.asked) <= set(rows) | self.done, "a job is lost"
        assert sum("only_one" in row.task_path for row in rows.values()) <= 1
        for seat, held in self.held.items():
            row = rows[str(held.id)]
            assert (row.status, row.worker_ids[-1]) == ("RUNNING", self.names[seat])

    def end(self):
        """Whoever is left does the rest; what was asked for last was begun after that."""
        for seat in "abc":
            self.die(seat)
        self.reap()
        for _ in range(200):
            self.at += timedelta(hours=2)
            self.take("a")
            if not self.held:
                break
            self.finish("a")
        assert not DBTaskResult.objects.exclude(status="FAILED").exists()
        has_failed = DBTaskResult.objects.filter(task_path__endswith="only_one").exists()
        assert not self.asked_for_one or self.begun_since or has_failed


# What happens, and how often; `seat` is where.
EVENTS = {
    lambda workers, _: workers.ask(): 3,
    lambda workers, _: workers.ask_for_the_only_one(): 2,
    lambda workers, seat: workers.take(seat): 8,
    lambda workers, seat: workers.finish(seat): 3,
    lambda workers, seat: workers.fail(seat): 1,
    lambda workers, seat: workers.die(seat): 2,
    lambda workers, _: workers.reap(): 3,
    lambda workers, _: workers.a_ghost_finishes(): 3,
    lambda workers, _: workers.wait(): 1,
}


@pytest.mark.parametrize("seed", range(12))
def test_no_job_is_lost_whatever_happens_to_workers(seed):
    chance = random.Random(seed)
    workers = Workers()
    for event in chance.choices(list(EVENTS), weights=list(EVENTS.values()), k=150):
        event(workers, chance.choice("abc"))
        workers.check()
    workers.end()
