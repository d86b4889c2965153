"""What a job is, and how an app declares one in its `tasks.py`."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django_tasks import task
from django_tasks.base import Task
from django_tasks_db import DatabaseBackend

DEFAULT_QUEUE = "default"
MAIL_QUEUE = "mail"
QUEUES = (DEFAULT_QUEUE, MAIL_QUEUE)
"""Each has a thread of its own in every worker: no purge keeps a code from being mailed."""

PAUSES = (timedelta(seconds=10), timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1))
"""How long to wait after the first, second ... try that failed; one more try than pauses."""

_NAMESPACE = uuid.UUID("5b0c1f0e-6f0b-4f0e-9d9e-0d6c2a5f7a11")


class NoSuchJob(LookupError):
    """A name that no `tasks.py` of this version declares."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Job(Task[Any, Any]):
    """A function `f(*arguments, at)` that may be done twice without harm.

    `pauses`: between attempts; after the last one it has failed for good, unless it recurs.
    `every`: it recurs, so long after each success. `unique`: asked for twice with the same arguments,
    it is done once; asked for while it is being done, once more. What recurs is unique as well.
    `at_rest`: called by the worker's thread when its queue has run dry.
    """

    pauses: tuple[timedelta, ...] = PAUSES
    every: timedelta | None = None
    unique: bool = False
    at_rest: Callable[[], None] | None = None

    @property
    def label(self) -> str:
        """The name by which it is asked for: `core.send_mail`."""
        module = self.func.__module__.removesuffix(".tasks")
        app = next(app for app in apps.get_app_configs() if app.name == module)
        return f"{app.label}.{self.func.__name__}"

    @property
    def attempts(self) -> int:
        return len(self.pauses) + 1

    def row_id(self, arguments: Sequence[Any]) -> uuid.UUID:
        """The key of its row: one for each set of arguments where the job is unique."""
        if self.unique or self.every:
            return uuid.uuid5(_NAMESPACE, f"{self.module_path}:{list(arguments)!r}")
        return uuid.uuid4()


class JobBackend(DatabaseBackend):
    """django-tasks' database backend, for tasks that are jobs."""

    task_class = Job  # type: ignore[assignment]  # django-tasks binds its type variables here


def job(
    *,
    queue: str = DEFAULT_QUEUE,
    pauses: tuple[timedelta, ...] = PAUSES,
    every: timedelta | None = None,
    unique: bool = False,
    at_rest: Callable[[], None] | None = None,
) -> Callable[[Callable[..., Any]], Job]:
    """Declare a function of an app's `tasks.py` as a job."""

    def declare(function: Callable[..., Any]) -> Job:
        made = task(queue_name=queue, pauses=pauses, every=every, unique=unique, at_rest=at_rest)(function)
        assert isinstance(made, Job)  # noqa: S101  the backend's `task_class`
        return made

    return declare


def job_named(label: str) -> Job:
    """The job that is asked for as `app.function`. Raises `NoSuchJob`."""
    app, _, function = label.partition(".")
    try:
        module = f"{apps.get_app_config(app).name}.tasks"
    except LookupError:
        raise NoSuchJob(label) from None
    found = getattr(import_module(module), function, None) if find_spec(module) else None
    if not isinstance(found, Job):
        raise NoSuchJob(label)
    return found


def job_at(path: str) -> Job:
    """The job whose row says `path`. Raises `NoSuchJob` where another version wrote the row."""
    module, _, function = path.rpartition(".")
    for app in apps.get_app_configs():
        if module == f"{app.name}.tasks":
            return job_named(f"{app.label}.{function}")
    raise NoSuchJob(path)


def recurring_jobs() -> tuple[Job, ...]:
    """Every job that comes again and again, of all apps."""
    modules = [
        import_module(f"{app.name}.tasks")
        for app in apps.get_app_configs()
        if find_spec(f"{app.name}.tasks") is not None
    ]
    declared = [value for module in modules for value in vars(module).values() if isinstance(value, Job)]
    return tuple({found.module_path: found for found in declared if found.every}.values())
