"""Work beside the pages as an operator meets it: other processes, real signals, a real database.

On SQLite the server does it, on PostgreSQL `opencme worker`.
"""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.db import connection
from tests.cli.serving import OPENCME, environment_for, free_port, run

ASK = """
import sys, django
django.setup()
from django.utils import timezone
from opencme.core.jobs import enqueue
label, times, *arguments = sys.argv[1:]
for _ in range(int(times)):
    enqueue(label, *(int(one) if one.isdigit() else one for one in arguments), at=timezone.now())
"""

# Time passes: a worker that was killed is not heard of any longer.
SILENT = """
import django
django.setup()
from datetime import timedelta
from django.db.models import F
from opencme.core.models import Worker
Worker.objects.update(beat_at=F("beat_at") - timedelta(minutes=1))
"""


class Installation:
    """A database, and processes that do its jobs."""

    def __init__(self, environment):
        self.environment = environment
        self.notes_file = Path(environment["WORKER_APP_NOTES"])
        self.notes_file.touch()
        self.processes = []

    def notes(self):
        return self.notes_file.read_text().splitlines()

    def script(self, text, *arguments):
        subprocess.run([sys.executable, "-c", text, *arguments], env=self.environment, check=True, timeout=60)

    def ask(self, label, *arguments, times=1):
        self.script(ASK, label, str(times), *arguments)

    def start(self):
        """Start what does the jobs."""
        command = ["worker"] if connection.vendor == "postgresql" else ["serve", "--port", str(free_port())]
        process = subprocess.Popen(
            [*OPENCME, *command],
            env=self.environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self.processes.append(process)
        return process

    def kill(self, process):
        """No process of it has time for anything."""
        children = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
        for pid in (process.pid, *map(int, children)):
            os.kill(pid, signal.SIGKILL)
        process.communicate()

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.terminate()
                process.communicate(timeout=30)


def wait_for(condition, seconds=90):
    for _ in range(seconds * 20):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError(f"not in {seconds} seconds")


@pytest.fixture
def installation(tmp_path, pytestconfig, request):
    root = pytestconfig.rootpath
    environment = environment_for(tmp_path, root) | {
        "PYTHONPATH": f"{root / 'src'}:{root}",
        "DJANGO_SETTINGS_MODULE": "tests.worker_app.settings",
        "WORKER_APP_NOTES": str(tmp_path / "notes"),
    }
    if connection.vendor == "postgresql":
        request.getfixturevalue("transactional_db")
        at = settings.DATABASES["default"]
        environment["OPENCME_DATABASE_URL"] = (
            f"postgres://{at['USER']}@{at['HOST']}:{at['PORT']}/{connection.settings_dict['NAME']}"
        )
    else:
        assert run(environment, "migrate").returncode == 0
    made = Installation(environment)
    yield made
    made.end()


def test_a_job_whose_worker_is_killed_is_done_by_the_next(installation):
    installation.ask("worker_app.linger", "a", "60")
    first = installation.start()
    wait_for(lambda: installation.notes() == ["a begins"])
    installation.kill(first)
    installation.script(SILENT)
    installation.start()
    wait_for(lambda: installation.notes() == ["a begins", "a begins", "a ends"])


def test_a_stop_lets_the_job_at_hand_end_and_begins_no_other(installation):
    installation.ask("worker_app.linger", "a", "2")
    installation.ask("worker_app.write", "b")
    process = installation.start()
    wait_for(lambda: installation.notes() == ["a begins"])
    process.send_signal(signal.SIGTERM)
    said = process.communicate(timeout=30)[0]
    assert installation.notes() == ["a begins", "a ends"]
    assert process.returncode == 0, said


@pytest.mark.postgresql
def test_two_workers_do_each_job_once_and_a_unique_one_never_at_once(installation):
    installation.ask("worker_app.write", "job", times=30)
    workers = [installation.start(), installation.start()]
    for _ in range(2):
        installation.ask("worker_app.only_one", "it", times=20)
    wait_for(lambda: installation.notes().count("job") == 30)
    wait_for(lambda: installation.notes()[-1] == "it ends")
    for worker in workers:
        worker.terminate()
        worker.communicate(timeout=30)
    assert installation.notes().count("job") == 30
    alone = [line for line in installation.notes() if line.startswith("it")]
    assert alone == ["it begins", "it ends"] * (len(alone) // 2)


@pytest.mark.sqlite
def test_on_sqlite_a_worker_is_refused(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath)
    result = run(environment, "worker")
    assert result.returncode == 1
    assert "`opencme serve` does this work by itself" in result.stderr


def test_a_worker_without_its_settings_is_refused(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath) | {"OPENCME_MAIL_URL": ""}
    result = run(environment, "worker")
    assert result.returncode == 2
    assert "OPENCME_MAIL_URL is not set" in result.stderr
