"""How workers say that they live, and how those are noticed that do so no longer."""

from __future__ import annotations

from datetime import datetime, timedelta

from opencme.core.models import Worker

BEAT_EVERY = timedelta(seconds=5)
DEAD_AFTER = timedelta(seconds=25)
"""A worker that has not been heard of for so long has been killed, or cannot reach the database."""

FORGOTTEN_AFTER = timedelta(hours=1)


def sign_on(name: str, *, alone: bool, at: datetime) -> None:
    """Put the worker on the list and take the dead off it; `alone`, all others are dead."""
    others = Worker.objects.exclude(name=name)
    (others if alone else others.filter(beat_at__lt=at - FORGOTTEN_AFTER)).delete()
    Worker.objects.update_or_create(name=name, defaults={"started_at": at, "beat_at": at})


def beat(name: str, *, at: datetime) -> None:
    """Say that the worker lives, also where others had given it up."""
    if not Worker.objects.filter(name=name).update(beat_at=at):
        sign_on(name, alone=False, at=at)


def sign_off(name: str) -> None:
    """Take the worker off the list: it has nothing at hand."""
    Worker.objects.filter(name=name).delete()


def living_workers(*, at: datetime) -> list[Worker]:
    """Workers that were heard of lately; a beat from the future is one of a clock since set back."""
    return [worker for worker in Worker.objects.order_by("name") if abs(at - worker.beat_at) <= DEAD_AFTER]
