"""Starting the web server; shared by `serve` and `demo`."""

from __future__ import annotations

import ctypes
import hashlib
import logging
import os
import resource
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path

import click
from django.conf import settings
from django.contrib.staticfiles.finders import get_finders
from django.core.management import call_command
from django.db import connection, connections
from django.utils import timezone
from granian import Granian
from granian.constants import Interfaces
from granian.http import HTTP1Settings
from granian.log import LogLevels

from opencme.cli.figures_folder import figures_folder
from opencme.core.append_only import missing_triggers
from opencme.core.databases.server_lock import ServerAlreadyRuns, hold_database
from opencme.core.jobs.living import living_workers
from opencme.core.keeping.migrations import unapplied
from opencme.core.rooms import rooms_for
from opencme.credit.operations.signing_key import SigningKeyMissing, signing_key_file

# Browsers keep their connections; who finds none free would wait for seconds, unseen.
CONNECTIONS = 16_384

_LONGEST_HEAD_SECONDS = 15
"""Whoever has not sent the head of a request by then, or asks nothing more, is let go."""
_LONGEST_STOP_SECONDS = 20
"""Longer than that: a stop waits for heads that are under way, and for what it writes at its end. Who
stalls in the middle of a body is cut off after it."""

_PR_SET_PDEATHSIG = 1  # sys/prctl.h

# What the server says goes where everything else goes.
_LOGS_OF_THE_SERVER = {
    "formatters": {},
    "handlers": {},
    "loggers": {"_granian": {"handlers": [], "propagate": True}},
}


class _Server(Granian):  # type: ignore[misc, valid-type]
    """Granian, which does not take a process that has ended for one that refuses to."""

    def _stop_workers(self) -> None:
        """Ask the processes to end and wait for them; whoever is left is killed.

        The library waits for each process in two threads. Where both are at it when the process ends, one is
        told that there is no such process, and its `join` leaves the process alive by all it knows.
        """
        for worker in self.wrks:
            worker.terminate()
        until = time.monotonic() + _LONGEST_STOP_SECONDS
        while any(worker.is_alive() for worker in self.wrks) and time.monotonic() < until:
            time.sleep(0.02)
        super()._stop_workers()


