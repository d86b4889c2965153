"""An installation served by another process, as an operator serves it."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from urllib.error import HTTPError

OPENCME = [sys.executable, "-m", "opencme"]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def environment_for(folder, root):
    """Settings that `serve` accepts, with a SQLite database in `folder`."""
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("OPENCME_", "DJANGO_"))}
    return ours | {
        "PYTHONPATH": f"{root / 'src'}",
        "OPENCME_SECRET_KEY": "kX3vQ9tLm2Zp7RbW5nYc8HdJ4gFs6TqUeAiOoPyMxVwZrBhK1l",
        "OPENCME_BASE_URL": "http://127.0.0.1",
        "OPENCME_DATABASE_URL": f"sqlite:///{folder}/opencme.sqlite3",
        "OPENCME_DATA_DIR": str(folder),
        "OPENCME_MAIL_URL": "smtp://127.0.0.1:9",
        "OPENCME_MAIL_FROM": "CME Office <cme@example.org>",
    }


def run(environment, *arguments):
    return subprocess.run(
        [*OPENCME, *arguments], env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=10) as answer:
            return answer.status, answer.read()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.read()


class Served:
    """`opencme serve` in processes of its own; ends with SIGTERM unless it was killed before."""

    def __init__(self, environment):
        self.environment = environment
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"

    def __enter__(self):
        self.process = subprocess.Popen(
            [*OPENCME, "serve", "--port", str(self.port)],
            env=self.environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        return self.wait_until_up()

    def wait_until_up(self, *, but_not=None):
        """Wait until another process than `but_not` answers."""
        for _ in range(600):
            assert self.process.poll() is None, self.process.stderr.read()
            try:
                self.health = get(self.url + "/healthz")[0]
            except OSError:
                time.sleep(0.1)
            else:
                if but_not not in self.workers:
                    return self
        raise AssertionError("nothing answers within a minute")

    @property
    def workers(self):
        """The processes that answer requests."""
        return [
            int(pid)
            for pid in Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text().split()
        ]

    def kill(self):
        """Pull the plug: no process of it has time for anything."""
        for pid in (self.process.pid, *self.workers):
            os.kill(pid, signal.SIGKILL)

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        self.stderr = self.process.communicate(timeout=30)[1]
