"""Work of `credit` that is done beside the pages."""

from __future__ import annotations

from dataclasses import asdict
from datetime import datetime, timedelta

from opencme.core.jobs import job

from . import purging


@job(every=timedelta(days=1))
def purge_due(*, at: datetime) -> dict[str, int]:
    """Let go what the schedule of retention no longer keeps; how much of each."""
    return asdict(purging.purge_due(at=at))
