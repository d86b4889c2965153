"""How the work beside the pages stands: what operators, checks and metrics read."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any
from uuid import UUID

from django.db.models import Count, Min, Q
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from .declaring import Job, NoSuchJob, job_at, recurring_jobs
from .living import living_workers

LATE_AFTER = timedelta(minutes=10)
"""A job that is due for so long is late: nobody works, or too few."""
FAILING_AFTER = 3
"""So many tries in a row fail by more than bad luck. What recurs never fails for good: this tells of it."""
SHOWN = 100
"""More than an operator reads; metrics have the numbers."""


@dataclass(frozen=True, slots=True)
class QueueState:
    """Numbers for metrics and checks."""

    waiting: int
    """Jobs that wait, those for later among them."""
    due_for_seconds: float
    """How long the oldest job that is due has been waiting; 0 where none is."""
    running: int
    failed_for_good: int
    workers: int
    """Workers that were heard of lately."""

    @property
    def is_late(self) -> bool:
        """Whether what is due has waited for longer than it may."""
        return self.due_for_seconds > LATE_AFTER.total_seconds()


@dataclass(frozen=True, slots=True)
class JobView:
    """One job as an operator sees it."""

    id: UUID
    name: str
    arguments: tuple[str, ...]
    tries: int
    due_at: datetime
    started_at: datetime | None
    ended_at: datetime | None
    """When it was last done, or failed for good."""
    every: timedelta | None
    result: str
    """What came of it when it was last done."""
    error: str
    """What the last attempt failed with, in one line."""
    traceback: str


@dataclass(frozen=True, slots=True)
class WaitingJobs:
    """How many jobs of one name wait, and since when the oldest of them is due."""

    name: str
    count: int
    due_at: datetime


def queue_state(*, at: datetime) -> QueueState:
    """The numbers at that moment."""
    counted = DBTaskResult.objects.aggregate(
        waiting=Count("pk", filter=Q(status=TaskResultStatus.READY)),
        oldest=Min("run_after", filter=Q(status=TaskResultStatus.READY, run_after__lte=at)),
        running=Count("pk", filter=Q(status=TaskResultStatus.RUNNING)),
        failed=Count("pk", filter=Q(status=TaskResultStatus.FAILED)),
    )
    oldest = counted["oldest"]
    return QueueState(
        waiting=counted["waiting"],
        due_for_seconds=(at - oldest).total_seconds() if oldest else 0.0,
        running=counted["running"],
        failed_for_good=counted["failed"],
        workers=len(living_workers(at=at)),
    )


def failed_jobs() -> list[JobView]:
    """Jobs that have failed for good, the newest first."""
    rows = DBTaskResult.objects.filter(status=TaskResultStatus.FAILED)
    return [_view(row) for row in rows.order_by("-finished_at")[:SHOWN]]


def troubled_jobs() -> list[JobView]:
    """Jobs that failed at their last attempt and will be tried again, the next first."""
    rows = DBTaskResult.objects.filter(status=TaskResultStatus.READY).exclude(exception_class_path="")
    return [_view(row) for row in rows.order_by("run_after")[:SHOWN]]


def failing_jobs() -> dict[str, int]:
    """How many jobs of each name have failed `FAILING_AFTER` times in a row or more and are tried again."""
    so_many_tries = {f"worker_ids__{FAILING_AFTER - 1}__isnull": False}
    counted = (
        DBTaskResult.objects.filter(status=TaskResultStatus.READY, **so_many_tries)
        .exclude(exception_class_path="")
        .order_by("task_path")
        .values_list("task_path")
        .annotate(count=Count("pk"))
    )
    return {_name_of(path): count for path, count in counted}


def running_jobs() -> list[JobView]:
    """Jobs under way, the longest first."""
    rows = DBTaskResult.objects.filter(status=TaskResultStatus.RUNNING)
    return [_view(row) for row in rows.order_by("started_at")[:SHOWN]]


def waiting_jobs() -> list[WaitingJobs]:
    """What waits, by name, without what recurs."""
    rows = (
        DBTaskResult.objects.filter(status=TaskResultStatus.READY)
        .exclude(task_path__in=[job.module_path for job in recurring_jobs()])
        .order_by("task_path")
        .values_list("task_path")
        .annotate(count=Count("pk"), due_at=Min("run_after"))
    )
    return [WaitingJobs(_name_of(path), count, due_at) for path, count, due_at in rows]


def arguments_of(job: Job) -> Iterator[tuple[Any, ...]]:
    """Those of every row of the job: it waits, is under way or has failed for good."""
    kept = DBTaskResult.objects.filter(task_path=job.module_path).values_list("args_kwargs", flat=True)
    return (tuple(one["args"]) for one in kept.iterator())


def recurring_rows() -> list[JobView]:
    """The jobs that come again and again."""
    rows = DBTaskResult.objects.filter(task_path__in=[job.module_path for job in recurring_jobs()])
    return sorted((_view(row) for row in rows), key=attrgetter("name"))


def _view(row: DBTaskResult[Any, Any]) -> JobView:
    try:
        job: Job | None = job_at(row.task_path)
    except NoSuchJob:
        job = None
    return JobView(
        id=row.id,
        name=_name_of(row.task_path),
        arguments=tuple(str(one) for one in row.args_kwargs["args"]),
        tries=len(row.worker_ids),
        due_at=row.run_after,
        started_at=row.started_at,
        ended_at=row.finished_at,
        every=job.every if job else None,
        result=_in_words(row.return_value),
        error=_in_one_line(row),
        traceback=row.traceback,
    )


def _in_words(result: Any) -> str:
    """What came of a job; counts of nothing say nothing."""
    if isinstance(result, dict):
        counts = ((name.replace("_", " "), count) for name, count in sorted(result.items()) if count)
        return ", ".join(f"{name} {count}" for name, count in counts)
    return str(result) if result else ""


def _in_one_line(row: DBTaskResult[Any, Any]) -> str:
    lines = row.traceback.strip().splitlines()
    return lines[-1].removeprefix(row.exception_class_path).removeprefix(": ") if lines else ""


def _name_of(path: str) -> str:
    try:
        return job_at(path).label
    except NoSuchJob:
        return path
