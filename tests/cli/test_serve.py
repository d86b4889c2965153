"""`opencme serve` as an operator meets it: another process, its own database, real signals."""

import os
import signal
import socket
import sqlite3
import subprocess
import time
from contextlib import closing
from pathlib import Path

import pytest
from tests.cli.serving import OPENCME, Served, environment_for, free_port, get, run

# These have a SQLite database of their own, whichever the other tests run on.
pytestmark = pytest.mark.sqlite


@pytest.fixture
def environment(tmp_path, pytestconfig):
    return environment_for(tmp_path, pytestconfig.rootpath)


def test_it_serves_and_ends_cleanly(environment):
    assert run(environment, "migrate").returncode == 0
    with Served(environment) as served:
        assert served.health == 200
        assert get(f"{served.url}/accounts/login/")[0] == 200
        assert get(f"{served.url}/mail/")[0] == 404
    assert (served.process.returncode, served.stderr) == (0, "")


def test_it_keeps_to_one_processor_unless_told_otherwise(environment):
    run(environment, "migrate")
    with Served(environment) as served:
        (worker,) = served.workers
        assert len(os.sched_getaffinity(worker)) == 1
    with Served(environment | {"OPENCME_ONE_PROCESSOR": "false"}) as served:
        (worker,) = served.workers
        assert os.sched_getaffinity(worker) == os.sched_getaffinity(0)


def test_its_help_says_how_many_work_at_once(environment):
    said = " ".join(run(environment, "serve", "--help").stdout.split())
    assert "four for each core, sixteen at most" in said


def test_it_ends_at_once_while_it_still_starts(environment):
    run(environment, "migrate")
    process = subprocess.Popen([*OPENCME, "serve", "--port", str(free_port())], env=environment)
    children = Path(f"/proc/{process.pid}/task/{process.pid}/children")
    while not children.read_text():
        assert process.poll() is None
        time.sleep(0.01)
    time.sleep(0.1)  # the process that will serve loads its pages, which takes more than a second
    begun = time.monotonic()
    process.terminate()
    assert process.wait(30) == 0
    assert time.monotonic() - begun < 10  # it would be killed after twenty


def test_a_process_that_dies_is_replaced(environment):
    run(environment, "migrate")
    with Served(environment) as served:
        time.sleep(6)  # one that dies at once, again and again, ends the server instead
        (worker,) = served.workers
        os.kill(worker, signal.SIGKILL)
        served.wait_until_up(but_not=worker)
    assert served.process.returncode == 0


def test_when_the_server_is_killed_nothing_of_it_stays(environment):
    run(environment, "migrate")
    with Served(environment) as served:
        (worker,) = served.workers
        os.kill(served.process.pid, signal.SIGKILL)
        served.process.wait()
        for _ in range(100):
            if not Path(f"/proc/{worker}").exists():
                break
            time.sleep(0.1)
        assert not Path(f"/proc/{worker}").exists()


def test_unsafe_settings_are_refused_by_name(environment):
    result = run(environment | {"OPENCME_DEBUG": "true", "OPENCME_SECRET_KEY": "secret"}, "serve")
    assert result.returncode == 2
    assert "OPENCME_DEBUG is on." in result.stderr
    assert "OPENCME_SECRET_KEY is too easy to guess." in result.stderr


def test_a_database_older_than_the_program_is_refused(environment):
    result = run(environment, "serve", "--port", str(free_port()))
    assert result.returncode == 1
    assert "run `opencme migrate`" in result.stderr


def test_an_update_that_was_broken_off_before_its_end_is_refused(environment, tmp_path):
    assert run(environment, "migrate").returncode == 0
    with closing(sqlite3.connect(tmp_path / "opencme.sqlite3")) as database:
        database.execute("DROP TRIGGER core_auditentry_no_update")
    result = run(environment, "serve", "--port", str(free_port()))
    assert result.returncode == 1
    assert "(triggers missing: 1). Run `opencme migrate`, which ends it." in result.stderr
    assert run(environment, "migrate").returncode == 0
    with Served(environment) as served:
        assert served.health == 200


def test_two_processes_on_sqlite_are_refused(environment):
    result = run(environment, "serve", "--workers", "2")
    assert result.returncode == 1
    assert "OPENCME_DATABASE_URL names SQLite, which serves one process." in result.stderr


def test_a_second_server_on_the_file_is_refused(environment):
    run(environment, "migrate")
    with Served(environment) as served:
        result = run(environment, "serve", "--port", str(free_port()))
        assert result.returncode == 1
        assert "opencme.sqlite3 is served already, by process" in result.stderr
        assert f"{served.process.pid} at 127.0.0.1:{served.port}" in result.stderr
    with Served(environment) as served:
        assert served.health == 200


def test_a_port_in_use_is_said_at_once(environment):
    run(environment, "migrate")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(environment, "serve", "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in result.stderr
