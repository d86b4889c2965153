"""Work of `web` that is done beside the pages."""

from __future__ import annotations

from datetime import datetime, timedelta

from opencme.core.jobs import job
from opencme.web.counts import forget_counts


@job(every=timedelta(hours=1))
def forget_counts_of_limits(*, at: datetime) -> dict[str, int]:
    """Remove the counts of windows that are over; how many."""
    return {"counts": forget_counts(at=at)}
