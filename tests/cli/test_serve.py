"""`opencme serve` as an operator meets it: another process, its own database, real signals."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from urllib.error import HTTPError

import pytest

OPENCME = [sys.executable, "-m", "opencme"]

# These have a SQLite database of their own, whichever the other tests run on.
pytestmark = pytest.mark.sqlite


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@pytest.fixture
def environment(tmp_path, pytestconfig):
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("OPENCME_", "DJANGO_"))}
    return ours | {
        "PYTHONPATH": str(pytestconfig.rootpath / "src"),
        "OPENCME_SECRET_KEY": "kX3vQ9tLm2Zp7RbW5nYc8HdJ4gFs6TqUeAiOoPyMxVwZrBhK1l",
        "OPENCME_BASE_URL": "http://127.0.0.1",
        "OPENCME_DATABASE_URL": f"sqlite:///{tmp_path}/opencme.sqlite3",
        "OPENCME_DATA_DIR": str(tmp_path),
        "OPENCME_MAIL_URL": "smtp://127.0.0.1:9",
        "OPENCME_MAIL_FROM": "CME Office <cme@example.org>",
    }


def run(environment, *arguments):
    return subprocess.run(
        [*OPENCME, *arguments], env=environment, capture_output=True, text=True, timeout=60, check=False
    )


def get(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, answer.read()
    except HTTPError as answer:
        with answer:
            return answer.code, answer.read()


def wait_until_up(port, server):
    for _ in range(300):
        assert server.poll() is None, server.stderr.read()
        try:
            return get(f"http://127.0.0.1:{port}/healthz")
        except OSError:
            time.sleep(0.1)
    raise AssertionError("nothing answers within thirty seconds")


def test_it_serves_and_ends_cleanly(environment):
    assert run(environment, "migrate").returncode == 0
    port = free_port()
    server = subprocess.Popen(
        [*OPENCME, "serve", "--port", str(port)], env=environment, stderr=subprocess.PIPE, text=True
    )
    try:
        assert wait_until_up(port, server)[0] == 200
        assert get(f"http://127.0.0.1:{port}/accounts/login/")[0] == 200
        assert get(f"http://127.0.0.1:{port}/mail/")[0] == 404
    finally:
        server.send_signal(signal.SIGTERM)
        stderr = server.communicate(timeout=30)[1]
    assert (server.returncode, stderr) == (0, "")


def test_unsafe_settings_are_refused_by_name(environment):
    result = run(environment | {"OPENCME_DEBUG": "true", "OPENCME_SECRET_KEY": "secret"}, "serve")
    assert result.returncode == 2
    assert "OPENCME_DEBUG is on." in result.stderr
    assert "OPENCME_SECRET_KEY is too easy to guess." in result.stderr


def test_a_database_older_than_the_program_is_refused(environment):
    result = run(environment, "serve", "--port", str(free_port()))
    assert result.returncode == 1
    assert "run `opencme migrate`" in result.stderr


def test_two_processes_on_sqlite_are_refused(environment):
    result = run(environment, "serve", "--workers", "2")
    assert result.returncode == 1
    assert "OPENCME_DATABASE_URL names SQLite, which serves one process." in result.stderr


def test_a_port_in_use_is_said_at_once(environment):
    run(environment, "migrate")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        result = run(environment, "serve", "--port", str(port))
    assert result.returncode == 1
    assert f"Port {port} on 127.0.0.1 cannot be used" in result.stderr
