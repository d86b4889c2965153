"""`opencme serve`: the production start."""

from __future__ import annotations

import os
from pathlib import Path

import click

from opencme import __version__
from opencme.cli.ready import ready_django
from opencme.cli.safety import refuse_unsafe_settings


@click.command()
@click.option("--host", default="127.0.0.1", show_default=True, help="The address to listen on.")
@click.option("--port", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option(
    "--workers",
    type=click.IntRange(1, 64),
    help="Processes that serve: 1 on SQLite; on PostgreSQL 2 unless you say otherwise.",
)
@click.option(
    "--work-at-once",
    "--threads",  # its name in 0.1
    type=click.IntRange(1, 64),
    help="Requests that each works on at once; if left out, four for each core, sixteen at most."
    " Others wait for a moment.",
)
@click.option(
    "--socket",
    "socket_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Listen on this Unix socket instead of a port; the proxy's account must be in its group.",
)
def command(
    host: str, port: int, workers: int | None, work_at_once: int | None, socket_path: Path | None
) -> None:
    """Serve the installation.

    Settings come from the environment; unsafe ones are refused by name.
    """
    refuse_unsafe_settings()
    on_sqlite = os.environ["OPENCME_DATABASE_URL"].startswith("sqlite:")
    os.environ.setdefault("OPENCME_BACKGROUND_WORK", str(on_sqlite).lower())
    if work_at_once:
        os.environ["OPENCME_WORK_AT_ONCE"] = str(work_at_once)
    ready_django()
    from opencme.cli import server  # noqa: PLC0415  only now are the settings known to be safe

    workers = workers or server.default_workers()
    server.refuse_second_process_on_sqlite(workers)
    server.hold_database_file(str(socket_path or f"{host}:{port}"))
    server.refuse_old_database()
    server.refuse_missing_signing_key()
    server.remind_of_workers()
    if socket_path is None:
        server.refuse_taken_port(host, port)
    else:
        server.refuse_unusable_socket(socket_path)
    server.collect_static_files()
    where = socket_path or f"http://{host}:{port}"
    server.run_server(
        host=host,
        port=port,
        socket_path=socket_path,
        workers=workers,
        when_up=lambda: click.echo(f"OpenCME {__version__} serves at {where}."),
    )
