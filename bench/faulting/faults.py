"""What may go wrong, one function for each. Each harms a running installation once and mends what an operator
would mend; it returns what it saw."""

from __future__ import annotations

import random
import signal
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

from .installation import OPENCME, Installation, Postgresql, SmallDisk, Sqlite, free_port, kill
from .proxy import CuttingProxy


@dataclass
class Rig:
    """What a fault may reach for."""

    installation: Installation
    rng: random.Random
    disk: SmallDisk | None = None
    proxy: CuttingProxy | None = None
    web_proxy: CuttingProxy | None = None


Fault = Callable[[Rig], dict[str, Any]]


def kill_server(rig: Rig) -> dict[str, Any]:
    """`kill -9` of the server and all its processes; the operator's supervisor starts it again."""
    rig.installation.kill_server()
    return {"up_again_after_seconds": round(rig.installation.start(), 1)}


def kill_process(rig: Rig) -> dict[str, Any]:
    """`kill -9` of one process that answers requests, and on PostgreSQL of the one that does the jobs."""
    installation = rig.installation
    began, workers = time.monotonic(), installation.workers
    kill(rig.rng.choice(workers))
    if isinstance(installation.database, Postgresql):
        installation.kill_worker()
        installation.start_worker()
    while not (set(installation.workers) - set(workers)) or not installation.answers():
        if installation.server is None or installation.server.poll() is not None:
            installation.start()  # granian gives up when its process dies too soon after its start
            return {"server_ended": True}
        time.sleep(0.05)
    return {"up_again_after_seconds": round(time.monotonic() - began, 1)}


def kill_database(rig: Rig) -> dict[str, Any]:
    """`kill -9` of every process of PostgreSQL, then a start, which recovers from the log."""
    database = _postgresql(rig)
    database.kill()
    time.sleep(rig.rng.random() * 2)
    return {"database_up_after_seconds": _timed(database.start)}


def kill_session(rig: Rig) -> dict[str, Any]:
    """`kill -9` of one session of PostgreSQL, which ends all others and recovers by itself."""
    _postgresql(rig).kill_session()
    return {}


def restart_database(rig: Rig) -> dict[str, Any]:
    """A restart, as for an update of PostgreSQL."""
    database = _postgresql(rig)
    database.stop("fast")
    time.sleep(rig.rng.random())
    return {"database_up_after_seconds": _timed(database.start)}


def full_disk(rig: Rig) -> dict[str, Any]:
    """The disk fills up while learners answer; after a while somebody makes room."""
    installation, disk = rig.installation, _disk(rig)
    disk.fill(leave_bytes=rig.rng.randrange(0, 200_000))
    seen: dict[str, Any] = {"reading_while_full": [], "ready_while_full": []}
    for _ in range(6):
        time.sleep(0.5)
        seen["reading_while_full"].append(status_of(f"{installation.url}/"))
        seen["ready_while_full"].append(status_of(f"{installation.url}/readyz"))
    disk.free()
    database = installation.database
    if isinstance(database, Postgresql) and not database.runs:
        seen["database_ended"] = True  # it refuses to go on when its log cannot grow
        database.start()
    return seen


def failing_sync(rig: Rig) -> dict[str, Any]:
    """For some seconds the disk refuses to synchronize now and then."""
    calls = "fdatasync,fsync"
    if isinstance(rig.installation.database, Postgresql):
        return _let_postgresql_fail(rig, calls, "EIO", every=rig.rng.randint(2, 40))
    return _let_fail(rig, calls, every=rig.rng.randint(2, 6))


def failing_write(rig: Rig) -> dict[str, Any]:
    """For some seconds the disk refuses to write now and then, or tells PostgreSQL that it is full."""
    if isinstance(rig.installation.database, Postgresql):
        error = rig.rng.choice(("EIO", "ENOSPC"))
        return _let_postgresql_fail(rig, "pwrite64,pwritev", error, every=rig.rng.randint(5, 60))
    return _let_fail(rig, "pwrite64", every=rig.rng.randint(10, 60))


def _let_fail(rig: Rig, calls: str, *, every: int) -> dict[str, Any]:
    """Let calls of the process that serves fail."""
    rule = _every(every, calls, "EIO")
    with _attached(rig, rig.installation.workers, calls, rule) as log:
        time.sleep(6)
        reading = status_of(f"{rig.installation.url}/")
    return {"rule": rule, **_failed(log), "reading": reading, "ready_after": _ready_after(rig)}


def _let_postgresql_fail(rig: Rig, calls: str, error: str, *, every: int) -> dict[str, Any]:
    """Let calls of all processes of PostgreSQL fail until it panics, or on while it recovers."""
    database, rule, is_short = _postgresql(rig), _every(every, calls, error), rig.rng.random() < 0.5
    before, end = database.panics, time.monotonic() + 6
    with _attached(rig, database.processes, calls, rule) as log:
        while time.monotonic() < end and not (is_short and database.panics > before):
            time.sleep(0.05)
    seen: dict[str, Any] = {"rule": rule, "until_it_panics": is_short, **_failed(log)}
    seen |= {"database_ended": _start_again(database), "panics": database.panics - before}
    return seen | {"ready_after": _ready_after(rig)}


