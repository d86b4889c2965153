"""`opencme worker`: a process that does the work beside the pages, for PostgreSQL."""

from __future__ import annotations

import signal
from collections.abc import Callable
from types import FrameType

import click

from opencme.cli.ready import ready_django
from opencme.cli.safety import refuse_unsafe_settings


@click.command()
def command() -> None:
    """Send mail, move evaluations, purge what is over: the work beside the pages.

    Any number of these may run, on any machine that reaches the database. SIGTERM and Ctrl-C let the
    jobs at hand end; a second one does not wait for them, and another worker does them again.
    """
    refuse_unsafe_settings()
    ready_django()
    from django.db import connections  # noqa: PLC0415  only now are the settings known to be safe
    from django.utils import timezone  # noqa: PLC0415

    from opencme.cli import server  # noqa: PLC0415
    from opencme.core.jobs.runner import Runner  # noqa: PLC0415

    if server.uses_sqlite():
        message = (
            "OPENCME_DATABASE_URL names SQLite, where `opencme serve` does this work by itself."
            " Start no worker, or use PostgreSQL."
        )
        raise click.ClickException(message)
    server.refuse_old_database()
    connections.close_all()  # each thread opens its own
    runner = Runner(clock=timezone.now, alone=False)
    _ask_at_signals(runner.ask_to_stop)
    runner.start()
    click.echo(f"Worker {runner.name} is at work. Ctrl-C stops it after the jobs at hand.")
    runner.wait()


def _ask_at_signals(stop: Callable[[], None]) -> None:
    def handle(number: int, frame: FrameType | None) -> None:  # noqa: ARG001  the signature of a handler
        signal.signal(number, signal.SIG_DFL)
        stop()

    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, handle)
