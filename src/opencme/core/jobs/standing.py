"""How the work beside the pages stands: what operators, checks and metrics read."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db.models import Count, Min, Q, QuerySet
from django.utils import timezone
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from opencme.core.models import Worker

from .declaring import job_named

BEAT_EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=25)
"""A worker that has not been heard of for so long has been killed, or cannot reach the database."""


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


def queue_state(*, at: datetime | None = None) -> QueueState:
    """The numbers, at `at` or now."""
    at = at or timezone.now()
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


def rows_of(label: str) -> QuerySet[DBTaskResult[Any, Any]]:
    """The rows of the job `label`, whatever their state. Raises `NoSuchJob`."""
    return DBTaskResult.objects.filter(task_path=job_named(label).module_path)


def living_workers(*, at: datetime) -> list[Worker]:
    """Workers that were heard of lately; a beat from the future is one of a clock since set back."""
    return list(
        Worker.objects.filter(beat_at__gte=at - DEAD_AFTER, beat_at__lte=at + DEAD_AFTER).order_by("name")
    )