def _every(every: int, calls: str, error: str) -> str:
    """What strace does to each thread's every so-many-th call."""
    return f"inject={calls}:error={error}:when={every}+{every}"


@contextmanager
def _attached(rig: Rig, processes: list[int], calls: str, rule: str) -> Iterator[Path]:
    """Attach strace to these and whatever they start; where it writes down what it did."""
    log = rig.installation.folder / "strace.log"
    command = ["strace", "-f", "-qq", "-o", str(log), "-e", f"trace={calls}", "-e", rule]
    command += [f"--attach={process}" for process in processes]
    with subprocess.Popen(command, stderr=rig.installation.errors) as strace:
        try:
            yield log
        finally:
            strace.send_signal(signal.SIGINT)
            strace.wait(20)


def _failed(log: Path) -> dict[str, int]:
    return {"calls_failed": log.read_text(errors="replace").count("(INJECTED)")}


def _start_again(database: Postgresql) -> bool:
    """Start PostgreSQL where it gave up, as its operator would; whether that was so."""
    end = time.monotonic() + 30
    while time.monotonic() < end and not database.takes_connections:
        if not database.runs:
            database.start()
            return True
        time.sleep(0.2)
    return False


def _ready_after(rig: Rig) -> float:
    """How many seconds it takes until the server calls itself ready."""
    began = time.monotonic()
    while status_of(f"{rig.installation.url}/readyz") != 200 and time.monotonic() < began + 30:
        time.sleep(0.2)
    return round(time.monotonic() - began, 1)


def cut_database(rig: Rig) -> dict[str, Any]:
    """Connections to PostgreSQL are cut, some of them after it committed and before it could say so."""
    proxy = _proxy(rig.proxy)
    before = proxy.cuts + proxy.answers_swallowed
    for _ in range(5):
        time.sleep(rig.rng.random())
        proxy.cut(0.5)
        proxy.swallow_answers(0.05)
    return {"connections_cut": proxy.cuts + proxy.answers_swallowed - before}


def cut_browsers(rig: Rig) -> dict[str, Any]:
    """Connections of browsers are cut, many after the server answered and before they could read it."""
    proxy = _proxy(rig.web_proxy)
    before = proxy.cuts + proxy.answers_swallowed
    for _ in range(8):
        time.sleep(rig.rng.random() / 2)
        proxy.swallow_answers(0.3)
        proxy.cut(0.2)
    return {"connections_cut": proxy.cuts + proxy.answers_swallowed - before}


def second_server(rig: Rig) -> dict[str, Any]:
    """Somebody starts a second server on the same database."""
    installation = rig.installation
    port = free_port()
    if isinstance(installation.database, Sqlite):
        done = installation.command("serve", "--port", str(port), check=False)
        if done.returncode != 1 or "is served already" not in done.stderr:
            raise RuntimeError(f"the second server was not refused: {done.stderr}")
        return {"refused": done.stderr.strip().replace(f"{installation.data}/", "")}
    second = subprocess.Popen(
        [*OPENCME, "serve", "--port", str(port)],
        env=installation.environment, stdout=installation.errors, stderr=installation.errors,
    )  # fmt: skip
    time.sleep(6)
    second.terminate()
    return {"refused": "", "second_ended": second.wait(30)}


def clock_back(rig: Rig) -> dict[str, Any]:
    """The clock is set back by ten minutes under the running server (libfaketime), and forward again."""
    said = rig.installation.folder / "clock"
    said.write_text("-10m")
    time.sleep(4)
    said.write_text("+0")
    return {"minutes": -10}


FAULTS: dict[str, tuple[Fault, tuple[str, ...]]] = {
    "kill-server": (kill_server, ("sqlite", "postgresql")),
    "kill-process": (kill_process, ("sqlite", "postgresql")),
    "kill-database": (kill_database, ("postgresql",)),
    "kill-session": (kill_session, ("postgresql",)),
    "restart-database": (restart_database, ("postgresql",)),
    "full-disk": (full_disk, ("sqlite", "postgresql")),
    "failing-sync": (failing_sync, ("sqlite", "postgresql")),
    "failing-write": (failing_write, ("sqlite", "postgresql")),
    "cut-database": (cut_database, ("postgresql",)),
    "cut-browsers": (cut_browsers, ("sqlite", "postgresql")),
    "second-server": (second_server, ("sqlite", "postgresql")),
    "clock-back": (clock_back, ("sqlite", "postgresql")),
}
"""Each fault by its name, and the databases that it can be done to."""


def status_of(url: str) -> int:
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            status: int = answer.status
            return status
    except HTTPError as answer:
        answer.close()
        return answer.code
    except OSError:
        return 0


def _timed(act: Callable[[], None]) -> float:
    began = time.monotonic()
    act()
    return round(time.monotonic() - began, 1)


def _postgresql(rig: Rig) -> Postgresql:
    database = rig.installation.database
    if not isinstance(database, Postgresql):
        raise TypeError(database)
    return database


def _disk(rig: Rig) -> SmallDisk:
    if rig.disk is None:
        raise TypeError("this fault needs a small disk")
    return rig.disk


def _proxy(proxy: CuttingProxy | None) -> CuttingProxy:
    if proxy is None:
        raise TypeError("this fault needs a proxy")
    return proxy