def refuse_taken_port(host: str, port: int) -> None:
    """Say at once that somebody else listens there."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as trouble:
            message = f"Port {port} on {host} cannot be used ({trouble.strerror}). Choose another port."
            raise click.ClickException(message) from trouble


def refuse_unusable_socket(path: Path) -> None:
    """Say at once that nobody could be told apart there, or that it cannot be made."""
    if not settings.OPENCME_BEHIND_PROXY:
        message = (
            "A socket has no visitors but the proxy: set OPENCME_BEHIND_PROXY to true, and let the proxy"
            " send X-Forwarded-For and X-Forwarded-Proto."
        )
        raise click.ClickException(message)
    if path.is_socket():
        _refuse_socket_in_use(path)
    elif path.exists():
        raise click.ClickException(f"{path} is there and no socket. Choose another path.")
    if not os.access(path.parent, os.W_OK):
        raise click.ClickException(f"{path.parent} is no folder that this account may write to.")


def _refuse_socket_in_use(path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
        try:
            probe.connect(str(path))
        except OSError:
            path.unlink()  # left by a server that was killed
            return
    raise click.ClickException(f"Somebody listens on {path} already. Choose another path.")


def uses_sqlite() -> bool:
    return connection.vendor == "sqlite"


def default_workers() -> int:
    return 1 if uses_sqlite() else 2


def refuse_second_process_on_sqlite(workers: int) -> None:
    """SQLite has one writer at a time; a second process would only wait, and unfairly."""
    if workers > 1 and uses_sqlite():
        message = (
            "OPENCME_DATABASE_URL names SQLite, which serves one process."
            " Leave --workers out, or use PostgreSQL."
        )
        raise click.ClickException(message)


def hold_database_file(address: str) -> None:
    """On SQLite: keep other servers off the file until the last process of this one has ended."""
    if not uses_sqlite():
        return
    try:
        hold_database(Path(connection.settings_dict["NAME"]), address=address, at=timezone.now())
    except ServerAlreadyRuns as refusal:
        raise click.ClickException(str(refusal)) from refusal


def has_unapplied_migrations() -> bool:
    """Whether the database is older than the program."""
    return bool(unapplied())


def refuse_old_database() -> None:
    if has_unapplied_migrations():
        message = (
            "The database is not up to date. For a new installation run `opencme migrate`;"
            " one with data is brought up to date by `opencme upgrade`, which backs it up first."
        )
        raise click.ClickException(message)
    if missing := missing_triggers():
        message = (
            "The database does not keep evidence from being changed: an update of it was broken off"
            f" (triggers missing: {len(missing)}). Run `opencme migrate`, which ends it."
        )
        raise click.ClickException(message)


def refuse_missing_signing_key() -> None:
    """See that there is a key to sign by; it is made here where nothing was signed yet."""
    try:
        signing_key_file(Path(settings.OPENCME_DATA_DIR), at=timezone.now())
    except SigningKeyMissing as refusal:
        raise click.ClickException(str(refusal)) from refusal


def remind_of_workers() -> None:
    """Say that somebody else must do the work beside the pages, where nobody does."""
    if not settings.OPENCME_BACKGROUND_WORK and not living_workers(at=timezone.now()):
        click.echo("Mail and other work beside the pages wait until `opencme worker` runs.", err=True)


def collect_static_files() -> None:
    """Copy styles, scripts and fonts to where the server reads them, when any of them changed."""
    root = Path(settings.STATIC_ROOT)
    stamp = root / ".collected"
    digest = _static_digest()
    if stamp.is_file() and stamp.read_text() == digest:
        return
    call_command("collectstatic", interactive=False, clear=root.is_dir(), verbosity=0)
    stamp.write_text(digest)


def _static_digest() -> str:
    digest = hashlib.sha256()
    for finder in get_finders():
        for name, storage in sorted(finder.list([]), key=lambda found: found[0]):
            path = Path(storage.path(name))
            digest.update(f"{name} {path.stat().st_size} {path.stat().st_mtime_ns}\n".encode())
    return digest.hexdigest()


def run_server(
    *,
    host: str,
    port: int,
    workers: int,
    socket_path: Path | None = None,
    when_up: Callable[[], None] | None = None,
) -> None:
    """Serve until SIGTERM or Ctrl-C; requests at hand are answered first. A socket takes the port's place."""
    server = _Server(
        "opencme.config.wsgi:application",
        address=host,
        port=port,
        uds=socket_path,
        uds_permissions=0o660,
        interface=Interfaces.WSGI,
        workers=workers,
        blocking_threads=rooms_for(settings.OPENCME_WORK_AT_ONCE).threads,
        backpressure=CONNECTIONS,
        websockets=False,
        log_level=LogLevels.warning,
        log_dictconfig=_LOGS_OF_THE_SERVER,
        respawn_failed_workers=True,
        workers_kill_timeout=1,  # after _stop_workers has waited
        http1_settings=HTTP1Settings(header_read_timeout=_LONGEST_HEAD_SECONDS * 1000),
    )
    if when_up is not None:
        server.on_startup(when_up)
    _allow_many_connections()
    # It warns of threads that compete for Python. Most of ours wait for their turn (web/overload.py).
    logging.getLogger("_granian").addFilter(lambda record: "Python threads" not in record.getMessage())
    connections.close_all()  # the processes that serve open their own
    # Ctrl-C in a terminal is for this process alone, which then lets the others end their requests.
    os.register_at_fork(after_in_child=os.setpgrp)
    os.register_at_fork(after_in_child=_end_with_the_parent)
    os.register_at_fork(after_in_child=_end_while_loading)
    with figures_folder() if workers > 1 else nullcontext(), _connected():
        server.serve()


@contextmanager
def _connected() -> Iterator[None]:
    """On PostgreSQL: be seen by whoever restores or upgrades, though nobody may have asked for a page yet."""
    here = connections["default"].copy()  # the processes that serve inherit it, and leave it alone
    if not uses_sqlite():
        here.ensure_connection()
    try:
        yield
    finally:
        here.close()


def _allow_many_connections() -> None:
    """Open as many files as the system grants; the usual 1,024 are fewer than a webinar's browsers."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))


def _end_while_loading() -> None:
    """Let SIGTERM end a process that serves nobody yet: until then it has the handler of the one above."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)


def _end_with_the_parent() -> None:
    """Ask Linux for SIGTERM when the process above is killed; else the port would stay taken."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGTERM)
