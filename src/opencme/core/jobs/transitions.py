"""How the row of a job moves: taken, done, put back, failed for good, taken from the dead.

Each step is one short transaction. A worker changes a row only as long as it is the one that took it
last: whoever was thought dead and comes back changes nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from traceback import format_exception
from typing import Any
from uuid import UUID

from django.db import transaction
from django.db.models import Q, QuerySet
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from opencme.core.blotting import without_mail_addresses

from .declaring import PAUSES, Job, NoSuchJob, job_at, recurring_jobs
from .queueing import row_of

Row = DBTaskResult[Any, Any]

REMEMBERED_ATTEMPTS = 20
"""A job that recurs never fails for good; so many attempts in a row are told apart."""


class Unavailable(Exception):
    """What every job of this queue needs is away for now; no fault of this job, hence no attempt of it."""


class Abandoned(Exception):
    """The worker that did the job ended without a word."""


def take_next(queue: str, *, worker: str, at: datetime) -> Row | None:
    """The job that has been due longest, now this worker's; None where nothing is due."""
    due = DBTaskResult.objects.filter(
        status=TaskResultStatus.READY, queue_name=queue, run_after__lte=at
    ).order_by("-priority", "run_after", "enqueued_at")
    if not due.exists():  # a look costs no write transaction
        return None
    with transaction.atomic():
        row = due.select_for_update(skip_locked=True).first()
        if row is None:
            return None
        row.status = TaskResultStatus.RUNNING
        row.started_at = at
        row.worker_ids = [*row.worker_ids, worker][-REMEMBERED_ATTEMPTS:]
        row.save(update_fields=["status", "started_at", "worker_ids"])
    return row


@transaction.atomic
def finish(row: Row, job: Job, result: Any, *, at: datetime) -> None:
    """The job was done: what recurs waits for its next time, any other row goes."""
    ours = _ours(row)
    if job.every is not None:
        ours.update(
            status=TaskResultStatus.READY,
            run_after=at + job.every,
            finished_at=at,
            worker_ids=[],
            return_value=result,
            exception_class_path="",
            traceback="",
        )
        return
    _, deleted = ours.filter(enqueued_at=row.enqueued_at).delete()
    if not deleted:  # asked for again meanwhile
        ours.update(status=TaskResultStatus.READY, run_after=at, worker_ids=[])


def put_back(row: Row, trouble: Exception) -> None:
    """Let the job wait as if nobody had taken it: it stays due, and late, since it was.

    It is also the first to be taken again, which keeps no other waiting: what it lacks they all lack.
    """
    _ours(row).update(status=TaskResultStatus.READY, worker_ids=row.worker_ids[:-1], **_described(trouble))


def fail(row: Row, trouble: BaseException, *, at: datetime) -> datetime | None:
    """The attempt failed: say when the next one is, or None where it was the last."""
    pause = _pause_after(row)
    if pause is None:
        _ours(row).update(status=TaskResultStatus.FAILED, finished_at=at, **_described(trouble))
        return None
    _ours(row).update(status=TaskResultStatus.READY, run_after=at + pause, **_described(trouble))
    return at + pause


def reap(*, alive: frozenset[str], at: datetime) -> list[Row]:
    """Let every job whose worker is not among the living be tried again at once; return those rows."""
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
    return _abandon([row for row in running if not row.worker_ids or row.worker_ids[-1] not in alive], at)


def reap_own(worker: str, *, at_hand: frozenset[UUID], before: datetime, at: datetime) -> list[Row]:
    """The same for jobs that this worker took before that moment and has not at hand.

    The database went away when it took them, or when it wanted to note what came of them.
    """
    running = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING, started_at__lt=before)
    lost = [row for row in running if row.worker_ids[-1:] == [worker] and row.id not in at_hand]
    return _abandon(lost, at)


def _abandon(rows: list[Row], at: datetime) -> list[Row]:
    """An attempt that came to nothing: a job that kills each worker which takes it fails for good at last."""
    trouble = Abandoned("The worker that did this job was killed or lost the database.")
    for row in rows:
        if fail(row, trouble, at=at) is not None:
            DBTaskResult.objects.filter(id=row.id, status=TaskResultStatus.READY).update(run_after=at)
    return rows


def try_now(job_id: UUID, *, at: datetime) -> bool:
    """Let a job that failed be done at once, its attempts counted afresh; False where there is none."""
    return bool(_try_now(_failed().filter(id=job_id), at))


def try_all_now(*, at: datetime) -> int:
    """The same for every job that failed for good or waits after a failure; how many those were."""
    return _try_now(_failed(), at)


def _failed() -> QuerySet[Row]:
    return DBTaskResult.objects.filter(
        Q(status=TaskResultStatus.FAILED) | Q(status=TaskResultStatus.READY) & ~Q(exception_class_path="")
    )


def _try_now(rows: QuerySet[Row], at: datetime) -> int:
    return rows.update(status=TaskResultStatus.READY, run_after=at, worker_ids=[], finished_at=None)


def discard(job_id: UUID) -> bool:
    """Give up a job that failed for good, without trace; False where there is no such job."""
    _, deleted = DBTaskResult.objects.filter(id=job_id, status=TaskResultStatus.FAILED).delete()
    return bool(deleted)


def mend_clock(*, at: datetime) -> int:
    """Let what was asked for before the clock was set back be done at once; how many jobs that were."""
    put_off = DBTaskResult.objects.filter(status=TaskResultStatus.READY, enqueued_at__gt=at, run_after__gt=at)
    return put_off.update(run_after=at) if put_off.exists() else 0


def plan_recurring(*, at: datetime) -> None:
    """Give every job that recurs its row, and mend what a clock that was set back has put off.

    One that failed for good was taken by a worker of a version that does not know it: it is due again.

    Where all is as it should be, this reads and writes nothing.
    """
    jobs = {job.row_id(()): job for job in recurring_jobs()}
    found = {row.id: row for row in DBTaskResult.objects.filter(id__in=jobs)}
    if missing := [row_of(job, (), at=at) for key, job in jobs.items() if key not in found]:
        DBTaskResult.objects.bulk_create(missing, ignore_conflicts=True)
    for row in found.values():
        if row.status == TaskResultStatus.FAILED:
            try_now(row.id, at=at)
    put_off = [
        row.id for row in found.values() if row.run_after > at + 2 * (jobs[row.id].every or timedelta())
    ]
    if put_off:
        waiting = DBTaskResult.objects.filter(status=TaskResultStatus.READY, id__in=put_off)
        waiting.update(run_after=at)


def _ours(row: Row) -> QuerySet[Row]:
    return DBTaskResult.objects.filter(id=row.id, status=TaskResultStatus.RUNNING, started_at=row.started_at)


def _pause_after(row: Row) -> timedelta | None:
    """How long to wait after so many attempts; None where it has had its last.

    A job that only another version knows may be one of a worker that is still to be upgraded.
    """
    tries = len(row.worker_ids)
    try:
        job = job_at(row.task_path)
    except NoSuchJob:
        return PAUSES[tries - 1] if tries <= len(PAUSES) else None
    if job.every is not None:
        return min(job.every, job.pauses[min(tries, len(job.pauses)) - 1])
    return job.pauses[tries - 1] if tries < job.attempts else None


def _described(trouble: BaseException) -> dict[str, str]:
    """What the operator reads of an error; addresses of people are left out."""
    kind = type(trouble)
    return {
        "exception_class_path": f"{kind.__module__}.{kind.__qualname__}",
        "traceback": without_mail_addresses("".join(format_exception(trouble))),
    }
