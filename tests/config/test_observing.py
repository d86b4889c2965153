"""What the layer around the application tells of each request."""

import json
import logging
import re
import time

import pytest
from django.core.exceptions import ValidationError
from django.db import connection
from django.db.utils import DataError, IntegrityError
from django.http import HttpResponse
from django.test import Client
from django.test.client import ClientHandler
from django.utils import timezone
from django.utils.log import log_response
from prometheus_client.parser import text_string_to_metric_families
from tests.journeys.test_new_learner import test_from_the_catalogue_to_the_transcript as whole_way

from opencme.config import observing
from opencme.config.current_request import CurrentRequest, current_request
from opencme.config.logs import json_formatter, text_of, without_addresses
from opencme.config.metrics import exposition, observe_request
from opencme.config.observing import observed
from opencme.core.counting import count
from opencme.core.jobs import enqueue
from opencme.core.jobs.transitions import fail, take_next


def ask(application, *, behind_proxy=True, **environ):
    """Status and headers of the answer of an application with the layer around it."""
    kept = {}

    def start_response(status, headers, *_):
        kept["status"], kept["headers"] = status, dict(headers)

    layered = observed(application, behind_proxy=behind_proxy)
    layered({"REQUEST_METHOD": "GET", "PATH_INFO": "/", **environ}, start_response)
    return kept


def answers(environ, start_response):
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"ok"]


@pytest.fixture
def lines():
    """Everything logged meanwhile, as the lines that `serve` writes."""
    formatter, written = json_formatter(), []

    class Keep(logging.Handler):
        def emit(self, record):
            written.append(json.loads(formatter.format(record)))

    handler, root = Keep(), logging.getLogger()
    level = root.level
    root.addHandler(handler)
    root.setLevel(logging.DEBUG)
    yield written
    root.removeHandler(handler)
    root.setLevel(level)


def figures():
    """Every figure by its name and labels."""
    families = text_string_to_metric_families(exposition().decode())
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


# --- The id of a request ----------------------------------------------------------------


def test_every_answer_has_an_id_of_its_own():
    first, second = (ask(answers)["headers"]["X-Request-ID"] for _ in range(2))
    assert re.fullmatch(r"[0-9a-f]{24}", first)
    assert first != second


def test_the_id_that_a_proxy_gave_is_kept():
    given = {"HTTP_X_REQUEST_ID": "4f0c9c3b2a6d4e0f"}
    assert ask(answers, **given)["headers"]["X-Request-ID"] == "4f0c9c3b2a6d4e0f"
    assert ask(answers, behind_proxy=False, **given)["headers"]["X-Request-ID"] != "4f0c9c3b2a6d4e0f"


@pytest.mark.parametrize("odd", ["", "short", "a" * 65, 'x"}\n{"event":"forged', "nora@example.net"])
def test_an_odd_id_is_replaced(odd):
    assert ask(answers, HTTP_X_REQUEST_ID=odd)["headers"]["X-Request-ID"] != odd


def test_lines_logged_meanwhile_carry_it(lines):
    def logs(environ, start_response):
        logging.getLogger("opencme.somewhere").warning("something happened")
        return answers(environ, start_response)

    identifier = ask(logs)["headers"]["X-Request-ID"]
    (said,) = [line for line in lines if line["event"] == "something happened"]
    assert (said["request_id"], said["level"], said["logger"]) == (identifier, "warning", "opencme.somewhere")
    assert current_request() is None


# --- The line of a request --------------------------------------------------------------


def test_each_request_has_a_line_and_a_slow_one_a_warning(lines, monkeypatch):
    ask(answers)
    monkeypatch.setattr(observing, "SLOW_SECONDS", 0.01)

    def slow(environ, start_response):
        time.sleep(0.02)
        return answers(environ, start_response)

    ask(slow)
    told = [(line["level"], line["event"], line["status"]) for line in lines]
    assert told == [("info", "request", 200), ("warning", "slow request", 200)]
    assert lines[1]["ms"] >= 20


def test_an_application_that_breaks_is_logged_and_counted(lines):
    def breaks(environ, start_response):
        raise RuntimeError("no seat made")

    key = ("opencme_requests_total", ("method", "GET"), ("status", "500"), ("view", "none"))
    before = figures_without_database().get(key, 0)
    assert ask(breaks)["status"] == "500 Internal Server Error"
    (line,) = [line for line in lines if line["level"] == "error"]
    assert line["error"][0]["text"] == "no seat made"
    assert figures_without_database()[key] == before + 1


def figures_without_database():
    from prometheus_client import generate_latest

    from opencme.config.metrics import _memory

    families = text_string_to_metric_families(generate_latest(_memory).decode())
    return {
        (sample.name, *sorted(sample.labels.items())): sample.value
        for family in families
        for sample in family.samples
    }


# --- Figures ----------------------------------------------------------------------------


