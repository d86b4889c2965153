"""Work beside the pages, done by threads of the server."""

from __future__ import annotations

import multiprocessing.util

from django.db import connection
from django.utils import timezone

from opencme.core.jobs.runner import Runner


def start_background_work() -> Runner:
    """Start the threads; they are stopped when the process of the server ends."""
    runner = Runner(clock=timezone.now, alone=connection.vendor == "sqlite")
    runner.start()
    multiprocessing.util.Finalize(None, runner.stop, exitpriority=10)
    return runner
