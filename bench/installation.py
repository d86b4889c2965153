"""An installation to be measured: migrated, seeded, served, and taken down again."""

from __future__ import annotations

import os
import secrets
import signal
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Installation:
    """Where it is served, and the process trees to meter."""

    url: str
    users: Path
    waiting: Path
    environment: dict[str, str]
    pids: dict[str, int]

    @property
    def metered(self) -> list[str]:
        """The options by which a client is told what to meter."""
        return [part for name, pid in self.pids.items() for part in ("--pid", f"{name}={pid}")]


def environment_of(*, folder: Path, database_url: str, port: int) -> dict[str, str]:
    """The settings of an installation in `folder`, the same each time it is asked for."""
    key = folder / "secret-key"
    if not key.exists():
        key.write_text(secrets.token_urlsafe(50))
    return os.environ | {
        "OPENCME_SECRET_KEY": key.read_text(),
        "OPENCME_BASE_URL": f"http://127.0.0.1:{port}",
        "OPENCME_DATABASE_URL": database_url,
        "OPENCME_DATA_DIR": str(folder),
        # Nobody listens there: mail waits in the outbox, as on a day when the mail server is down.
        "OPENCME_MAIL_URL": "smtp://127.0.0.1:9",
        "OPENCME_MAIL_FROM": "Bench <bench@bench.example>",
    }


def revision() -> str:
    """What is checked out; empty outside a repository."""
    asked = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=HERE, capture_output=True, text=True, check=False
    )
    return asked.stdout.strip()


@contextmanager
def serving(
    *,
    folder: Path,
    database_url: str,
    port: int,
    participations: int,
    learners: int,
    workers: int,
    waiting: int = 0,
) -> Iterator[Installation]:
    """Bring an installation up to date, seed it, and serve it as in production."""
    environment = environment_of(folder=folder, database_url=database_url, port=port)
    opencme = [sys.executable, "-m", "opencme"]
    users, waiting_users = folder / "users.json", folder / "waiting.json"
    subprocess.run([*opencme, "migrate"], env=environment, check=True)
    seed = [sys.executable, HERE / "seed.py", "--users", users, "--waiting-users", waiting_users]
    seed += ["--participations", str(participations), "--learners", str(learners)]
    seed += ["--waiting", str(waiting)]
    if participations or learners or waiting:
        subprocess.run(seed, env=environment, check=True)
    server = subprocess.Popen(
        [*opencme, "serve", "--port", str(port), "--workers", str(workers)], env=environment
    )
    started, pids = [server], {"server": server.pid}
    try:
        wait_until_up(f"http://127.0.0.1:{port}/healthz", server)
        if database_url.startswith("postgres"):
            started.append(subprocess.Popen([*opencme, "worker"], env=environment))
            pids["worker"] = started[-1].pid
            if "OPENCME_POSTGRESQL_PID" in os.environ:
                pids["db"] = int(os.environ["OPENCME_POSTGRESQL_PID"])
        yield Installation(f"http://127.0.0.1:{port}", users, waiting_users, environment, pids)
    finally:
        for process in started:
            process.send_signal(signal.SIGTERM)
        for process in started:
            process.wait(60)


def wait_until_up(url: str, server: subprocess.Popen[bytes]) -> None:
    for _ in range(150):
        if server.poll() is not None:
            raise SystemExit("the server ended at once")
        try:
            with urllib.request.urlopen(url, timeout=2):
                return
        except urllib.error.HTTPError:
            return
        except OSError:
            time.sleep(0.2)
    raise SystemExit(f"nothing answers at {url}")