@pytest.mark.django_db
def test_requests_jobs_and_events_are_figures():
    request = CurrentRequest("x")
    request.view, request.status, request.queries, request.database_seconds = "a_view", 200, 3, 0.25
    count("sheds")
    before = figures()
    observe_request("GET", request, 0.03)
    observe_request("BREW", request, 0.03)
    count("sheds")
    count("sheds")
    after = figures()

    def grown(name, **labels):
        key = (name, *sorted(labels.items()))
        return round(after[key] - before.get(key, 0), 3)

    assert grown("opencme_requests_total", view="a_view", method="GET", status="200") == 1
    assert grown("opencme_requests_total", view="a_view", method="other", status="200") == 1
    assert grown("opencme_request_seconds_bucket", view="a_view", le="0.025") == 0
    assert grown("opencme_request_seconds_bucket", view="a_view", le="0.05") == 2
    assert grown("opencme_database_queries_total", view="a_view") == 6
    assert grown("opencme_database_seconds_total", view="a_view") == 0.5
    assert grown("opencme_sheds_total") == 2
    assert after["opencme_jobs_failed_for_good",] == 0
    assert after["opencme_last_backup_timestamp_seconds",] == 0
    assert after["opencme_disk_free_bytes",] > 0


@pytest.mark.django_db
def test_jobs_that_fail_again_and_again_are_figures_by_name():
    at = timezone.now()
    enqueue("credit.purge_due", at=at)
    for _ in range(3):
        at = fail(take_next("default", worker="one", at=at), ValueError("no"), at=at)
    assert figures()["opencme_jobs_failing", ("name", "credit.purge_due")] == 1


@pytest.mark.django_db
def test_every_figure_is_documented(pytestconfig):
    page = (pytestconfig.rootpath / "docs" / "watching.md").read_text()
    given = re.findall(r"^# HELP (opencme_\S+)", exposition().decode(), re.MULTILINE)
    assert len(given) > 12
    assert [name for name in given if f"`{name}" not in page] == []


@pytest.mark.django_db
def test_statements_are_timed_for_the_request_at_hand():
    def asks(environ, start_response):
        with connection.execute_wrapper(observing._timed), connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            cursor.execute("SELECT 2")
        seen.append((current_request().queries, current_request().database_seconds > 0))
        return answers(environ, start_response)

    seen = []
    ask(asks)
    assert seen == [(2, True)]


# --- What a log never holds ---------------------------------------------------------------


class ObservedHandler(ClientHandler):
    """The handler of Django's client, with our layer around it."""

    def __call__(self, environ):
        kept = []

        def application(environ, start_response):
            kept.append(super(ObservedHandler, self).__call__(environ))
            start_response(f"{kept[0].status_code} ", [])
            return []

        ask(application, **environ)
        return kept[0]


@pytest.mark.django_db
def test_no_line_of_a_whole_way_names_the_person(lines, caplog):
    caplog.set_level(logging.DEBUG)
    browser = Client(
        REMOTE_ADDR="203.0.113.77", HTTP_USER_AGENT="NorasBrowser/1.0", raise_request_exception=False
    )
    browser.handler = ObservedHandler(enforce_csrf_checks=False)
    whole_way(browser)
    browser.get("/verify/7K3M9QTX2VHNC/?name=Nora")
    assert sum(line["event"] == "request" for line in lines) > 15
    said = json.dumps(lines)
    for personal in (
        "Nora",
        "Nowak",
        "nora@",
        "example.net",
        "203.0.113.77",
        "NorasBrowser",
        "7K3M9QTX2VHNC",
    ):
        assert personal not in said, [line for line in lines if personal in json.dumps(line)]


def test_an_error_in_a_view_tells_where_and_not_what_was_typed(lines, rf):
    request = rf.get("/path/nora-nowak/")
    try:
        int("Nora Nowak")
    except ValueError as error:
        said = ("%s: %s", "Internal Server Error", request.path)
        log_response(*said, response=HttpResponse(status=500), request=request, exception=error)
    (line,) = lines
    assert (line["event"], line["level"]) == ("Internal Server Error: an address", "error")
    assert line["error"][0]["type"] == "ValueError"
    assert line["error"][0]["text"] == "(left out)"
    assert "test_observing.py" in line["error"][0]["trace"][-1]
    assert "Nora" not in json.dumps(line)


@pytest.mark.parametrize(
    ("error", "kept"),
    [
        (
            IntegrityError("duplicate key in people_user\nDETAIL: Key (email)=(nora@example.net)"),
            "duplicate key in people_user",
        ),
        (DataError("invalid input: Nora"), "(left out)"),
        (ValidationError("Nora is not a number"), "(left out)"),
        (ConnectionRefusedError(111, "Connection refused"), "[Errno 111] Connection refused"),
        (KeyError("statements"), "'statements'"),
        (OSError("no route to 10.1.2.3"), "no route to [ip]"),
    ],
)
def test_of_an_error_what_speaks_of_the_program_is_kept(error, kept):
    assert text_of(error) == kept


@pytest.mark.parametrize(
    ("said", "kept"),
    [
        ("from <nora.n@example.net> at 203.0.113.7", "from <[address]> at [ip]"),
        ("from 2001:db8::1, ::1 and fe80:0:0:0:0:0:0:1", "from [ip], [ip] and [ip]"),
        ("at 10:20:30 in version 5.2.19, app::thing", "at 10:20:30 in version 5.2.19, app::thing"),
    ],
)
def test_addresses_are_blotted_out(said, kept):
    assert without_addresses(said) == kept


def test_a_cause_is_told_after_its_effect(lines):
    effect = RuntimeError("b")
    effect.__cause__ = KeyError("a")
    logging.getLogger("opencme.somewhere").error("it failed", exc_info=effect)
    assert [error["type"] for error in lines[0]["error"]] == ["RuntimeError", "KeyError"]
