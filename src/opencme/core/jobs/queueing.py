"""Asking for a job, inside the transaction of whoever asks."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import transaction
from django_tasks.base import TaskResultStatus
from django_tasks_db.models import DBTaskResult

from .declaring import Job, job_named


def enqueue(label: str, *arguments: str | int | UUID, at: datetime) -> UUID:
    """Ask for the job `label` ("core.send_mail"), to be done from `at` on; return the key of its row.

    The row is part of the caller's transaction: the job is done if and only if that is committed.
    Asking for a unique job locks its row until then, so hot paths ask for others. Raises `NoSuchJob`.
    """
    job = job_named(label)
    row = row_of(job, arguments, at=at)
    job_id: UUID = row.id
    if job.unique:
        _insert_once(row)
    else:
        row.save(force_insert=True)
    return job_id


def row_of(job: Job, arguments: tuple[str | int | UUID, ...], *, at: datetime) -> DBTaskResult[Any, Any]:
    """A row that waits, not saved yet."""
    plain = [str(one) if isinstance(one, UUID) else one for one in arguments]
    return DBTaskResult(
        id=job.row_id(plain),
        args_kwargs={"args": plain, "kwargs": {}},
        priority=job.priority,
        task_path=job.module_path,
        queue_name=job.queue_name,
        backend_name=job.backend,
        run_after=at,
    )


@transaction.atomic
def _insert_once(row: DBTaskResult[Any, Any]) -> None:
    """One row for all who ask; a moved `enqueued_at` tells a worker to do it once more."""
    DBTaskResult.objects.bulk_create(
        [row], update_conflicts=True, unique_fields=["id"], update_fields=["enqueued_at"]
    )
    DBTaskResult.objects.filter(id=row.id, status=TaskResultStatus.FAILED).update(
        status=TaskResultStatus.READY, run_after=row.run_after, worker_ids=[], finished_at=None
    )
