"""An installation to be measured: migrated, seeded, served, and taken down again."""

from __future__ import annotations

import json
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
    pids: dict[str, int]


@contextmanager
def serving(
    *, folder: Path, database_url: str, port: int, participations: int, learners: int, workers: int
) -> Iterator[Installation]:
    """Make an installation in an empty folder and serve it as in production."""
    environment = os.environ | {
        "OPENCME_SECRET_KEY": secrets.token_urlsafe(50),
        "OPENCME_BASE_URL": f"http://127.0.0.1:{port}",
        "OPENCME_DATABASE_URL": database_url,
        "OPENCME_DATA_DIR": str(folder),
        # Nobody listens there: mail waits in the outbox, as on a day when the mail server is down.
        "OPENCME_MAIL_URL": "smtp://127.0.0.1:9",
        "OPENCME_MAIL_FROM": "Bench <bench@bench.example>",
    }
    opencme = [sys.executable, "-m", "opencme"]
    users = folder / "users.json"
    subprocess.run([*opencme, "migrate"], env=environment, check=True)
    seed = [sys.executable, HERE / "seed.py", "--users", users]
    seed += ["--participations", str(participations), "--learners", str(learners)]
    subprocess.run(seed, env=environment, check=True)
    server = subprocess.Popen(
        [*opencme, "serve", "--port", str(port), "--workers", str(workers)], env=environment
    )
    try:
        wait_until_up(f"http://127.0.0.1:{port}/healthz", server)
        pids = {"server": server.pid}
        if "OPENCME_POSTGRESQL_PID" in os.environ and database_url.startswith("postgres"):
            pids["db"] = int(os.environ["OPENCME_POSTGRESQL_PID"])
        yield Installation(f"http://127.0.0.1:{port}", users, pids)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait(30)


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


def count_users(users: Path) -> int:
    return len(json.loads(users.read_text()))
