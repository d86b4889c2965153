"""What machines that watch the server are told."""

import pytest
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import OperationalError

from opencme.config import probes
from opencme.config.probes import may_see_metrics, readiness, with_probes, with_sign_of_life


def ask(path, *, method="GET", **environ):
    kept = {}

    def start_response(status, headers):
        kept["status"], kept["headers"] = int(status[:3]), dict(headers)

    def beyond(environ, start_response):
        start_response("418 I'm a teapot", [])
        return [b""]

    application = with_sign_of_life(with_probes(beyond))
    environ = {"PATH_INFO": path, "REQUEST_METHOD": method, "REMOTE_ADDR": "127.0.0.1", **environ}
    return {"body": b"".join(application(environ, start_response)).decode(), **kept}


@pytest.fixture(autouse=True)
def _forget(monkeypatch):
    monkeypatch.setattr(probes, "_last_said", probes._Said(ready=False, words="", until=0.0))
    monkeypatch.setattr(probes, "_known_to_be_applied", False)


def test_alive_without_a_database(django_db_blocker):
    answer = ask("/healthz", HTTP_HOST="10.0.0.7")
    assert (answer["status"], answer["body"]) == (200, "ok\n")
    assert ask("/healthz", method="HEAD")["body"] == ""
    assert ask("/elsewhere")["status"] == 418


@pytest.mark.django_db
def test_ready():
    answer = ask("/readyz")
    assert answer["status"] == 200
    assert answer["body"].splitlines() == [
        "ready",
        "database: ok",
        "migrations: ok",
        "disk: ok",
        "work: nobody does it",
    ]


@pytest.mark.django_db
def test_not_ready_without_migrations():
    MigrationRecorder(connection).migration_qs.filter(app="credit").delete()
    answer = ask("/readyz")
    assert answer["status"] == 503
    assert "migrations: some are missing" in answer["body"]


@pytest.mark.django_db
def test_not_ready_without_a_disk(settings, tmp_path):
    settings.OPENCME_DATA_DIR = tmp_path / "gone"
    assert ask("/readyz")["body"].splitlines()[0] == "not ready"


@pytest.mark.django_db
def test_not_ready_without_a_database():
    def refuse(*_):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        answer = ask("/readyz")
    assert answer["status"] == 503
    assert "database: does not answer" in answer["body"]


@pytest.mark.django_db
def test_however_often_one_asks_the_database_is_asked_seldom(django_assert_num_queries):
    readiness()
    with django_assert_num_queries(0):
        for _ in range(100):
            readiness()


@pytest.mark.django_db
def test_figures_are_given_without_a_database_too():
    def refuse(*_):
        raise OperationalError("the server closed the connection")

    with connection.execute_wrapper(refuse):
        lines = ask("/metrics")["body"].splitlines()
    assert "opencme_database_up 0.0" in lines
    assert "opencme_database_up 1.0" in ask("/metrics")["body"].splitlines()


@pytest.mark.parametrize(
    ("environ", "token", "may"),
    [
        ({"REMOTE_ADDR": "127.0.0.1"}, "", True),
        ({"REMOTE_ADDR": "::1"}, "", True),
        ({"REMOTE_ADDR": "203.0.113.7"}, "", False),
        ({"REMOTE_ADDR": ""}, "", False),
        ({}, "", False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_X_FORWARDED_FOR": "203.0.113.7"}, "", False),
        ({"REMOTE_ADDR": "127.0.0.1", "HTTP_VIA": "1.1 proxy"}, "", False),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer secret"}, "secret", True),
        ({"REMOTE_ADDR": "203.0.113.7", "HTTP_AUTHORIZATION": "Bearer wrong"}, "secret", False),
        ({"REMOTE_ADDR": "127.0.0.1"}, "secret", False),
    ],
)
def test_who_may_see_metrics(environ, token, may):
    assert may_see_metrics(environ, token=token) is may


@pytest.mark.django_db
def test_metrics_are_refused_with_words_and_given_as_text():
    refused = ask("/metrics", REMOTE_ADDR="203.0.113.7")
    assert refused["status"] == 403
    assert "OPENCME_METRICS_TOKEN" in refused["body"]
    given = ask("/metrics")
    assert given["headers"]["Content-Type"].startswith("text/plain; version=")
    assert "# HELP opencme_requests_total Requests answered." in given["body"]
