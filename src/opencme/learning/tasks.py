"""Work of `learning` that is done beside the pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from opencme.core.jobs import job

from . import operations


@job(every=timedelta(minutes=1))
def move_held_evaluations(*, at: datetime) -> int:
    """Set free the evaluations of which enough are held; how many."""
    return operations.move_held_evaluations(at=at)
