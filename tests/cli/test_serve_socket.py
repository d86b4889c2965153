"""`opencme serve` on a socket and with several processes, as a proxy and Prometheus meet it."""

import http.client
import os
import socket
import stat
import subprocess
import time
import uuid
from contextlib import closing

import psycopg
import pytest
from django.conf import settings
from prometheus_client.parser import text_string_to_metric_families
from tests.cli.serving import OPENCME, environment_for, run

from opencme.cli.figures_folder import PREFIX, figures_folder

TOKEN = "a-token-that-nobody-guesses"


class OverSocket(http.client.HTTPConnection):
    """A connection as a proxy opens it."""

    def __init__(self, path):
        super().__init__("cme.example.org", timeout=10)
        self.path = str(path)

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(10)
        self.sock.connect(self.path)


def ask(path, address, **headers):
    of_a_proxy = {"X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https"}
    with closing(OverSocket(path)) as connection:
        connection.request("GET", address, headers=of_a_proxy | headers)
        with connection.getresponse() as answer:
            return answer.status, answer.read().decode(), answer.headers


def behind_a_proxy(tmp_path, root):
    return environment_for(tmp_path, root) | {
        "OPENCME_BASE_URL": "https://cme.example.org",
        "OPENCME_BEHIND_PROXY": "true",
        "OPENCME_METRICS_TOKEN": TOKEN,
    }


@pytest.fixture
def served(tmp_path, pytestconfig):
    """A function that serves on a socket; what it started ends with the test."""
    started = []

    def serve(environment, *options):
        assert run(environment, "migrate").returncode == 0
        path = tmp_path / "opencme.sock"
        process = subprocess.Popen([*OPENCME, "serve", "--socket", str(path), *options], env=environment)
        started.append(process)
        for _ in range(300):
            assert process.poll() is None
            try:
                if ask(path, "/healthz")[0] == 200:
                    return path
            except OSError:
                time.sleep(0.1)
        raise AssertionError("nothing answers")

    yield serve
    for process in started:
        process.terminate()
        process.wait(30)


@pytest.mark.sqlite
def test_a_proxy_reaches_it_by_its_socket(served, tmp_path, pytestconfig):
    path = served(behind_a_proxy(tmp_path, pytestconfig.rootpath))
    assert stat.S_IMODE(path.stat().st_mode) == 0o660
    status, _, headers = ask(path, "/privacy/", **{"X-Request-ID": "given-by-the-proxy"})
    assert (status, headers["X-Request-ID"]) == (200, "given-by-the-proxy")
    assert ask(path, "/metrics")[0] == 403
    assert ask(path, "/readyz")[1].startswith("ready\n")


@pytest.mark.sqlite
def test_a_socket_without_a_proxy_is_refused(tmp_path, pytestconfig):
    environment = environment_for(tmp_path, pytestconfig.rootpath)
    run(environment, "migrate")
    refused = run(environment, "serve", "--socket", str(tmp_path / "s.sock"))
    assert refused.returncode == 1
    assert "set OPENCME_BEHIND_PROXY to true" in refused.stderr


@pytest.mark.postgresql
def test_figures_of_several_processes_are_added_up(served, tmp_path, pytestconfig):
    base = settings.DATABASES["default"]
    name = f"served_{uuid.uuid4().hex[:12]}"
    where = {"host": base["HOST"], "port": base["PORT"], "user": base["USER"], "password": base["PASSWORD"]}
    with psycopg.connect(dbname="postgres", autocommit=True, **where) as server:
        server.execute(f"CREATE DATABASE {name}")
    url = f"postgres://{base['USER']}:{base['PASSWORD']}@{base['HOST']}:{base['PORT']}/{name}"
    environment = behind_a_proxy(tmp_path, pytestconfig.rootpath) | {"OPENCME_DATABASE_URL": url}
    path = served(environment, "--workers", "2")
    for _ in range(20):
        assert ask(path, "/privacy/")[0] == 200
    token = {"Authorization": f"Bearer {TOKEN}"}
    for _ in range(4):  # whichever of them answers
        samples = samples_of(ask(path, "/metrics", **token)[1])
        assert samples["opencme_requests_total", "privacy"] == 20
        assert samples["opencme_request_seconds_count", "privacy"] == 20


def samples_of(text):
    return {
        (sample.name, sample.labels.get("view", "")): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_the_folder_of_a_killed_server_is_removed(tmp_path, monkeypatch):
    monkeypatch.setenv("RUNTIME_DIRECTORY", str(tmp_path))
    ended = subprocess.Popen(["true"])
    ended.wait()
    left, living = tmp_path / f"{PREFIX}{ended.pid}-abc", tmp_path / f"{PREFIX}{os.getpid()}-abc"
    left.mkdir()
    living.mkdir()
    with figures_folder() as folder:
        assert os.environ["PROMETHEUS_MULTIPROC_DIR"] == str(folder)
        assert sorted(tmp_path.iterdir()) == sorted([folder, living])
    assert list(tmp_path.iterdir()) == [living]
    assert "PROMETHEUS_MULTIPROC_DIR" not in os.environ
