"""Whether the work beside the pages is done."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from django.db import connection

from opencme.cli.doctor.findings import Finding, fine, trouble, warning
from opencme.core.jobs.standing import FAILING_AFTER, failing_jobs
from opencme.core.tasks import QueueState, queue_state

SUBJECT = "jobs"


def examine_jobs(*, at: datetime) -> Iterator[Finding]:
    """Who works, what is late, what was given up."""
    state = queue_state(at=at)
    yield from judged(state, failing=failing_jobs(), on_sqlite=connection.vendor == "sqlite")


def judged(state: QueueState, *, failing: Mapping[str, int], on_sqlite: bool) -> Iterator[Finding]:
    """Judge how the queue stands, with how many jobs of each name fail again and again."""
    if not state.workers:
        remedy = (
            "Start the server, which does the work itself on SQLite."
            if on_sqlite
            else "Run `opencme worker` all the time; deploy/systemd has a unit for it."
        )
        yield warning(SUBJECT, "Nobody sends mail or does other work beside the pages.", remedy)
    elif state.is_late:
        yield trouble(
            SUBJECT,
            f"The oldest job that is due has waited for {state.due_for_seconds / 60:.0f} minutes.",
            "`opencme jobs` says what is under way or waits for what; on PostgreSQL, more workers may help.",
        )
    else:
        yield fine(SUBJECT, f"{state.workers} at work, {state.waiting} jobs waiting, none of them late.")
    if failing:
        named = ", ".join(f"{name} ({count})" for name, count in failing.items())
        yield warning(
            SUBJECT,
            f"Jobs that failed {FAILING_AFTER} times in a row or more: {named}.",
            "`opencme jobs` says why; mend that, and they are done when they are tried the next time.",
        )
    if state.failed_for_good:
        yield warning(
            SUBJECT,
            f"Jobs that were given up: {state.failed_for_good}.",
            "`opencme jobs failed` says why; `opencme jobs retry` tries them again once that is mended.",
        )
