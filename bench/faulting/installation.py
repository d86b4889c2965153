"""An installation that may be harmed: its server, its database, and the disk under them."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any
from urllib.error import HTTPError

import psycopg

ROOT = Path(__file__).parents[2]
OPENCME = [sys.executable, "-m", "opencme"]
START_SECONDS = 60.0


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def environment_of(data: Path, database_url: str) -> dict[str, str]:
    """The settings of a database and its data folder; of those around us none."""
    others = {k: v for k, v in os.environ.items() if not k.startswith(("OPENCME_", "DJANGO_"))}
    return others | {
        "PYTHONPATH": f"{ROOT / 'src'}:{ROOT / 'bench'}",
        "OPENCME_SECRET_KEY": "kX3vQ9tLm2Zp7RbW5nYc8HdJ4gFs6TqUeAiOoPyMxVwZrBhK1l",
        "OPENCME_DATABASE_URL": database_url,
        "OPENCME_DATA_DIR": str(data),
    }


class Sqlite:
    """The file in the data folder."""

    name = "sqlite"

    def __init__(self, folder: Path) -> None:
        self.url = f"sqlite:///{folder / 'data' / 'opencme.sqlite3'}"

    def start(self) -> None: ...

    def stop(self) -> None: ...


class Postgresql:
    """A cluster of its own, as safe as in production."""

    name = "postgresql"

    def __init__(self, folder: Path) -> None:
        self._bin = max(Path("/usr/lib/postgresql").glob("*/bin"))
        self._data = folder / "postgresql"
        self.port = free_port()
        self.url = self.url_at(self.port)
        if os.geteuid() == 0:
            for path in (folder, *folder.parents[:-2]):
                path.chmod(path.stat().st_mode | 0o011)
            self._data.mkdir()
            shutil.chown(self._data, "postgres", "postgres")
        self._run("initdb", "--username=opencme", "--auth=trust", "--encoding=UTF8")
        with (self._data / "postgresql.conf").open("a") as settings:
            settings.write(
                f"port = {self.port}\nlisten_addresses = '127.0.0.1'\nunix_socket_directories = ''\n"
                "max_connections = 60\nshared_buffers = 16MB\nmin_wal_size = 32MB\nmax_wal_size = 64MB\n"
                "restart_after_crash = on\n"
            )

    @staticmethod
    def url_at(port: int) -> str:
        return f"postgres://opencme@127.0.0.1:{port}/postgres"

    def start(self) -> None:
        self._run("pg_ctl", "--wait", f"--log={self._data}/log", "start")

    def stop(self, mode: str = "fast") -> None:
        self._run("pg_ctl", f"--mode={mode}", "--wait", "stop", check=False)

    @property
    def runs(self) -> bool:
        return self._run("pg_ctl", "status", check=False) == 0

    @property
    def takes_connections(self) -> bool:
        with suppress(psycopg.OperationalError), psycopg.connect(self.url, connect_timeout=5):
            return True
        return False

    @property
    def processes(self) -> list[int]:
        """The first one, which starts all others, and those."""
        first = int((self._data / "postmaster.pid").read_text().split()[0])
        return [first, *children_of(first)]

    @property
    def panics(self) -> int:
        """How often it ended all its work at once because it could not trust its disk."""
        return (self._data / "log").read_text(errors="replace").count("PANIC:")

    def kill(self) -> None:
        """Every process of it at once, as when the power goes."""
        first, *others = self.processes
        for pid in (first, *others):
            kill(pid)
        while Path(f"/proc/{first}").exists():
            time.sleep(0.02)

    def kill_session(self) -> None:
        """One session with SIGKILL: the others are ended by the server, which then recovers."""
        sessions = [pid for pid in self.processes[1:] if b"opencme" in _command_of(pid)]
        if sessions:
            kill(sessions[-1])

    def _run(self, program: str, *arguments: str, check: bool = True) -> int:
        command = [str(self._bin / program), f"--pgdata={self._data}", *arguments]
        as_postgres: dict[str, Any] = {}
        if os.geteuid() == 0:
            entry = pwd.getpwnam("postgres")
            as_postgres = {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
        quiet: dict[str, Any] = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        done = subprocess.run(command, cwd="/", check=check, timeout=120, **quiet, **as_postgres)
        return done.returncode


class Installation:
    """A server that is started, harmed, and started again."""

    def __init__(self, folder: Path, database: Sqlite | Postgresql, *, learners: int) -> None:
        self.folder, self.database = folder, database
        self.data = folder / "data"
        self.data.mkdir(exist_ok=True)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        self.environment = environment_of(self.data, database.url) | {
            "OPENCME_BASE_URL": self.url,
            "OPENCME_MAIL_URL": "smtp://127.0.0.1:9",
            "OPENCME_MAIL_FROM": "CME Office <cme@example.org>",
        }
        self.server: subprocess.Popen[bytes] | None = None
        self.worker: subprocess.Popen[bytes] | None = None
        self.errors = (folder / "server.log").open("ab")
        database.start()
        self.command("migrate")
        seed = [sys.executable, ROOT / "bench/seed.py", "--learners", str(learners)]
        users = folder / "users.json"
        subprocess.run([*seed, "--users", users], env=self.environment, check=True, stdout=subprocess.DEVNULL)
        self.accounts: Iterator[dict[str, str]] = iter(json.loads(users.read_text()))

    def command(self, *arguments: str, check: bool = True) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [*OPENCME, *arguments], env=self.environment, capture_output=True, text=True, check=check,
            timeout=120,
        )  # fmt: skip

    # --- the server ------------------------------------------------------------------------------------

    def start(self) -> float:
        """Start what is not running; how many seconds it took until it answered."""
        began = time.monotonic()
        self.server = subprocess.Popen(
            [*OPENCME, "serve", "--port", str(self.port)],
            env=self.environment, stderr=self.errors, stdout=self.errors,
        )  # fmt: skip
        if isinstance(self.database, Postgresql):
            self.start_worker()
        self.wait_until_up()
        return time.monotonic() - began

    def start_worker(self) -> None:
        self.worker = subprocess.Popen(
            [*OPENCME, "worker"], env=self.environment, stderr=self.errors, stdout=self.errors
        )

    def wait_until_up(self) -> None:
        end = time.monotonic() + START_SECONDS
        while time.monotonic() < end:
            if self.server is not None and self.server.poll() is not None:
                raise RuntimeError(f"the server ended: {self.last_words()}")
            if self.answers():
                return
            time.sleep(0.05)
        raise RuntimeError(f"nothing answers within {START_SECONDS} s: {self.last_words()}")

    def answers(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.url}/healthz", timeout=5):
                return True
        except HTTPError as answer:
            answer.close()
            return False
        except OSError:
            return False

    def counted(self) -> dict[str, int]:
        """What the server counted since it was started last."""
        wanted = ("commits_in_doubt", "lost_connections", "storage_refusals", "sheds")
        found = dict.fromkeys(wanted, 0)
        try:
            with urllib.request.urlopen(f"{self.url}/metrics", timeout=10) as answer:
                lines = answer.read().decode().splitlines()
        except OSError:
            return {}
        for line in lines:
            name, _, value = line.partition(" ")
            short = name.removeprefix("opencme_").removesuffix("_total")
            if short in found:
                found[short] += int(float(value))
        return found

    def last_words(self) -> str:
        self.errors.flush()
        return (self.folder / "server.log").read_text(errors="replace")[-6000:]

    @property
    def workers(self) -> list[int]:
        """The processes that answer requests."""
        return children_of(self.server.pid) if self.server else []

    def kill_server(self) -> None:
        """All of it at once."""
        if self.server is None:
            return
        for pid in (self.server.pid, *descendants_of(self.server.pid)):
            kill(pid)
        self.server.wait()
        if self.worker is not None:
            self.kill_worker()

    def kill_worker(self) -> None:
        """The process that does the jobs."""
        if self.worker is not None:
            kill(self.worker.pid)
            self.worker.wait()

    def gone(self) -> list[str]:
        """What should run and does not."""
        named = {"server": self.server, "worker": self.worker}
        return [name for name, process in named.items() if process and process.poll() is not None]

    def stop(self) -> None:
        for process in (self.server, self.worker):
            if process is not None and process.poll() is None:
                process.send_signal(signal.SIGTERM)
        for process in (self.server, self.worker):
            if process is not None:
                try:
                    process.wait(30)
                except subprocess.TimeoutExpired:
                    for pid in (process.pid, *descendants_of(process.pid)):
                        kill(pid)
                    process.wait()

    def close(self) -> None:
        self.stop()
        self.errors.close()

    # --- afterwards ------------------------------------------------------------------------------------

    def compare(self, log: Any) -> dict[str, Any]:
        """What was acknowledged against what is there."""
        path = self.folder / "log.json"
        log.write(path)
        done = subprocess.run(
            [sys.executable, Path(__file__).parent / "compare.py", path],
            env=self.environment, capture_output=True, text=True, check=False, timeout=900,
        )  # fmt: skip
        if done.returncode:
            return {"problems": [f"the comparison failed: {done.stderr[-1500:]}"]}
        result: dict[str, Any] = json.loads(done.stdout)
        return result


def children_of(pid: int) -> list[int]:
    try:
        return [int(one) for one in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def descendants_of(pid: int) -> list[int]:
    return [one for child in children_of(pid) for one in (child, *descendants_of(child))]


def kill(pid: int) -> None:
    with suppress(ProcessLookupError):
        os.kill(pid, signal.SIGKILL)


def _command_of(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


class SmallDisk:
    """A tmpfs of a few megabytes, which a ballast fills."""

    def __init__(self, megabytes: int) -> None:
        self.folder = Path(tempfile.mkdtemp(prefix="opencme-disk-"))
        size = f"size={megabytes}m,mode=0755"
        subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", self.folder], check=True)

    def fill(self, *, leave_bytes: int = 0) -> None:
        with (self.folder / "ballast").open("wb", buffering=0) as ballast:
            try:
                while True:
                    ballast.write(b"\0" * 65536)
            except OSError:
                pass
            if leave_bytes:
                ballast.truncate(max(0, ballast.tell() - leave_bytes))

    def free(self) -> None:
        (self.folder / "ballast").unlink(missing_ok=True)

    def close(self) -> None:
        subprocess.run(["umount", "--lazy", self.folder], check=False)
        shutil.rmtree(self.folder, ignore_errors=True)
